"""How the learning rate falls."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.engine.schedules import inverse_decay


@pytest.mark.parametrize(
    ("epoch", "expected"), [(0, 0.2), (1, 0.1), (2, 0.2 / 3), (3, 0.05), (26, 0.2 / 27)]
)
def test_inverse_decay(epoch, expected):
    """With decay 1 the rate is divided by 1, 2, 3, ...: the first epoch has the rate given."""
    assert inverse_decay(0.2, 1.0, epoch) == pytest.approx(expected)


def test_decay_is_per_epoch():
    """Decay 0.25 halves the rate at epoch 4."""
    assert inverse_decay(0.3, 0.25, 4) == pytest.approx(0.15)


@given(rate=st.floats(1e-6, 1e3), decay=st.floats(0, 1e3), epoch=st.integers(0, 10_000))
def test_the_rate_never_rises(rate, decay, epoch):
    """A later epoch has no higher rate, and without decay it has the same."""
    assert 0 < inverse_decay(rate, decay, epoch + 1) <= inverse_decay(rate, decay, epoch) <= rate
    assert inverse_decay(rate, 0.0, epoch) == rate
