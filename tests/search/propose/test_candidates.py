"""Candidates: all of them points that configs have, inside their ranges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith import rng
from tunesmith.search.propose.axes import axes_of
from tunesmith.search.propose.candidates import (
    STEPS,
    anywhere,
    every,
    first_untried,
    keys,
    near,
    steps,
    untried,
)
from tunesmith.search.propose.ranges import Ranges
from tunesmith.space import Choice, Float, Int, Space

SPACE = Space(
    a=Float(-1.0, 2.0),
    b=Choice(("x", "y", "z")),
    c=Int(3, 7),
    d=Float(0.0, 1.0, when={"b": "y"}),
    e=Int(0, 90),
)
AXES = axes_of(SPACE)
RANGES = Ranges(low=np.array([0.2, 0.0, 0.25, 0.1, 0.3]), high=np.array([0.6, 1.0, 1.0, 0.9, 0.8]))
CENTRES = AXES.rounded(np.array([[0.3, 0.5, 0.6, 0.4, 0.5], [0.5, 0.1, 0.7, 0.4, 0.7]]))


def chance():
    return rng.stream(5, "candidates")


@pytest.mark.parametrize(
    "points",
    [
        anywhere(AXES, RANGES, 211, chance()),
        near(AXES, RANGES, CENTRES, 211, chance()),
        steps(AXES, RANGES, CENTRES, 0.7),
    ],
    ids=["anywhere", "near", "steps"],
)
def test_candidates_are_configs(points):
    """Rounding does not change them, and Floats and Choices are in the ranges."""
    np.testing.assert_array_equal(AXES.rounded(points), points)
    for at in (0, 1):
        assert ((points[:, at] >= RANGES.low[at]) & (points[:, at] <= RANGES.high[at])).all()


def test_anywhere_is_even():
    """Every option and every fifth of the range gets its share."""
    points = anywhere(AXES, RANGES, 3000, chance())
    fifths = np.histogram(points[:, 0], bins=5, range=(0.2, 0.6))[0]
    np.testing.assert_allclose(fifths, 600, atol=90)
    np.testing.assert_allclose(np.unique(points[:, 1], return_counts=True)[1], 1000, atol=110)


def test_near_moves_few():
    """Always from one centre, at least one param is drawn anew, seldom all, mostly a little."""
    points = near(AXES, RANGES, CENTRES[:1], 2000, chance())
    moved = (points[:, [0, 2, 4]] != CENTRES[0, [0, 2, 4]]).sum(axis=1)
    assert (moved == 3).mean() < 0.1 < (moved == 1).mean()
    away = np.abs(points[:, 0] - CENTRES[0, 0])[points[:, 0] != CENTRES[0, 0]]
    assert np.median(away) < 0.1 < away.max()


def test_widths_can_be_given():
    """Narrow ones stay close."""
    points = near(AXES, RANGES, CENTRES[:1], 300, chance(), (0.001, 0.002))
    assert np.abs(points[:, 0] - CENTRES[0, 0]).max() < 0.01


def test_steps_are_one_param_away():
    """To each option and each of few values, up and down by the steps otherwise."""
    there = Ranges(low=np.zeros(5), high=np.ones(5))
    points = steps(AXES, there, CENTRES[:1], 0.5)
    differ = points != CENTRES[0]
    differ[:, 3] = False  # d comes and goes with b
    assert differ.sum(axis=1).max() == 1
    assert set(points[differ[:, 1], 1]) == {1 / 6, 5 / 6}
    assert len(set(points[differ[:, 2], 2])) == 4
    reached = np.sort(points[differ[:, 0], 0]) - CENTRES[0, 0]
    halves = 0.5 * np.array(STEPS)
    np.testing.assert_allclose(reached, np.sort([*-halves, *halves]))


def test_a_step_too_far_is_left_out():
    """It is not cut short to the end of the ranges."""
    start = np.array([[0.25, 0.5, 0.5, 0.4, 0.5]])
    reached = steps(AXES, RANGES, start, 1.0)[:, 0]
    assert reached.min() == pytest.approx(0.22)


def test_every_config_once():
    """All combinations; an inactive param makes none."""
    space = Space(b=Choice(("x", "y", "z")), c=Int(3, 6), d=Int(0, 4, when={"b": "y"}))
    points = every(axes_of(space))
    configs = {tuple(axes_of(space).decode(point).items()) for point in points}
    assert len(points) == len(configs) == 4 * 5 + 4 + 4


def test_untried():
    """In order, each once, without what was tried; minus zero is zero."""
    points = np.array([[0.3, 0.0], [0.1, 0.2], [0.3, -0.0], [0.7, 0.5], [0.1, 0.2]])
    tried = frozenset(keys(np.array([[0.7, 0.5]])))
    np.testing.assert_array_equal(untried(points, tried), [[0.3, 0.0], [0.1, 0.2]])
    assert untried(points[3:4], tried).shape == (0, 2)


@given(
    points=st.lists(st.tuples(*[st.sampled_from([0.0, -0.0, 0.5, 1.0])] * 2), max_size=9),
    tried=st.sets(st.tuples(*[st.sampled_from([0.0, 0.5, 1.0])] * 2), max_size=4),
    count=st.integers(1, 9),
)
def test_the_first_of_the_untried(points, tried, count):
    """They are where the untried ones come first, and no more than were asked for."""
    points = np.array(points).reshape(-1, 2)
    known = set(keys(np.array(list(tried)).reshape(-1, 2)))
    found = first_untried(points, known, count)
    np.testing.assert_array_equal(points[found], untried(points, known)[:count])
