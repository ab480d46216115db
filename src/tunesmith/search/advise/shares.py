"""Shares: how much of the differences between configs each param carries, and how sure that is.

The total effect of a param (Homma and Saltelli 1996) is the share of the variance that is left
when all others are held fixed: what it does alone, and with others. It is found by Jansen's
pick-freeze (1999) on the mean of a surrogate, over places spread evenly over a part of the space.
How sure it is, is found by models of the same trials without a quarter of them, drawn at random:
the delete-d jackknife (Shao and Wu 1989), whose variance is that between these models times
(N - d) / d.
All these are compared at the same places, so that few suffice to tell how far they differ; what is
said of a param comes from many, since a share counted at few may be off by more than they differ.
"""

from dataclasses import dataclass
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from tunesmith.search.advise.judged import Judged
from tunesmith.search.advise.modelled import MODELLED, modelled
from tunesmith.search.propose.axes import Axes
from tunesmith.search.propose.ranges import Ranges
from tunesmith.search.propose.surrogate import Surrogate

Floats = NDArray[np.float64]

PLACES: Final = 1024
"""Places at which every param is moved,"""
FEW_PLACES: Final = 128
"""and those at which models are compared."""
LEFT_OUT: Final = 4
"""One trial in so many is left out,"""
DRAWS: Final = 16
"""so many times."""
STUDENT_95: Final = 2.131
"""Half a 95 % interval in deviations that are estimated from so many draws: Student's t."""
STEPS: Final = 6
"""Steps of L-BFGS for models of a part of the trials; twice as many let shares differ no more."""
FORETOLD: Final = 0.2
"""Models that foretell less than this share of the differences between trials they have not seen
say nothing."""
FLAT: Final = 1e-9
"""Below this variance of the mean, where marks have variance 1, there is nothing to share."""


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shares:
    """What every param carries; all [D]."""

    share: Floats
    low: Floats
    """The lower ends of the 95 % intervals."""
    high: Floats


def shares(axes: Axes, rung: Judged, ranges: Ranges, chance: np.random.Generator) -> Shares | None:
    """Return the shares within `ranges`; None if a model cannot tell trials apart there."""
    seen = rung.thinned(MODELLED)
    points, marks = seen.points, seen.marks
    places = _places(axes, ranges, FEW_PLACES, chance)
    whole = modelled(axes, points, marks)
    effects = total_effects(whole, places)
    left_out = len(seen) // LEFT_OUT
    found, missed, spread = [], 0.0, 0.0
    for _ in range(DRAWS):
        order = chance.permutation(len(seen))
        out, kept = order[:left_out], np.sort(order[left_out:])
        model = modelled(axes, points[kept], marks[kept], STEPS)
        found.append(total_effects(model, places))
        missed += float(((marks[out] - model.mean(points[out])) ** 2).sum())
        spread += float(((marks[out] - marks[kept].mean()) ** 2).sum())
    if missed > (1.0 - FORETOLD) * spread:
        return None
    away = ((np.array(found) - effects) ** 2).mean(axis=0)
    margin = STUDENT_95 * np.sqrt(away * (len(seen) - left_out) / left_out)
    share = total_effects(whole, _places(axes, ranges, PLACES, chance))
    return Shares(
        share=share, low=np.maximum(share - margin, 0.0), high=np.minimum(share + margin, 1.0)
    )


def _places(axes: Axes, ranges: Ranges, many: int, chance: np.random.Generator) -> Floats:
    """Return `many` places, [D + 2, P, D]: two lots, and the first with each param's value moved.

    The value that it is moved to is that of the second lot.
    """
    count = len(axes.options)
    units = chance.random((2, many, count))
    one, other = ranges.low + (ranges.high - ranges.low) * units
    lots = [one, other]
    for at in range(count):
        moved = one.copy()
        moved[:, at] = other[:, at]
        lots.append(moved)
    return np.array([axes.rounded(lot) for lot in lots])


def total_effects(model: Surrogate, places: Floats) -> Floats:
    """Return the total effects [D] by Jansen's estimator, 1 at most; all 0 where it is flat."""
    mean = model.mean(places.reshape(-1, places.shape[-1]))
    one, other, *moved = mean.reshape(len(places), -1)
    variance = float(np.concatenate([one, other]).var())
    effects: Floats = ((np.array(moved) - one) ** 2).mean(axis=1) / max(2.0 * variance, FLAT)
    return np.minimum(effects, 1.0)
