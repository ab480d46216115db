"""Confirmation: which config is recommended, and which is worth training once more to know."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tunesmith.search.propose.acquisition import log_gain_again
from tunesmith.search.propose.candidates import keys
from tunesmith.search.propose.forecast import Forecast, Seen
from tunesmith.search.propose.ranges import Ranges

Floats = NDArray[np.float64]

TRAININGS: Final = 5
"""No config is trained more often."""
RIVALS: Final = 10
"""So many of the best may be trained again."""
APART: Final = 1.0
"""Two means are too close to tell apart within so many deviations of their difference."""
TIED: Final = 0.2
"""Within so many, nothing is lost by choosing on other grounds."""


def best_again(tried: Forecast, seen: Seen, ranges: Ranges) -> tuple[Floats, float] | None:
    """Return the tried point [D] in `ranges` whose next training is worth most, and its log.

    None if fewer than two configs were tried, or the best were all trained often enough.
    """
    rivals = tried.points[:RIVALS]
    if len(rivals) < 2:
        return None
    trained = seen.trained
    count = np.array([trained[key] for key in keys(rivals)])
    logs = log_gain_again(tried.mean[:RIVALS], tried.deviation[:RIVALS], tried.noise)
    open_to_it = (count < TRAININGS) & ranges.holds(rivals)
    logs[~open_to_it] = -np.inf
    best = int(logs.argmax())
    return (rivals[best], float(logs[best])) if open_to_it[best] else None


def too_close(tried: Forecast, apart: float = APART) -> Floats:
    """Return the points [C, D] that cannot be told from the one with the smallest mean, it first.

    That is, whose means lie no more than `apart` deviations of their difference from it.
    """
    gap = tried.mean - tried.mean[0]
    close: Floats = tried.points[gap <= apart * np.hypot(tried.deviation, tried.deviation[0])]
    return close
