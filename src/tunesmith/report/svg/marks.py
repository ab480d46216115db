"""Trials as marks: a shape says how a trial ended, a shade how good it is."""

from collections.abc import Sequence
from typing import Final

from tunesmith.report.svg.elements import element
from tunesmith.study import Study
from tunesmith.trial import State, Trial

SHADES: Final = 5
"""Shades of a rank, the darkest for the best."""
RADIUS: Final = 3.0


def mark(trial: Trial, x: float, y: float, shade: int) -> str:
    """Return a trial's mark: full when done, hollow when stopped, a cross when it went wrong."""
    r = RADIUS
    if trial.state.bad:
        side = f"{2 * r:.0f}"
        d = f"M{x - r:.1f},{y - r:.1f}l{side},{side}m0,-{side}l-{side},{side}"
        return element("path", class_="cross", d=d)
    kind = "full" if trial.state is State.DONE else "hollow"
    return element("circle", class_=f"{kind} shade{shade}", cx=x, cy=y, r=r)


def order(study: Study, trials: Sequence[Trial]) -> list[Trial]:
    """Return trials in the order of their worth, the best first.

    Who was trained further is better than who was not, and then who has the smaller loss.
    """
    return sorted(trials, key=lambda t: (t.state.bad, -t.epochs_trained, study.loss(t), t.number))


def shades(ordered: Sequence[Trial]) -> dict[int, int]:
    """Return the shade of each trial by its number: 0 for the best fifth, 4 for the last."""
    return {trial.number: SHADES * rank // len(ordered) for rank, trial in enumerate(ordered)}


def few(ordered: Sequence[Trial], most: int) -> list[Trial]:
    """Return at most so many of the trials, evenly by rank, the best among them."""
    if len(ordered) <= most:
        return list(ordered)
    return [ordered[len(ordered) * at // most] for at in range(most)]
