"""Distributions of Optuna's, by stand-ins of the same shape, and what they are with us."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.errors import SpaceError
from tunesmith.interchange.distributions import from_value, space_of, to_value
from tunesmith.space import LOG, Choice, Float, Int, Space


def number(low, high, *, log=False, step=None):
    return SimpleNamespace(low=low, high=high, log=log, step=step)


def choice(*choices):
    return SimpleNamespace(choices=choices, to_internal_repr=choices.index)


DISTRIBUTIONS = {
    "rate": number(1e-4, 0.7, log=True),
    "x": number(-0.3, 0.7),
    "half": number(-10.2, 10.2, step=0.1),
    "units": number(3, 131, log=True, step=1),
    "layers": number(1, 5, step=1),
    "threes": number(4, 22, step=3),
    "kind": choice("a", None, (1, 2)),
}


def test_a_space_of_distributions():
    """Scales are kept; steps and choices are counted."""
    assert space_of(DISTRIBUTIONS) == Space(
        rate=Float(1e-4, 0.7, scale=LOG),
        x=Float(-0.3, 0.7),
        half=Int(0, 204),
        units=Int(3, 131, scale=LOG),
        layers=Int(1, 5),
        threes=Int(0, 6),
        kind=Choice((0, 1, 2)),
    )


def test_nobody_is_warned_of_another_tools_space():
    """A range that looks like one for LOG was chosen elsewhere."""
    assert len(space_of({"learning rate": number(1e-7, 1.0)})) == 1


@pytest.mark.parametrize(
    ("name", "theirs", "ours"),
    [
        ("rate", 0.03, 0.03),
        ("half", -10.2, 0),
        ("half", 0.1, 103),
        ("half", 10.2, 204),
        ("units", 77, 77),
        ("threes", 4, 0),
        ("threes", 13, 3),
        ("threes", 22, 6),
        ("kind", None, 1),
        ("kind", (1, 2), 2),
    ],
)
def test_a_value_and_what_stands_for_it(name, theirs, ours):
    """There and back; a float with a step comes back within its rounding."""
    distribution = DISTRIBUTIONS[name]
    assert to_value(distribution, theirs) == ours
    back = from_value(distribution, ours)
    assert back == (pytest.approx(theirs, abs=1e-12) if name == "half" else theirs)
    assert type(back) is type(theirs)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
@given(unit=st.floats(0, 1))
def test_no_value_leaves_its_range(name, unit):
    """And what stands for it is what it was."""
    distribution = DISTRIBUTIONS[name]
    ours = space_of({name: distribution})[name].value(unit)
    theirs = from_value(distribution, ours)
    assert to_value(distribution, theirs) == ours
    if name != "kind":
        assert distribution.low <= theirs <= distribution.high


def test_a_range_that_no_param_can_have_is_refused():
    """With the name of the param."""
    with pytest.raises(SpaceError, match="n: high must lie within"):
        space_of({"n": number(1, 10**15, step=1)})
