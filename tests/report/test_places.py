import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.conftest import played, study_of

from tunesmith.history import History
from tunesmith.report.places import axes, edges, place
from tunesmith.space import LINEAR, LOG, LOG1M, Choice, Float, Int


@pytest.mark.parametrize(
    ("param", "value", "expected"),
    [
        (Float(1e-4, 1.0, scale=LOG), 1e-2, 0.5),
        (Float(1e-4, 1.0, scale=LOG), 1e-5, -0.25),
        (Float(0.9, 0.999, scale=LOG1M), 0.99, 0.5),
        (Float(3.0, 8.0, scale=LINEAR), 10.0, 1.4),
        (Int(2, 5), 2, 0.125),
        (Choice(("a", "b", "c")), "c", 5 / 6),
    ],
)
def test_place(param, value, expected):
    """A place is measured on the param's own scale, inside its range and outside."""
    assert place(param, value) == pytest.approx(expected, abs=1e-12)


@given(st.floats(0.0, 1.0))
def test_a_float_lies_where_it_was_drawn(unit):
    """The place of a value is the unit it was drawn at."""
    param = Float(3e-5, 0.7, scale=LOG)
    assert place(param, param.value(unit)) == pytest.approx(unit, abs=1e-9)


def test_edges():
    """Whole numbers have room for half a step at both ends."""
    assert edges(Int(3, 97, scale=LOG)) == (2.5, 97.5)
    assert edges(Float(0.3, 2.0)) == (0.3, 2.0)


def test_axes_are_as_wide_as_the_search_ever_looked():
    """A range that was widened has a longer axis; plain data says all that a picture needs."""
    found = {axis.name: axis for axis in axes(played())}
    assert (found["rate"].lowest, found["rate"].highest) == (-0.1, 1.0)
    assert (found["units"].lowest, found["units"].highest) == (0.0, 1.0)
    assert found["kind"].to_builtins()["options"] == ["relu", "tanh"]
    assert found["momentum"].to_builtins()["scale"] == "log1m"
    fixed = study_of(space=study_of().space.fixed({"units": 5}))
    assert [axis.searched for axis in axes(History(fixed))] == [True, True, False, True]
