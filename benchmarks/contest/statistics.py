"""A mean over tables and seeds, and its interval from a bootstrap of both levels."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tunesmith.rng import stream

DRAWS = 4000
"""Enough for two digits of an interval's ends."""


class Estimate(NamedTuple):
    """A mean, and its 95 % interval."""

    value: float
    low: float
    high: float


def estimate(tables: Sequence[NDArray[np.float64]]) -> Estimate:
    """Return the mean over `tables` of each one's mean over its seeds.

    The interval is of a two-level bootstrap: tables are drawn with replacement, then seeds within
    each (Davison and Hinkley 1997, section 3.8). With one table it is an interval over seeds.
    """
    seeds = np.array([len(values) for values in tables])
    padded = np.zeros((len(tables), seeds.max()))
    for row, values in zip(padded, tables, strict=True):
        row[: len(values)] = values
    rng = stream(0, "bootstrap", len(tables))
    drawn = rng.integers(len(tables), size=(DRAWS, len(tables)))
    sizes = seeds[drawn][..., None]
    places = (rng.random((*drawn.shape, seeds.max())) * sizes).astype(np.intp)
    within = np.arange(seeds.max()) < sizes
    sums = np.where(within, padded[drawn[..., None], places], 0.0).sum(-1)
    low, high = np.quantile((sums / seeds[drawn]).mean(-1), [0.025, 0.975])
    return Estimate(float(np.mean([values.mean() for values in tables])), float(low), float(high))


def geometric(tables: Sequence[NDArray[np.float64]]) -> Estimate:
    """Return the geometric mean of positive values in the same way."""
    return Estimate(*np.exp(estimate([np.log(values) for values in tables])).tolist())
