"""Ranges close in on what is promising, and grow only towards it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith import rng
from tunesmith.search.propose.axes import axes_of
from tunesmith.search.propose.ranges import (
    PACE,
    SLACK,
    Ranges,
    as_given,
    ends,
    in_words,
    narrowed,
    widened,
)
from tunesmith.space import LOG, Choice, Float, Int, Space

SPACE = Space(
    rate=Float(1e-4, 1.0, scale=LOG, limits=(1e-6, 1.0)),
    kind=Choice(("a", "b", "c")),
    units=Int(3, 130, scale=LOG, limits=(3, 700)),
)
AXES = axes_of(SPACE)
GIVEN = as_given(AXES)


@st.composite
def within(draw):
    """Draw ranges inside the space as given."""
    low = np.array([draw(st.floats(0.0, 0.5)), 0.0, draw(st.floats(0.0, 0.5))])
    wide = np.array([draw(st.floats(0.05, 0.5)), 1.0, draw(st.floats(0.05, 0.5))])
    return Ranges(low=low, high=low + wide)


PLACES = st.integers(0, 10**6).map(lambda seed: rng.stream(seed, "places").random((7, 3)))


@given(within(), PLACES)
def test_what_is_promising_stays_inside(before, promising):
    """But for the slack; and the ranges stay in the whole space, with all options open."""
    after = narrowed(AXES, before, GIVEN, promising)
    slack = Ranges(low=after.low - SLACK, high=after.high + SLACK)
    assert slack.holds(promising).all()
    assert GIVEN.holds(np.array([after.low, after.high])).all()
    assert (after.low[1], after.high[1]) == (0.0, 1.0)
    assert (after.low < after.high).all()


@given(within(), PLACES)
def test_ranges_shrink_unless_something_lies_outside(before, promising):
    """A param's range grows at an end only where a promising place is beyond that end."""
    after = narrowed(AXES, before, GIVEN, promising)
    for at in (0, 2):
        if after.low[at] < before.low[at]:
            assert promising[:, at].min() < before.low[at]
        if after.high[at] > before.high[at]:
            assert promising[:, at].max() > before.high[at]


def test_ranges_keep_their_pace():
    """However close the promising places lie, a round keeps a share of every width."""
    after = narrowed(AXES, GIVEN, GIVEN, np.tile([0.5, 0.5, 0.45], (3, 1)))
    np.testing.assert_allclose((after.high - after.low)[[0, 2]], PACE)


@pytest.mark.parametrize(
    ("units", "low", "high"),
    [(0.02, -0.25, 1.0), (0.5, 0.0, 1.0), (0.97, 0.0, 1.0)],
    ids=["crowd the lower end", "crowd none", "crowd an end without room"],
)
def test_the_whole_space_is_widened_where_the_best_crowd(units, low, high):
    """By a quarter of its width, as far as the limits, and not for one outlier."""
    best = np.array([[units, 0.5, 0.5]] * 3 + [[0.5, 0.5, 0.01]])
    whole = widened(AXES, GIVEN, best)
    np.testing.assert_allclose([whole.low[0], whole.high[0]], [low, high])
    assert (whole.low[2], whole.high[2]) == (0.0, 1.0)


def test_widening_ends_at_the_limits():
    """However often it is asked, and never for a Choice."""
    whole = GIVEN
    for _ in range(9):
        whole = widened(AXES, whole, np.array([[whole.low[0], 0.0, whole.high[2]]]))
    np.testing.assert_array_equal(whole.low, AXES.low)
    np.testing.assert_array_equal(whole.high, AXES.high)
    assert AXES.decode(whole.low)["rate"] == 1e-6


def test_holds():
    """All coordinates count, and rounding is forgiven."""
    ranges = Ranges(low=np.array([0.2, 0.1]), high=np.array([0.3, 0.7]))
    points = np.array([[0.2 - 1e-12, 0.7], [0.25, 0.71], [0.1, 0.5]])
    assert ranges.holds(points).tolist() == [True, False, False]


def test_volume():
    """The product of the widths, 1 for the space as given."""
    assert GIVEN.volume == 1.0
    assert Ranges(low=np.array([0.2, 0.0]), high=np.array([0.7, 0.3])).volume == pytest.approx(0.15)


def test_words():
    """Values, not units; whole numbers where their bins lie; options are not told."""
    after = Ranges(low=np.array([0.25, 0.0, 0.2]), high=np.array([0.5, 1.0, 1.1]))
    assert ends(AXES, GIVEN) == {"rate": (1e-4, 1.0), "units": (3, 130)}
    assert in_words(AXES, GIVEN, after) == (
        "widened units to 6 to 193 (was 3 to 130); narrowed rate to 0.001 to 0.01 (was 0.0001 to 1)"
    )
    assert in_words(AXES, after, after) == "the ranges stay as they were"
