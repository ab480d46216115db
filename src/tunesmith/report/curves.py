"""Learning curves: which are drawn, and with which points."""

from collections.abc import Iterable
from typing import Final

from tunesmith.history import History
from tunesmith.report.rows import plain
from tunesmith.report.thinning import thinned
from tunesmith.study import Study
from tunesmith.trial import Trial

DRAWN: Final = 200
"""Curves of one picture at most."""
POINTS: Final = 64
"""Points of one curve at most."""

Curve = list[list[float | int | str]]
"""The epochs, and the metric after each."""


def curve(study: Study, trial: Trial) -> Curve:
    """Return a trial's curve, thinned; text where the metric was not finite."""
    points = [
        (m.epoch, m.metrics[study.metric]) for m in trial.measurements if study.metric in m.metrics
    ]
    few = thinned(points, POINTS)
    return [[epoch for epoch, _ in few], [plain(value) for _, value in few]]


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


def curves(study: Study, trials: Iterable[Trial]) -> dict[str, Curve]:
    """Return the curves of trials by their number."""
    return {str(trial.number): curve(study, trial) for trial in trials}
