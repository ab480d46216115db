import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.report.places import Axis
from tunesmith.report.ticks import marks, ticks, value_at
from tunesmith.space import LINEAR, LOG, LOG1M, Choice, Float, Int


def axis(param, lowest=0.0, highest=1.0):
    return Axis(name="x", param=param, searched=True, lowest=lowest, highest=highest)


@pytest.mark.parametrize(
    ("scale", "low", "high", "expected"),
    [
        (LINEAR, 0.0, 1.0, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (LINEAR, 0.93, 0.99, [0.94, 0.96, 0.98]),
        (LINEAR, -300.0, 900.0, [-200.0, 0.0, 200.0, 400.0, 600.0, 800.0]),
        (LOG, 1e-4, 0.3, [1e-4, 1e-3, 1e-2, 1e-1]),
        (LOG, 3.0, 60.0, [5.0, 10.0, 20.0, 50.0]),
        (LOG, 1e-9, 1e9, [1e-9, 1e-5, 1e-1, 1e3, 1e7]),
        (LOG1M, 0.9, 0.999, [0.9, 0.99, 0.999]),
        (LOG1M, 0.6, 0.97, [0.8, 0.9, 0.95]),
        (LOG, 31.0, 38.0, [32.0, 34.0, 36.0, 38.0]),
    ],
)
def test_marks_by_hand(scale, low, high, expected):
    """Round values, on each scale its own."""
    assert marks(scale, low, high) == pytest.approx(expected, rel=1e-12)


def test_the_places_of_ticks_on_log1m():
    """0.99 lies in the middle of 0.9 to 0.999, exactly named."""
    assert ticks(axis(Float(0.9, 0.999, scale=LOG1M))) == [
        (pytest.approx(0.0, abs=1e-12), "0.9"),
        (pytest.approx(0.5), "0.99"),
        (pytest.approx(1.0), "0.999"),
    ]


@given(
    st.sampled_from([LINEAR, LOG, LOG1M]),
    st.floats(1e-6, 0.4),
    st.floats(0.41, 0.999999),
    st.integers(2, 9),
)
def test_marks_lie_within_and_are_few(scale, low, high, most):
    """Never outside, no more than asked, always rising, one at least."""
    found = marks(scale, low, high, most)
    assert all(low * (1 - 1e-6) <= value <= high * (1 + 1e-6) for value in found)
    assert found == sorted(set(found))
    assert 1 <= len(found) <= most


def test_whole_numbers_have_whole_ticks():
    """No tick at 1.5 layers, and none outside the range."""
    assert [text for _, text in ticks(axis(Int(1, 4)))] == ["1", "2", "3", "4"]


def test_options_have_their_names():
    """Short, and in the middle of their stretch."""
    found = ticks(axis(Choice(("relu", "a very long name of an option"))))
    assert found == [(0.25, "relu"), (0.75, "a very long n…")]


@pytest.mark.parametrize(("at", "expected"), [(0.0, 2.5), (1.0, 97.5), (-0.1, 2.5 / 39**0.1)])
def test_value_at(at, expected):
    """A place outside the range as given is a value outside of it."""
    assert value_at(Int(3, 97, scale=LOG), at) == pytest.approx(expected)
