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
    """Return the mean over `tables` of each one's mean over its seeds, with its interval."""
    return between(mean(tables), drawn(tables))


def geometric(tables: Sequence[NDArray[np.float64]]) -> Estimate:
    """Return the geometric mean of positive values in the same way."""
    return Estimate(*np.exp(estimate([np.log(values) for values in tables])).tolist())


def quotient(
    above: Sequence[NDArray[np.float64]], below: Sequence[NDArray[np.float64]]
) -> Estimate:
    """Return the ratio of two means in the same way; both of the same tables and seeds.

    It is infinite where the mean below is 0.
    """
    ratios = np.full(DRAWS, np.inf)
    over, under = drawn(above), drawn(below)
    np.divide(over, under, out=ratios, where=under > 0)
    return between(mean(above) / mean(below) if mean(below) else np.inf, ratios)


def mean(tables: Sequence[NDArray[np.float64]]) -> float:
    """Return the mean of the tables' means."""
    return float(np.mean([values.mean() for values in tables]))


def between(value: float, draws: NDArray[np.float64]) -> Estimate:
    """Return a value with the interval that its draws give."""
    low, high = np.quantile(draws, [0.025, 0.975], method="inverted_cdf")
    return Estimate(value, float(low), float(high))


def drawn(tables: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the means [DRAWS] of a two-level bootstrap; the same draws for the same seeds.

    Tables are drawn with replacement, then seeds within each (Davison and Hinkley 1997, section
    3.8). With one table they are draws of seeds.
    """
    seeds = np.array([len(values) for values in tables])
    padded = np.zeros((len(tables), seeds.max()))
    for row, values in zip(padded, tables, strict=True):
        row[: len(values)] = values
    rng = stream(0, "bootstrap", len(tables))
    chosen = rng.integers(len(tables), size=(DRAWS, len(tables)))
    sizes = seeds[chosen][..., None]
    places = (rng.random((*chosen.shape, seeds.max())) * sizes).astype(np.intp)
    within = np.arange(seeds.max()) < sizes
    sums = np.where(within, padded[chosen[..., None], places], 0.0).sum(-1)
    means: NDArray[np.float64] = (sums / seeds[chosen]).mean(-1)
    return means
