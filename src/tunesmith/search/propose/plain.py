"""Coarse to fine without a model: round the best trials, ever more closely."""

from collections.abc import Container
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tunesmith.search.propose.axes import Axes
from tunesmith.search.propose.candidates import anywhere, near, untried
from tunesmith.search.propose.ranges import Ranges
from tunesmith.search.propose.rounds import FIRST

Floats = NDArray[np.float64]

COARSE: Final = 0.6
"""The largest deviation of a move after the first round, in units of the range as given."""
FINE: Final = 0.15
"""The largest deviation in the end; in between it falls with the root of the trials."""
FINEST: Final = 0.1
"""The smallest deviation of a move."""
DRAWS: Final = 16
"""So many are drawn near, and as many evenly, before the ranges count as tried out."""


def around(
    axes: Axes,
    ranges: Ranges,
    best: Floats,
    trials: int,
    tried: Container[bytes],
    chance: np.random.Generator,
) -> Floats | None:
    """Return a new point [D] a few moves from the `best` [B, D]; None if none is found.

    It starts between two of the best, taking each coordinate from one of them. The moves grow
    smaller with the number of `trials` made.
    """
    widest = max(FINE, COARSE * (FIRST / max(trials, FIRST)) ** 0.5)
    one, other = chance.integers(len(best), size=(2, DRAWS))
    first = chance.random((DRAWS, best.shape[1])) < 0.5
    between = axes.rounded(np.where(first, best[one], best[other]))
    drawn = near(axes, ranges, between, DRAWS, chance, (FINEST, widest))
    places = np.concatenate([drawn, anywhere(axes, ranges, DRAWS, chance)])
    fresh = untried(places[ranges.holds(places)], tried)
    return fresh[0] if len(fresh) else None
