"""Means that no float is too large or too small for, against exact fractions."""

import math
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.arithmetic import mean, median, scaled

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
SEVERAL = st.lists(FLOATS, min_size=1, max_size=9)
LARGEST = float(np.finfo(np.float64).max)


def near(found, exact):
    """Return whether a float is an exact number but for its last bits."""
    return abs(Fraction(found) - exact) <= abs(exact) * Fraction(2) ** -51 + Fraction(2) ** -1070


@given(SEVERAL)
def test_a_mean_is_that_of_the_exact_numbers(values):
    """But for the last bits; beside a sum that overflows these are the last bits of the largest."""
    found, exact = mean(values), sum(map(Fraction, values)) / len(values)
    overflows = sum(map(abs, values)) == math.inf
    assert near(found, exact) or (overflows and abs(Fraction(found) - exact) < 1e290)


def test_the_mean_of_the_largest():
    """A sum that no float can hold, whose mean one can; rounding does not carry it beyond."""
    assert mean([LARGEST] * 3) == LARGEST
    assert mean([-LARGEST] * 7) == -LARGEST
    assert mean([1e308, 1e308, -1e308]) == 1e308 / 3
    assert mean([1.25, 2.5]) == 1.875


@given(SEVERAL)
def test_a_median_is_in_the_middle(values):
    """As many lie above it as below."""
    found = median(values)
    assert sum(v < found for v in values) <= len(values) / 2
    assert sum(v > found for v in values) <= len(values) / 2


@given(SEVERAL)
def test_squares_of_what_is_scaled_stay_in_range(values):
    """The largest neither overflows nor vanishes when it is squared, and scaling is undone."""
    array = np.array(values)
    found, exponent = scaled(array)
    largest = float(np.abs(found).max())
    assert math.isfinite(9 * largest**2)
    assert largest == 0 or largest**2 > 1e-300
    back = np.ldexp(found, exponent)
    np.testing.assert_allclose(back, array, rtol=0, atol=2.0**-52 * float(np.abs(array).max()))
    if 1e-100 < largest < 1e100 and exponent == 0:
        assert found is array
