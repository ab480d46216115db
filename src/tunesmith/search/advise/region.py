"""Where a study has looked: the whole space, and the good region within it."""

from typing import Final

import numpy as np

from tunesmith.history import History
from tunesmith.search.advise.judged import Judged
from tunesmith.search.propose.axes import Axes
from tunesmith.search.propose.ranges import Ranges, as_given

GOOD: Final = 0.25
"""Where a search has no rounds, the good region is where this share of the trials lies."""


def whole_space(axes: Axes, history: History) -> Ranges:
    """Return the whole space: as given, or as far as a search has widened it."""
    if not history.rounds:
        return as_given(axes)
    last = history.rounds[-1]
    return Ranges(low=np.array(last.whole_low), high=np.array(last.whole_high))


def good_region(axes: Axes, history: History, rung: Judged) -> Ranges | None:
    """Return the ranges of the last round, or else those of the best quarter of a rung.

    All options of a Choice belong to it. None where no trial of the rung has a finite loss.
    """
    if len(history.rounds) > 1:
        last = history.rounds[-1]
        return Ranges(low=np.array(last.low), high=np.array(last.high))
    best = rung.points[: int(np.ceil(GOOD * rung.usable))]
    if len(best) == 0:
        return None
    numbers = axes.options == 0
    return Ranges(
        low=np.where(numbers, best.min(axis=0), 0.0), high=np.where(numbers, best.max(axis=0), 1.0)
    )
