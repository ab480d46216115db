"""Intervals."""

import numpy as np
import pytest

from tunesmith import rng
from tunesmith.lessons.intervals import (
    above,
    below,
    doubt,
    mean_of,
    share_of,
    statistic_of,
    times_of,
)
from tunesmith.lessons.lesson import Number


def test_the_interval_of_a_mean_holds_the_truth_as_often_as_it_says():
    """Of 200 intervals from 40 normal draws, about 95 % hold the mean."""
    draws = 3 + 2 * rng.stream(0, "draws").normal(size=(200, 40))
    intervals = [mean_of("x", row) for row in draws]
    assert 0.9 < np.mean([n.low < 3 < n.high for n in intervals]) < 0.99
    assert np.mean([n.high - n.low for n in intervals]) == pytest.approx(
        2 * 1.96 * 2 / 40**0.5, rel=0.1
    )


def test_one_repeat_has_no_interval():
    """Nothing is known about how it varies."""
    number = mean_of("x", [7.0])
    assert (number.value, number.low, number.high) == (7, None, None)


def test_any_statistic():
    """The largest of all repeats, whose interval cannot lie above it."""
    number = statistic_of("x", np.array([2.0, 3.0, 11.0]), lambda v: v.max(axis=-1))
    assert number.low < number.value == number.high == 11


def test_a_share_in_percent():
    """Wilson's interval for 3 of 7, drawn by hand."""
    number = share_of("x", 3, 7)
    assert number.value == pytest.approx(300 / 7)
    assert (number.low, number.high) == (pytest.approx(15.8, abs=0.1), pytest.approx(75, abs=0.1))


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (Number(name="x", value=2.0, low=1.1, high=3.0), (True, False)),
        (Number(name="x", value=2.0, low=0.9, high=3.0), (False, False)),
        (Number(name="x", value=0.5, low=0.2, high=0.9), (False, True)),
        (Number(name="x", value=2.0), (True, False)),
        (Number(name="x", value=0.5), (False, True)),
    ],
)
def test_above_and_below(number, expected):
    """The whole interval counts; where there is none, the value."""
    assert (above(number, 1), below(number, 1)) == expected
    assert doubt(number, 1) == ("" if any(expected) else ", which may be chance")


def test_how_many_times():
    """The geometric mean: twice and eight times are four times; its interval lies between them."""
    number = times_of("gain", np.log([2.0, 8.0] * 20))
    assert number.value == pytest.approx(4.0)
    assert number.unit == "times"
    assert 2.0 < number.low < 4.0 < number.high < 8.0
