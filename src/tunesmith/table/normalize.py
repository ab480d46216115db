"""Numbers brought to the size that networks learn from best; fitted on training rows."""

import sys
from enum import StrEnum
from typing import Any, final

import numpy as np
import numpy.typing as npt

from tunesmith.errors import DataError
from tunesmith.table.wording import quoted

FARTHEST = 1e6
"""Spreads that a number may lie from the center. N training rows cannot reach beyond sqrt(N)
standard deviations; only a wild value in a later row is held back, so that it stays finite."""

LARGEST = float(np.finfo(np.float32).max)
"""What is beyond it is infinite as float32."""

Numbers = npt.NDArray[np.float64]


@final
class Normalize(StrEnum):
    """How a number column is normalised: z = (x - center) / spread."""

    NONE = "none"
    """As it is."""
    STANDARD = "standard"
    """Mean and standard deviation: z has mean 0 and deviation 1 on the training rows."""
    ROBUST = "robust"
    """Median and inter-quartile range, then z / sqrt(1 + (z / 3)^2), which lies between -3 and 3
    and hardly changes a small z (Holzmüller et al. 2024, "Better by default", RealMLP)."""

    @classmethod
    def of(cls, name: str) -> "Normalize":
        """Return the member of that name; DataError, with the choices, where there is none."""
        if name not in tuple(cls):
            raise DataError(f"no normalize {quoted(name)}; choose {', '.join(cls)}")
        return cls(name)


def center_and_spread(x: npt.NDArray[Any], how: Normalize) -> tuple[float, float]:
    """Return center and spread of the finite numbers in x [N]; a spread of 0 if they are equal.

    Where the inter-quartile range is 0, half of the whole range stands for it, as in RealMLP.
    Without a finite number both are 0. For NONE they are the mean, to fill gaps with, and 1.
    """
    x = x[np.isfinite(x)]
    if len(x) == 0 or x.min() == x.max():  # the rounded deviation of a constant need not be 0
        return (float(x[0]) if len(x) else 0.0), float(how is Normalize.NONE)
    size = float(np.abs(x).max())
    x = x / size  # now neither squares nor differences overflow
    if how is Normalize.ROBUST:
        low, center, high = np.quantile(x, (0.25, 0.5, 0.75))
        spread = high - low if high > low else (x.max() - x.min()) / 2
    else:
        center, spread = x.mean(), x.std()  # biased: divided by N
    if how is Normalize.NONE:
        return float(center * size), 1.0
    return float(center * size), min(float(spread) * size, sys.float_info.max)


def normalized(x: Numbers, how: Normalize, center: float, spread: float) -> Numbers:
    """Return x [N] normalised, within what float32 holds.

    NaN gives what the center gives; a spread of 0 gives 0.
    """
    x = np.where(np.isnan(x), center, x)
    if how is Normalize.NONE:
        return np.clip(x, -LARGEST, LARGEST)
    if spread == 0:
        return np.zeros_like(x)
    with np.errstate(over="ignore"):  # a difference of huge numbers; the clip holds it
        z = np.clip((x - center) / spread, -FARTHEST, FARTHEST)
    return z / np.sqrt(1 + (z / 3) ** 2) if how is Normalize.ROBUST else z
