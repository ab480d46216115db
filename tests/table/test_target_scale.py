"""Numbers to predict, on a network's scale and back."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.table.target_scale import AS_THEY_ARE, TargetScale

TRAINING = np.array([1.0, 4.0, 7.0, 8.0])
"""Mean 5, deviation sqrt(7.5)."""


def column(*outputs):
    """Return a network's outputs, float32 [N, 1]."""
    return np.array(outputs, np.float32)[:, None]


def test_drawn_by_hand():
    """Standardised by the training values; what a network says beyond their range is cut."""
    scale = TargetScale.of(TRAINING)
    assert (scale.offset, scale.low, scale.high) == (5, 1, 8)
    assert scale.scale == pytest.approx(7.5**0.5, rel=1e-15)
    targets = scale.targets(np.array([5, 8, -10.0]))
    assert targets.dtype == np.float32
    np.testing.assert_allclose(targets, column(0, 3 / 7.5**0.5, -15 / 7.5**0.5), rtol=1e-7)
    np.testing.assert_allclose(scale.values(targets), [5, 8, 1], rtol=1e-7)


def test_the_limits_are_a_switch():
    """Without them every output is put back where it lies."""
    scale = TargetScale.of(TRAINING, clamp=False)
    assert (scale.low, scale.high) == (None, None)
    values = np.array([-1000.0, 5, 3e6])
    np.testing.assert_allclose(scale.values(scale.targets(values)), values, rtol=1e-6)


def test_outputs_as_they_are():
    """The scale of no scale, and float64 where float32 would lose digits."""
    np.testing.assert_array_equal(AS_THEY_ARE.values(column(-2.5, 1e30)), np.float32([-2.5, 1e30]))
    quarters = TargetScale(offset=1e9, scale=0.25).values(column(-2.5, 0.5))
    assert quarters.tolist() == [1e9 - 0.625, 1e9 + 0.125]  # 1e9 as float32 knows no quarters


@pytest.mark.parametrize("clamp", [True, False])
def test_a_network_that_diverged_is_seen(clamp):
    """NaN and infinities are no predictions, and no limit makes them look like ones."""
    values = TargetScale.of(TRAINING, clamp=clamp).values(column(np.nan, np.inf, 0, -np.inf))
    np.testing.assert_array_equal(np.isnan(values), [True, True, False, True])


def test_a_constant_target():
    """Its deviation is 0, by which nothing is divided, even if it is rounded to more."""
    assert np.full(7, 0.1).std() > 0
    scale = TargetScale.of(np.full(7, 0.1))
    assert scale == TargetScale(offset=0.1, scale=1, low=0.1, high=0.1)
    assert scale.values(column(3, -0.2)).tolist() == [0.1, 0.1]


def test_rows_that_do_not_train_may_hold_anything():
    """A target that is missing stays missing, and one beyond float32 raises no warning."""
    targets = TargetScale.of(TRAINING).targets(np.array([np.nan, 1e300]))
    np.testing.assert_array_equal(targets, column(np.nan, np.inf))


@given(
    training=st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=9).map(np.array),
    outputs=st.lists(st.floats(width=32, allow_nan=False), min_size=1, max_size=9),
)
def test_predictions_stay_where_training_was(training, outputs):
    """No output leads outside of the range of the training values."""
    values = TargetScale.of(training).values(column(*outputs))
    values = values[np.isfinite(column(*outputs)[:, 0])]
    assert ((values >= training.min()) & (values <= training.max())).all()


@pytest.mark.parametrize("scale", [AS_THEY_ARE, TargetScale.of(TRAINING)], ids=["none", "fitted"])
def test_a_scale_survives_json(scale):
    """Written and read again it is the same to the bit."""
    assert msgspec.json.decode(msgspec.json.encode(scale), type=TargetScale) == scale


@pytest.mark.parametrize("scale", [0.0, -1.5])
def test_a_scale_that_is_none_is_refused(scale):
    """Read from a file it must be above 0."""
    with pytest.raises(msgspec.ValidationError, match="> 0"):
        msgspec.convert({"scale": scale}, TargetScale)
