"""Learning curves: which are drawn, and with which points."""

from collections.abc import Iterable, Sequence
from typing import Final

from tunesmith.history import History
from tunesmith.report.rows import plain
from tunesmith.report.thinning import thinned
from tunesmith.trial import Trial

DRAWN: Final = 200
"""Curves of one picture at most."""
POINTS: Final = 64
"""Points of one curve at most."""

LINES: Final = 4
"""Metrics of which there are curves at most."""

Curve = list[list[float | int | str | None]]
"""The epochs, and each metric after them; None where it was not measured."""


def lines(history: History) -> list[str]:
    """Return the metrics of which there are curves: the study's, then others of each epoch."""
    metric = history.study.metric
    first = next((t for t in history.trials if len(t.measurements) > 1), None)
    others = [] if first is None else [n for n in first.measurements[0].metrics if n != metric]
    return [metric, *others][:LINES]


def curve(names: Sequence[str], trial: Trial) -> Curve:
    """Return a trial's curves, thinned by the first metric; text where one was not finite."""
    points = [
        (at, m.metrics[names[0]])
        for at, m in enumerate(trial.measurements)
        if names[0] in m.metrics
    ]
    few = [trial.measurements[at] for at, _ in thinned(points, POINTS)]
    return [
        [m.epoch for m in few],
        *([plain(m.metrics[name]) if name in m.metrics else None for m in few] for name in names),
    ]


def drawn(history: History, most: int = DRAWN) -> list[Trial]:
    """Return the trials whose curves are drawn: the best half, and others evenly by number."""
    measured = [trial for trial in history.trials if len(trial.measurements) > 1]
    if len(measured) <= most:
        return measured
    best = [trial for trial in history.ranked() if len(trial.measurements) > 1][: most // 2]
    chosen = {trial.number for trial in best}
    others = [trial for trial in measured if trial.number not in chosen]
    rest = most - len(best)
    spread = (others[len(others) * at // rest] for at in range(rest)) if others else ()
    return sorted({t.number: t for t in (*best, *spread)}.values(), key=lambda t: t.number)


def curves(history: History, trials: Iterable[Trial]) -> dict[str, Curve]:
    """Return the curves of trials by their number."""
    names = lines(history)
    return {str(trial.number): curve(names, trial) for trial in trials}
