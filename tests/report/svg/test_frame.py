import math

import pytest

from tunesmith.report.svg.frame import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, framed


def test_the_ends_of_a_frame():
    """Epochs on a log scale from end to end; scores have a twentieth of room."""
    frame = framed((1.0, 100.0), [2.0, 4.0], x_log=True)
    assert frame.across(1.0) == LEFT
    assert frame.across(10.0) == pytest.approx((LEFT + WIDTH - RIGHT) / 2)
    assert frame.y == (1.9, 4.1)
    assert frame.up(3.0) == pytest.approx((TOP + HEIGHT - BOTTOM) / 2)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e300, -5.0])
def test_nothing_is_drawn_outside(value):
    """What is not finite or does not fit lies at an edge."""
    frame = framed((0.0, 3.0), [0.5, 0.75])
    assert TOP <= frame.up(value) <= HEIGHT - BOTTOM


@pytest.mark.parametrize("scores", [[], [0.0], [-3.0, -3.0]])
def test_a_frame_of_no_height_has_room(scores):
    """One score, or none, makes an axis all the same."""
    frame = framed((1.0, 1.0), scores, x_log=True)
    assert frame.y[0] < frame.y[1]
    assert frame.x == (1.0, 2.0)
    assert frame.axes("x", "y <z>").count("y &lt;z&gt;") == 1


@pytest.mark.parametrize("scores", [[-1.7e308, 1.7e308], [1.6e308] * 2, [0.0, 5e-324], [-1e308]])
def test_a_frame_of_the_largest_and_the_smallest(scores):
    """Its length is a float, and all scores lie inside."""
    frame = framed((0.0, 3.0), scores)
    assert math.isfinite(frame.y[1] - frame.y[0])
    assert all(TOP <= frame.up(score) <= HEIGHT - BOTTOM for score in scores)
    assert "nan" not in frame.axes("x", "y")
