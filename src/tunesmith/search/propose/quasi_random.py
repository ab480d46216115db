"""Quasi-random search: points that leave smaller gaps than chance does."""

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, final

import numpy as np
from numpy.typing import NDArray

from tunesmith import rng
from tunesmith.history import History
from tunesmith.search.ladder.full import Full
from tunesmith.search.protocol import Ladder, Search
from tunesmith.study import Start, Study
from tunesmith.trial import Config

BLOCK = 1024
"""Points made at a time; a Sobol sequence is balanced over powers of two."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SobolSearch(Search):
    """Take the points of a scrambled Sobol sequence in turn (Sobol 1967, Owen 1998)."""

    name: ClassVar[str] = "sobol"
    looks_back: ClassVar[bool] = False
    ladder: Ladder = Full()

    def propose(self, study: Study, history: History, epochs: int) -> Start:
        """Return the config at the sequence's point number len(history.trials)."""
        block, place = divmod(len(history.trials), BLOCK)
        points = sobol_block(study.seed, len(study.space), block)
        return Start(Config(study.space.decode(points[place])), epochs)


@lru_cache(maxsize=4)
def sobol_block(seed: int, dimensions: int, block: int) -> NDArray[np.float64]:
    """Return points block * BLOCK up to the next block, [BLOCK, dimensions] in [0, 1)."""
    from scipy.stats import qmc  # takes half a second to import

    sequence = qmc.Sobol(dimensions, scramble=True, rng=rng.stream(seed, "sobol"))
    if block:  # scipy refuses to go forward by nothing
        sequence.fast_forward(block * BLOCK)
    points: NDArray[np.float64] = sequence.random(BLOCK)
    points.flags.writeable = False
    return points
