"""Axes: configs to points and back, within the limits and under conditions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.search.propose.axes import FINEST, axes_of
from tunesmith.space import LOG, LOG1M, Choice, Float, Int, Space

SPACE = Space(
    rate=Float(3e-4, 0.7, scale=LOG, limits=(1e-5, 1.0)),
    optimizer=Choice(("sgd", "momentum", "adam")),
    momentum=Float(0.3, 0.95, default=0.85, when={"optimizer": "momentum"}),
    decay=Float(0.5, 0.7, when={"momentum": 0.85}),
    units=Int(5, 131, scale=LOG, limits=(2, 400)),
    layers=Int(1, 3),
    beta=Float(0.9, 0.997, scale=LOG1M, when={"layers": (2, 3)}),
)
AXES = axes_of(SPACE)
POINTS = st.lists(st.floats(0.0, 1.0), min_size=7, max_size=7).map(
    lambda units: AXES.low + (AXES.high - AXES.low) * np.array(units)
)


def test_the_range_as_given_is_0_to_1():
    """A point is what Space.encode says, where nothing is inactive."""
    config = {"rate": 0.02, "optimizer": "momentum", "momentum": 0.4, "units": 17, "layers": 1}
    point = AXES.encode(config)
    active = [0, 1, 2, 4, 5]
    np.testing.assert_allclose(point[active], SPACE.encode(config)[active], atol=1e-12)


def test_limits_lie_beyond():
    """Units below 0 and above 1 stand for values that only the limits allow, in equal measure."""
    np.testing.assert_array_less(AXES.low[[0, 4]], 0.0)
    np.testing.assert_array_less(1.0, AXES.high[[0, 4]])
    decades = np.log10(0.7 / 3e-4)
    assert AXES.low[0] == pytest.approx(np.log10(1e-5 / 3e-4) / decades)
    assert AXES.decode(AXES.low)["rate"] == 1e-5
    assert AXES.decode(AXES.high)["units"] == 400
    assert (AXES.low[1], AXES.high[1]) == (0.0, 1.0)


@given(POINTS)
def test_a_config_comes_back(point):
    """Through encode and decode: options and whole numbers exactly, floats but for rounding."""
    config = AXES.decode(point)
    again = AXES.decode(AXES.encode(config))
    assert again.keys() == config.keys()
    for name, value in config.items():
        assert again[name] == (pytest.approx(value) if isinstance(value, float) else value)


@given(st.lists(POINTS, max_size=5))
def test_many_at_once(points):
    """Configs have the same points together as one by one, but for the last bits."""
    configs = [AXES.decode(point) for point in points]
    found = AXES.encode_all(configs)
    assert found.shape == (len(configs), 7)
    for point, config in zip(found, configs, strict=True):
        np.testing.assert_allclose(point, AXES.encode(config), rtol=0, atol=1e-12)


@given(POINTS)
def test_rounding_is_what_the_config_says(point):
    """A rounded point is the point of its config, and rounding again changes nothing."""
    rounded = AXES.rounded(point[None])
    np.testing.assert_allclose(AXES.encode(AXES.decode(rounded[0])), rounded[0], atol=1e-12)
    np.testing.assert_array_equal(AXES.rounded(rounded), rounded)


def test_what_is_inactive_tells_no_points_apart():
    """Whatever the units of inactive params, they come out at their defaults."""
    points = np.tile(
        AXES.encode({"rate": 0.1, "optimizer": "sgd", "units": 9, "layers": 1}), (3, 1)
    )
    points[:, [2, 3, 6]] = np.array([[0.1, 0.7, 0.3], [0.9, 0.2, 0.5], [0.4, 0.4, 0.0]])
    rounded = AXES.rounded(points)
    assert len(np.unique(rounded, axis=0)) == 1
    assert rounded[0, 2] == pytest.approx(SPACE["momentum"].unit(0.85))


def test_size():
    """Levels multiply; a Float, or too many whole numbers, has no end of them."""
    assert axes_of(Space(a=Int(3, 9), b=Choice(("x", "y", "z")))).size() == 21
    assert AXES.size() == np.inf
    assert axes_of(Space(a=Int(-1, FINEST - 1))).size() == np.inf
    assert axes_of(Space(a=Int(-1, FINEST - 2))).size() == FINEST


def test_a_space_on_the_wrong_scale_is_not_warned_of_twice():
    """It was when it was made: here a warning would be an error."""
    with pytest.warns(UserWarning, match="use scale=LOG"):
        space = Space(rate=Float(1e-5, 0.1, limits=(1e-6, 0.1)))
    assert axes_of(space).high[0] == 1.0
