"""The way down: to the bottom, within the bounds, in few calls."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith import rng
from tunesmith.search.propose.descent import minimized

WIDE = (np.full(3, -9.0), np.full(3, 9.0))


def bowl(bottom, matters):
    """Return a quadratic function with its slope, and the list of places where it was called."""
    called = []

    def function(point):
        called.append(point)
        away = point - bottom
        return float(away @ matters @ away) / 2, matters @ away

    return function, called


def tilted(seed, ratio):
    """Return a symmetric matrix [3, 3] whose eigenvalues are 1, 2 and `ratio`."""
    turned, _ = np.linalg.qr(rng.stream(seed, "turned").standard_normal((3, 3)))
    return turned @ np.diag([1.0, 2.0, ratio]) @ turned.T


@given(seed=st.integers(0, 99), ratio=st.floats(0.1, 40.0))
def test_the_bottom_of_a_bowl_is_found(seed, ratio):
    """However it is turned and stretched."""
    chance = rng.stream(seed, "bottom")
    bottom, start = chance.uniform(-3, 3, (2, 3))
    function, _ = bowl(bottom, tilted(seed, ratio))
    found = minimized(function, start, WIDE, np.ones(3), 60)
    np.testing.assert_allclose(found, bottom, atol=1e-4)


def test_who_knows_how_far_to_go_is_there_at_once():
    """One step, where `far` is right: a call at the start and one at the bottom."""
    bottom = np.array([1.0, -0.5, 0.3])
    function, called = bowl(bottom, np.diag([1.0, 25.0, 4.0]))
    found = minimized(function, np.zeros(3), WIDE, np.array([1.0, 0.2, 0.5]), 8)
    np.testing.assert_allclose(found, bottom, atol=1e-12)
    assert len(called) == 2


@given(seed=st.integers(0, 99))
def test_bounds_hold(seed):
    """No place beyond them is asked for; at the end no number that is free could go further."""
    chance = rng.stream(seed, "bounds")
    bottom, start = chance.uniform(-3, 3, (2, 3))
    low = chance.uniform(-2, 0, 3)
    high = low + chance.uniform(0.1, 2, 3)
    function, called = bowl(bottom, tilted(seed, 5.0))
    found = minimized(function, start, (low, high), np.ones(3), 60)
    assert ((np.array(called) >= low) & (np.array(called) <= high)).all()
    _, slope = function(found)
    held = ((found == low) & (slope > 0)) | ((found == high) & (slope < 0))
    np.testing.assert_allclose(slope[~held], 0.0, atol=1e-4)


@pytest.mark.parametrize("far", [1e-3, 1.0, 1e3])
def test_a_bent_valley_is_followed(far):
    """Rosenbrock's, from where it is hard, with guesses of any size."""

    def valley(point):
        x, y = point
        slope = [-400 * x * (y - x * x) - 2 * (1 - x), 200 * (y - x * x)]
        return float(100 * (y - x * x) ** 2 + (1 - x) ** 2), np.array(slope)

    bounds = np.full(2, -5.0), np.full(2, 5.0)
    found = minimized(valley, np.array([-1.2, 1.0]), bounds, np.full(2, far), 200)
    np.testing.assert_allclose(found, [1.0, 1.0], atol=1e-3)


def test_it_only_goes_down():
    """Whatever the number of steps; none at all leaves it at the start."""
    function, _ = bowl(np.array([2.0, -1.0, 0.5]), tilted(3, 30.0))
    values = [function(minimized(function, np.zeros(3), WIDE, np.ones(3), n))[0] for n in range(9)]
    assert values[0] == function(np.zeros(3))[0]
    assert (np.diff(values) <= 0).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_where_it_has_no_value_it_does_not_go(bad):
    """The last place that had one is the answer."""

    def cliff(point):
        value = float(point @ point) - 8.0 * float(point.sum())
        return (bad if point[0] > 0.5 else value), 2.0 * point - 8.0

    found = minimized(cliff, np.zeros(3), WIDE, np.ones(3), 20)
    assert np.isfinite(cliff(found)[0])
    assert cliff(found)[0] < 0.0
