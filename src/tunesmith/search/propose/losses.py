"""Losses as a model likes them: spread out where it matters, near the best."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WORST: Final = 0.9
"""Losses beyond this quantile are all as bad: how bad says nothing of where the best lie."""
BEND: Final = 0.1
"""Gaps to the best are told apart by difference below this share of the median gap, by ratio
above it."""


def comparable(losses: Floats, epochs: NDArray[np.intp]) -> Floats:
    """Return `losses` [N] that were measured after so many `epochs` [N] each, on one scale.

    After the same number of epochs they are as they are. Else they are ranks: who came farther is
    better, as it was found better on the way; among equals the loss decides.
    """
    finite = np.isfinite(losses)
    if len(losses) == 0 or (epochs[finite] == epochs[finite][:1]).all():
        return losses
    order = np.lexsort((losses, -epochs, ~finite))
    ranks = np.empty(len(losses))
    ranks[order] = np.arange(len(losses))
    return np.where(finite, ranks, np.inf)


def spread_out(losses: Floats) -> Floats:
    """Return `losses` [N] as log(1 + gap to the smallest / bend), with mean 0 and variance 1.

    What is not finite counts as worst. Adding to all losses, or multiplying them, changes nothing.
    If all are alike, all are 0.
    """
    finite = losses[np.isfinite(losses)]
    if len(finite) == 0 or finite.min() == finite.max():
        marks = (~np.isfinite(losses)).astype(np.float64)
    else:
        best = finite.min()
        bend = BEND * (np.median(finite) - best) or BEND * (finite.max() - best)
        worst = max(np.quantile(finite, WORST), best + bend)
        marks = np.log1p(
            (np.where(np.isfinite(losses), np.minimum(losses, worst), worst) - best) / bend
        )
    deviation = marks.std()
    return (marks - marks.mean()) / deviation if deviation > 0 else np.zeros(len(losses))
