"""How the learning rate falls, by hand."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.engine.schedules import Schedule, Shape
from tunesmith.errors import NetworkError

schedules = st.builds(
    Schedule,
    shape=st.sampled_from(Shape),
    decay=st.floats(0, 0.99),
    stair=st.integers(1, 13),
    epochs=st.integers(2, 90),
)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (Schedule(), {0: 1, 1: 1, 26: 1, 500: 1}),
        (Schedule(shape=Shape.INVERSE, decay=0.25), {0: 1, 1: 0.8, 2: 2 / 3, 4: 0.5, 36: 0.1}),
        (Schedule(shape=Shape.EXPONENTIAL, decay=0.2), {0: 1, 1: 0.8, 2: 0.64, 5: 0.32768}),
        (
            Schedule(shape=Shape.STAIRCASE, decay=0.2, stair=3),
            {0: 1, 2: 1, 3: 0.8, 5: 0.8, 6: 0.64, 14: 0.4096, 15: 0.32768},
        ),
        (
            Schedule(shape=Shape.COSINE, epochs=12),
            {0: 1, 2: (2 + 3**0.5) / 4, 4: 0.75, 6: 0.5, 8: 0.25, 12: 0, 13: 0, 99: 0},
        ),
        (
            Schedule(shape=Shape.WARMUP_COSINE, epochs=30),
            {0: 0, 1: 1 / 3, 2: 2 / 3, 3: 1, 12: 0.75, 21: 0.25, 30: 0, 31: 0, 99: 0},
        ),
        (  # half an epoch of warming up: the whole rate is never stood on
            Schedule(shape=Shape.WARMUP_COSINE, epochs=5),
            {0: 0, 1: (1 + math.cos(math.pi / 9)) / 2, 5: 0},
        ),
    ],
    ids=lambda value: value.shape.value if isinstance(value, Schedule) else "",
)
def test_factors_by_hand(schedule, expected):
    """The share of the first rate at the start of an epoch, also beyond the end."""
    factors = {epoch: schedule.factor(epoch) for epoch in expected}
    assert factors == pytest.approx(expected, abs=1e-15)


@given(schedule=schedules, rate=st.floats(1e-6, 1e3), epoch=st.integers(0, 200))
def test_rates_join(schedule, rate, epoch):
    """A smooth rate ends an epoch where the next begins; any other stands still within it."""
    first, last = schedule.rates(rate, epoch, epoch + 1)
    assert first == rate * schedule.factor(epoch)
    assert last == (
        schedule.rates(rate, epoch + 1, epoch + 2)[0] if schedule.shape.smooth else first
    )


def test_which_shapes_are_smooth():
    """Cosine, with and without its warm-up."""
    assert {shape for shape in Shape if shape.smooth} == {Shape.COSINE, Shape.WARMUP_COSINE}


@given(schedule=schedules, epoch=st.integers(0, 200))
def test_the_rate_never_rises(schedule, epoch):
    """A later epoch has no higher rate, but while warming up; all lie between 0 and the first."""
    before, after = schedule.factor(epoch), schedule.factor(epoch + 1)
    assert 0 <= before <= 1
    warming = schedule.shape is Shape.WARMUP_COSINE and 10 * epoch < schedule.epochs
    assert after <= before or warming


@given(epochs=st.integers(2, 90))
def test_warming_up_takes_a_tenth(epochs):
    """The rate climbs in equal steps over the first tenth of the epochs."""
    schedule = Schedule(shape=Shape.WARMUP_COSINE, epochs=epochs)
    warm = range(-(-epochs // 10))
    assert [schedule.factor(epoch) for epoch in warm] == pytest.approx(
        [10 * epoch / epochs for epoch in warm]
    )


@pytest.mark.parametrize("shape", [Shape.INVERSE, Shape.EXPONENTIAL, Shape.STAIRCASE])
def test_without_decay(shape):
    """Decay 0 keeps the rate."""
    schedule = Schedule(shape=shape, epochs=13)
    assert {schedule.factor(epoch) for epoch in range(40)} == {1.0}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"decay": -0.1}, "decay must be a finite number of 0 or more, got -0.1"),
        ({"decay": math.nan}, "decay must be a finite number of 0 or more, got nan"),
        (
            {"decay": math.inf, "shape": Shape.INVERSE},
            "decay must be a finite number of 0 or more, got inf",
        ),
        (
            {"decay": 1.0, "shape": Shape.EXPONENTIAL},
            "decay must be a finite number of 0 or more, below 1, got 1.0",
        ),
        (
            {"decay": 1.7, "shape": Shape.STAIRCASE},
            "decay must be a finite number of 0 or more, below 1, got 1.7",
        ),
        ({"stair": 0}, "stair must be a whole number of 1 or more, got 0"),
        ({"stair": math.nan}, "stair must be a whole number of 1 or more, got nan"),
        ({"epochs": -3}, "epochs must be a whole number of 1 or more, got -3"),
        ({"epochs": 2.5}, "epochs must be a whole number of 1 or more, got 2.5"),
    ],
)
def test_a_wrong_schedule_is_refused(wrong, sentence):
    """The error names the setting, its range and the value."""
    with pytest.raises(NetworkError, match=f"^{re.escape(sentence)}$"):
        Schedule(**wrong)


def test_inverse_decay_has_no_upper_end():
    """A decay of 1 or more is fine where the rate is divided by it."""
    assert Schedule(shape=Shape.INVERSE, decay=3.0).factor(1) == 0.25
