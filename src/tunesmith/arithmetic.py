"""Means and scales that hold over the whole range of floats: no overflow on the way to a result."""

import math
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SAFE_EXPONENT: Final = 400
"""Up to 2**400, and down to 2**-400, sums of squares neither overflow nor vanish."""


def mean(values: Iterable[float]) -> float:
    """Return the mean of one or more finite numbers, correctly rounded but for the division."""
    listed = list(values)
    try:
        return math.fsum(listed) / len(listed)
    except OverflowError:
        down = -len(listed).bit_length()
        small = [math.ldexp(value, down) for value in listed]
        middle = math.fsum(small) / len(small)
        # rounded up, the mean of the largest floats would lie above them
        return math.ldexp(min(max(middle, min(small)), max(small)), -down)


def median(values: Iterable[float]) -> float:
    """Return the median of one or more finite numbers."""
    ordered = sorted(float(value) for value in values)
    return mean(ordered[(len(ordered) - 1) // 2 : len(ordered) // 2 + 1])


def scaled(values: Floats) -> tuple[Floats, int]:
    """Return finite `values` times a power of two, and its exponent to go back with np.ldexp.

    Sums and squares of what is returned stay in range. Values that need no scaling are returned
    as they are, with the exponent 0.
    """
    exponent = math.frexp(float(np.abs(values).max(initial=0.0)))[1]
    if abs(exponent) <= SAFE_EXPONENT:
        return values, 0
    return np.ldexp(values, -exponent), exponent
