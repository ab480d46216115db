"""How sure a number is: bootstrap over repeats, Wilson for shares."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tunesmith import rng
from tunesmith.lessons.lesson import Number
from tunesmith.search.advise.proportion import Proportion

RESAMPLES: Final = 2000
"""Bootstrap samples of an interval."""


def mean_of(name: str, values: ArrayLike, unit: str = "") -> Number:
    """Return the mean of repeats [R] with the interval that resampled repeats span.

    Efron 1979, percentiles. One repeat has no interval.
    """
    drawn = np.asarray(values, dtype=np.float64)
    return statistic_of(name, drawn, lambda sample: sample.mean(axis=-1), unit)


def statistic_of(
    name: str,
    values: NDArray[np.float64],
    statistic: Callable[[NDArray[np.float64]], Any],
    unit: str = "",
) -> Number:
    """Return a statistic of repeats [R] with its bootstrap interval.

    `statistic` takes [R] or [RESAMPLES, R], and is one over the last axis. The resamples depend
    on R alone, so that two numbers from the same repeats are resampled alike.
    """
    value = float(statistic(values))
    repeats = len(values)
    if repeats < 2:
        return Number(name=name, value=value, unit=unit)
    chosen = rng.stream(0, "interval", repeats).integers(0, repeats, (RESAMPLES, repeats))
    low, high = np.quantile(statistic(values[chosen]), (0.025, 0.975))
    return Number(name=name, value=value, unit=unit, low=float(low), high=float(high))


def times_of(name: str, logs: NDArray[np.float64]) -> Number:
    """Return by how many times one arm is ahead: the geometric mean of ratios, of `logs` [R]."""
    return statistic_of(name, logs, lambda sample: np.exp(sample.mean(axis=-1)), "times")


def share_of(name: str, count: int, of: int) -> Number:
    """Return a share in percent with Wilson's interval (1927)."""
    share = Proportion(count=count, of=of)
    return Number(
        name=name,
        value=100 * share.share,
        unit="%",
        low=100 * share.low,
        high=100 * share.high,
    )


def above(number: Number, bound: float) -> bool:
    """Return whether the whole interval lies above a bound; without an interval, the value."""
    return (number.value if number.low is None else number.low) > bound


def below(number: Number, bound: float) -> bool:
    """Return whether the whole interval lies below a bound; without an interval, the value."""
    return (number.value if number.high is None else number.high) < bound


def doubt(number: Number, bound: float) -> str:
    """Return ", which may be chance" where the interval holds the bound, else ""."""
    return "" if above(number, bound) or below(number, bound) else ", which may be chance"
