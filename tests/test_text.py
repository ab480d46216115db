"""Numbers and counts as people read them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.text import DIGITS, figure, plural


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.97866, "0.9787"),
        (1.0, "1.000"),
        (0.99996, "1.000"),
        (-0.5, "-0.5000"),
        (23.45, "23.45"),
        (54321.2, "54321"),
        (999_999.7, "1e+06"),
        (1.2345e-7, "1.235e-07"),
        (0.00012345, "0.0001234"),
        (1.0e30, "1e+30"),
        (0.0, "0"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
    ],
)
def test_figures_by_hand(value, written):
    assert figure(value) == written


@given(st.floats(-1e308, 1e308))
def test_four_significant_digits(value):
    """Whatever its size, a number is there to four digits, and is never long."""
    read = float(figure(value))
    assert math.isclose(read, value, rel_tol=0.51 * 10 ** (1 - DIGITS))
    assert len(figure(value)) <= 11


def test_plural():
    assert [plural(count, "trial") for count in (0, 1, 3000)] == [
        "0 trials",
        "1 trial",
        "3,000 trials",
    ]
