"""Advice: what the results of a study say, the most useful first."""

from typing import Final
from weakref import WeakKeyDictionary

from tunesmith.blas import briefly_one_blas_thread
from tunesmith.history import History
from tunesmith.search.advise.agreement import agreement
from tunesmith.search.advise.bounds import bounds
from tunesmith.search.advise.diverged import diverged
from tunesmith.search.advise.fairness import fairness
from tunesmith.search.advise.gain import gain
from tunesmith.search.advise.importance import importance
from tunesmith.search.advise.scales import scales
from tunesmith.study import Advice, Recommendation, Study

MOST: Final = 12
"""Pieces of advice: nobody reads more."""
FEWEST: Final = 8
"""Of fewer trials that ended nothing can be said."""

Kept = tuple[int, Recommendation | None, tuple[Advice, ...]]

_KEPT: WeakKeyDictionary[History, Kept] = WeakKeyDictionary()


def advise(
    study: Study, history: History, chosen: Recommendation | None = None
) -> tuple[Advice, ...]:
    """Return what can be said of the results so far, where `chosen` is recommended.

    First what is certain, by kind: diverging values, bounds, scales, fairness, gain, importance,
    agreement; then what cannot be told. It is kept as long as the history does not change.
    """
    kept = _KEPT.get(history)
    if kept is None or kept[:2] != (history.version, chosen):
        found = _found(study, history, chosen)
        kept = _KEPT[history] = history.version, chosen, found
    return kept[2]


def _found(study: Study, history: History, chosen: Recommendation | None) -> tuple[Advice, ...]:
    if len(history.endings) < FEWEST:
        return ()
    with briefly_one_blas_thread():
        ends = bounds(study, history)
        crowded = {piece.param for piece in ends}
        found = (
            *diverged(study, history),
            *ends,
            # what a range cuts off bends the losses too, so that its scale cannot be judged
            *(piece for piece in scales(study, history) if piece.param not in crowded),
            *fairness(study, history, chosen),
            *gain(study, history),
            *importance(study, history),
            *agreement(study, history),
        )
    return tuple(sorted(found, key=lambda advice: not advice.certain)[:MOST])
