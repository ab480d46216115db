"""Losses as a model likes them: spread out where it matters, near the best."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]

WORST: Final = 0.9
"""Losses beyond this quantile are all as bad: how bad says nothing of where the best lie."""
BEND: Final = 0.1
"""Gaps to the best are told apart by difference below this share of the median gap, by ratio
above it."""
MOST_BENDS: Final = 1e30
"""Gaps beyond so many bends are all as bad: else one huge loss makes all others look alike."""
SMALLEST_WIDTH: Final = 2.0**-600
"""Losses that differ by less are scaled up before they are compared."""


def comparable(trials: Whole, epochs: Whole, losses: Floats, count: int) -> Floats:
    """Return one loss for each of `count` trials, as if all had been measured after as many epochs.

    `losses` [M] were measured of `trials` [M] after `epochs` [M]; they are not finite where a trial
    went wrong. On the lowest rung a loss is what it is. Those that came to a higher rung share out
    the losses they had below, in the order in which they stand now: so a rung needs no scale, and
    being promoted is no merit. Who began on that rung takes the loss of the next better there.
    """
    told = np.full(count, np.nan)
    if (epochs == epochs[:1]).all():  # most often: nobody was promoted
        told[trials] = np.where(np.isfinite(losses), losses, np.inf)
        return told
    for rung in np.unique(epochs):
        at, here = trials[epochs == rung], losses[epochs == rung]
        order = np.argsort(here, kind="stable")
        at, here = at[order], here[order]
        came = np.isfinite(told[at]) & np.isfinite(here)
        before = np.sort(told[at[came]])
        place = np.cumsum(came) - 1
        shared = before[np.maximum(place, 0)] if len(before) else here
        told[at] = np.where(np.isfinite(here), shared, np.inf)
    return told


def spread_out(losses: Floats) -> Floats:
    """Return `losses` [N] as log(1 + gap to the smallest / bend), with mean 0 and variance 1.

    What is not finite counts as worst. Adding to all losses, or multiplying them, changes nothing.
    If all are alike, all are 0.
    """
    well = np.isfinite(losses)
    finite = np.sort(losses[well])
    if len(finite) == 0 or finite[0] == finite[-1]:
        marks = (~well).astype(np.float64)
    else:
        scale = _scale(finite)
        finite, losses = finite * scale, losses * scale
        best = float(finite[0])
        bend = BEND * (_quantile(finite, 0.5) - best) or BEND * (float(finite[-1]) - best)
        worst = max(_quantile(finite, WORST), best + bend)
        gaps = np.where(well, np.minimum(losses, worst), worst) - best
        with np.errstate(over="ignore"):
            marks = np.log1p(np.minimum(gaps / bend, MOST_BENDS))
    deviation = marks.std()
    return (marks - marks.mean()) / deviation if deviation > 0 else np.zeros(len(losses))


def _scale(ascending: Floats) -> float:
    """Return a power of two to multiply losses by, so that gaps neither overflow nor vanish.

    It is 1 for all but the largest and the smallest of floats.
    """
    width = float(ascending[-1]) - float(ascending[0])
    if width == math.inf:
        return 0.25
    return 1.0 if width > SMALLEST_WIDTH else 1.0 / SMALLEST_WIDTH


def _quantile(ascending: Floats, share: float) -> float:
    """Return that of two or more sorted numbers; np.quantile takes longer than all the rest."""
    place = share * (len(ascending) - 1)
    below = min(int(place), len(ascending) - 2)
    low, high = ascending[below : below + 2].tolist()
    return float(low + (place - below) * (high - low))
