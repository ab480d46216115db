"""Coarse to fine without a model: round the best, ever closer, nothing twice."""

import numpy as np
import pytest

from tunesmith import rng
from tunesmith.search.propose.axes import axes_of
from tunesmith.search.propose.candidates import keys
from tunesmith.search.propose.plain import around
from tunesmith.search.propose.ranges import Ranges, as_given
from tunesmith.space import Float, Int, Space

AXES = axes_of(Space(a=Float(0.0, 1.0), b=Float(0.0, 1.0), c=Float(0.0, 1.0)))
BEST = np.array([[0.3, 0.6, 0.5]])


def away(trials):
    """Return how far 200 draws lie from the best, at the median."""
    points = [
        around(AXES, as_given(AXES), BEST, trials, frozenset(), rng.stream(5, n))
        for n in range(200)
    ]
    return np.median(np.abs(np.array(points) - BEST).max(axis=1))


def test_coarse_to_fine():
    """The moves grow smaller with the trials, down to a least width."""
    widths = [away(trials) for trials in (5, 40, 300, 3000)]
    assert widths[0] > 1.2 * widths[1] > 1.3 * widths[2]
    assert widths[2] == pytest.approx(widths[3])


def test_between_the_best():
    """A point takes coordinates of several of the best."""
    best = np.array([[0.1, 0.1, 0.1], [0.9, 0.9, 0.9]])
    points = np.array(
        [around(AXES, as_given(AXES), best, 99, frozenset(), rng.stream(5, n)) for n in range(60)]
    )
    low = (np.abs(points - 0.1) < 1e-12).any(axis=1)
    high = (np.abs(points - 0.9) < 1e-12).any(axis=1)
    assert (low & high).mean() > 0.1


def test_it_stays_in_the_ranges():
    """However close the best is to an end."""
    ranges = Ranges(low=np.array([0.29, 0.55, 0.4]), high=np.array([0.35, 0.62, 0.8]))
    for number in range(50):
        point = around(AXES, ranges, BEST, 9, frozenset(), rng.stream(5, number))
        assert ranges.holds(point[None])[0]


def test_nothing_twice():
    """In a discrete space every config is found once, and then none."""
    axes = axes_of(Space(a=Int(1, 3), b=Int(1, 5)))
    points = axes.rounded(np.array([[0.5, 0.5]]))
    for number in range(200):
        tried = frozenset(keys(points))
        point = around(axes, as_given(axes), points[:1], 9, tried, rng.stream(3, number))
        if point is not None:
            points = np.concatenate([points, point[None]])
    assert len(np.unique(points, axis=0)) == len(points) == 15
