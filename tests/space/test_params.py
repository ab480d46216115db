import dataclasses
import math
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.errors import SpaceError
from tunesmith.space.params import Choice, Float, Int, Param, Value
from tunesmith.space.scales import LINEAR, LOG, LOG1M
from tunesmith.space.values import LARGEST_INT

units = st.floats(0.0, 1.0)
option_values = st.none() | st.booleans() | st.integers() | st.text() | st.floats(-1e3, 1e3)


@st.composite
def floats(draw: st.DrawFn) -> Float:
    """Draw a Float on any scale."""
    scale = draw(st.sampled_from((LINEAR, LOG, LOG1M)))
    low, high = sorted((draw(st.floats(1e-6, 0.4)), draw(st.floats(0.5, 1 - 1e-6))))
    return Float(low, high, scale=scale, priority=draw(st.integers(1, 4)))


@st.composite
def ints(draw: st.DrawFn) -> Int:
    """Draw an Int, from two values to as far as they go."""
    scale = draw(st.sampled_from((LINEAR, LOG)))
    low = draw(st.integers(1 if scale == LOG else -LARGEST_INT, LARGEST_INT - 1))
    high = draw(st.integers(low + 1, min(low + 9, LARGEST_INT)) | st.integers(low + 1, LARGEST_INT))
    return Int(low, high, scale=scale, priority=draw(st.integers(1, 4)))


choices = st.lists(option_values, min_size=1, max_size=7, unique=True).map(Choice)
params: st.SearchStrategy[Param] = floats() | ints() | choices

EXAMPLES: list[Param] = [
    Float(1e-4, 1.0, scale=LOG, limits=(1e-6, 3.0), default=0.02),
    Float(-3, 0.1, priority=3, when={"optimizer": ("adam", "adamw"), "layers": 2}),
    Float(0.9, 0.999, scale=LOG1M, priority=2),
    Int(16, 500, scale=LOG, limits=(4, 4096), default=100),
    Int(-2, 5, priority=4, when={"batch_norm": True}),
    Choice(("relu", "tanh", None), default="tanh"),
    Choice([3, 0.5, "x", False], priority=7, when={"a": None}),
]


@given(params, units)
def test_a_value_is_always_allowed(param: Param, unit: float) -> None:
    """A value never leaves its range, and is of Python's own type."""
    value = param.value(unit)
    assert param.check(value) == value
    if isinstance(param, Choice):
        assert any(value is option for option in param.options)
    else:
        assert type(value) is (int if isinstance(param, Int) else float)


@given(params, units, units)
def test_values_rise_with_units(param: Param, unit: float, other: float) -> None:
    """A unit that is no larger gives no larger value, and no later option."""
    first, last = (param.value(u) for u in sorted((unit, other)))
    if isinstance(param, Choice):
        assert param.options.index(first) <= param.options.index(last)
    elif isinstance(param, Int):
        assert first <= last
    else:
        assert first <= last * (1 + 1e-14)


@given(params, st.data())
def test_round_trip(param: Param, data: st.DataObject) -> None:
    """Whole numbers and options come back exactly, floats to 12 digits."""
    if isinstance(param, Choice):
        option = data.draw(st.sampled_from(param.options))
        back = param.value(param.unit(option))
        assert (back, type(back)) == (option, type(option))
    elif isinstance(param, Int):
        k = data.draw(st.integers(param.low, param.high))
        assert param.value(param.unit(k)) == k
    else:
        x = data.draw(st.floats(param.low, param.high))
        assert param.value(param.unit(x)) == pytest.approx(x, rel=1e-12)


@given(params, st.lists(units, min_size=1, max_size=5))
def test_units_of_many_values(param: Param, places: list[float]) -> None:
    """They are those of each value, but for the last bits."""
    values = [param.value(place) for place in places]
    expected = [param.unit(value) for value in values]
    np.testing.assert_allclose(param.units(values), expected, rtol=0, atol=1e-12)


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
def test_place(param: Param, value: Value, expected: float) -> None:
    """A place is measured on the param's own scale, inside its range and outside."""
    assert param.place(value) == pytest.approx(expected, abs=1e-12)


@given(st.floats(0.0, 1.0))
def test_a_float_lies_where_it_was_drawn(unit: float) -> None:
    """The place of a value is the unit it was drawn at."""
    param = Float(3e-5, 0.7, scale=LOG)
    assert param.place(param.value(unit)) == pytest.approx(unit, abs=1e-9)


def test_the_ends_of_an_axis() -> None:
    """Whole numbers have room for half a step at both ends."""
    assert Int(3, 97, scale=LOG).ends == (2.5, 97.5)
    assert Float(0.3, 2.0).ends == (0.3, 2.0)


@given(floats() | ints())
def test_the_ends_are_exact(param: Float | Int) -> None:
    """0 and 1 are low and high to the bit."""
    assert (param.value(0.0), param.value(1.0)) == (param.low, param.high)


@given(st.integers(-40, 40), st.integers(1, 60))
def test_whole_numbers_on_a_linear_scale_have_equal_shares(low: int, width: int) -> None:
    """Number i of n has the bin from i/n to (i+1)/n, the two ends no less than the others."""
    n = width + 1
    param = Int(low, low + width)
    for i in range(n):
        assert param.unit(low + i) == pytest.approx((i + 0.5) / n)
        assert param.value((i + 1e-9) / n) == low + i
        assert param.value((i + 1 - 1e-9) / n) == low + i


@given(st.integers(1, 40), st.integers(1, 60))
def test_whole_numbers_on_a_log_scale_have_their_shares(low: int, width: int) -> None:
    """Number k has a share of log((k + 1/2) / (k - 1/2)), measured where the value changes."""
    high = low + width
    param = Int(low, high, scale=LOG)
    total = math.log((high + 0.5) / (low - 0.5))
    edge = 0.0
    for k in range(low, high + 1):
        share = math.log((k + 0.5) / (k - 0.5)) / total
        assert param.unit(k) == pytest.approx(edge + share / 2, abs=1e-12)
        assert param.value(edge + 1e-9 * share) == k
        edge += share
        assert param.value(edge - 1e-9 * share) == k


@given(st.integers(1, 200))
def test_options_have_equal_shares(n: int) -> None:
    """Option i has [i/n, (i+1)/n): an edge belongs to the bin above it, however it rounds."""
    options = tuple(f"option {i}" for i in range(n))
    param = Choice(options)
    for i, option in enumerate(options):
        assert param.value(i / n) == option
        assert param.value(np.nextafter((i + 1) / n, 0)) == option
        assert param.unit(option) == (i + 0.5) / n
    assert param.value(1.0) == options[-1]


@pytest.mark.parametrize(
    ("param", "expected"),
    [
        (Float(1e-4, 1.0, scale=LOG), 0.01),
        (Float(-3.0, 11.0), 4.0),
        (Float(0.9, 0.999, scale=LOG1M), 0.99),
        (Float(0.9, 0.999, scale=LOG1M, default=0.95), 0.95),
        (Int(3, 9), 6),
        (Int(3, 47, scale=LOG), 11),  # sqrt(2.5 * 47.5) is 10.9
        (Int(3, 9, default=8), 8),
        (Choice(("tanh", "relu")), "tanh"),
        (Choice((3, 5, 7), default=7), 7),
        (Choice((True, False), default=False), False),
    ],
)
def test_default_values(param: Param, expected: Value) -> None:
    """The default if there is one, else the middle of the range or the first option."""
    close = pytest.approx(expected, rel=1e-13) if isinstance(expected, float) else expected
    assert param.default_value == close
    assert type(param.default_value) is type(expected)


@pytest.mark.parametrize(
    ("param", "value", "expected"),
    [
        (Float(0.5, 3), 1, 1.0),
        (Float(0.5, 3), np.float32(1.5), 1.5),
        (Float(0.5, 3), np.int64(2), 2.0),
        (Int(2, 7), np.int16(3), 3),
        (Choice((2.0, 5.0)), 2, 2.0),
        (Choice((2, 5)), np.int64(5), 5),
        (Choice((0, "x")), 0, 0),
        (Choice((None, "x")), None, None),
    ],
)
def test_values_become_pythons_own(param: Param, value: object, expected: Value) -> None:
    """What is checked comes back as a plain float, int or option."""
    checked = param.check(value)
    assert (checked, type(checked)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("param", "value", "message"),
    [
        (Float(0.5, 3), 3.5, "got 3.5, but the range is 0.5 to 3.0; give a value within it"),
        (
            Float(0.5, 3),
            math.nan,
            "a value from 0.5 to 3.0 must be a finite number such as 0.1, got nan",
        ),
        (
            Float(0.5, 3),
            True,
            "a value from 0.5 to 3.0 must be a finite number such as 0.1, got True",
        ),
        (
            Float(0.5, 3),
            "1",
            "a value from 0.5 to 3.0 must be a finite number such as 0.1, got '1'",
        ),
        (Int(2, 7), 1, "got 1, but the range is 2 to 7; give a value within it"),
        (Int(0, 7), True, "a value from 0 to 7 must be a whole number such as 3, got True"),
        (Int(2, 7), 3.0, "a value from 2 to 7 must be a whole number such as 3, got 3.0"),
        (Choice((1, 2)), True, "got True, but the options are 1, 2; give one"),
        (Choice((True, "x")), 1, "got 1, but the options are True, 'x'; give one"),
        (Choice(("x", "y")), "z", "got 'z', but the options are 'x', 'y'; give one"),
        (Choice(("x", "y")), ["x"], "got ['x'], but the options are 'x', 'y'; give one"),
    ],
)
def test_values_that_are_refused(param: Param, value: Any, message: str) -> None:
    """The message has the value and the range; a unit of such a value is refused alike."""
    for ask in (param.check, param.unit):
        with pytest.raises(SpaceError) as caught:
            ask(value)
        assert str(caught.value) == message


@pytest.mark.parametrize("param", [Float(0.5, 3), Int(2, 7), Choice(("x", "y"))], ids=repr)
@pytest.mark.parametrize("unit", [-1e-9, 1.25, math.nan])
def test_units_that_are_refused(param: Param, unit: float) -> None:
    """A unit outside [0, 1] is a mistake of the search, not a value at the end."""
    with pytest.raises(SpaceError) as caught:
        param.value(unit)
    assert str(caught.value) == f"a unit lies between 0 and 1, got {unit}; clip it"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Float(1, 0.1), "a range upside down: low=1.0 is above high=0.1; swap them"),
        (
            lambda: Int(7, 7),
            (
                "a range with one value: low and high are both 7; "
                "move them apart, or use Choice((7,)) to keep it fixed"
            ),
        ),
        (lambda: Float("0.1", 1), "low must be a finite number such as 0.1, got '0.1'"),
        (lambda: Float(0.1, math.inf), "high must be a finite number such as 0.1, got inf"),
        (lambda: Float(False, 3), "low must be a finite number such as 0.1, got False"),
        (
            lambda: Float(0.1, 1, scale="log"),
            "the scale must be LINEAR, LOG or LOG1M, got 'log'; give one of them",
        ),
        (lambda: Int(2.0, 5), "low must be a whole number such as 3, got 2.0"),
        (lambda: Int(True, 5), "low must be a whole number such as 3, got True"),
        (
            lambda: Int(3, 10**13),
            (
                "high must lie within 1000000000000 of 0, got 10000000000000; "
                "use Float for larger numbers"
            ),
        ),
        (
            lambda: Int(0, 5, scale=LOG),
            (
                "a log scale needs 0 < low < high, got low=0, high=5; "
                "start above 0, or use LINEAR for a range that touches 0"
            ),
        ),
        (
            lambda: Int(3, 5, scale=LOG1M),
            "whole numbers from 3 to 5 have no LOG1M; use LINEAR or LOG",
        ),
        (
            lambda: Int(3, 5, priority=0),
            "priority counts from 1, which is searched first, got 0; give 1",
        ),
        (
            lambda: Choice(("x",), priority=1.5),
            "priority must be a whole number such as 3, got 1.5",
        ),
        (
            lambda: Float(0.1, 1, default=2),
            "default: got 2.0, but the range is 0.1 to 1.0; give a value within it",
        ),
        (
            lambda: Choice((1, 2), default=True),
            "default: got True, but the options are 1, 2; give one",
        ),
        (
            lambda: Float(0.1, 1, limits=(0.2, 3)),
            (
                "limits=(0.2, 3.0) must enclose the range "
                "from 0.1 to 1.0; widen the limits or narrow the range"
            ),
        ),
        (
            lambda: Int(3, 9, limits=(1, 8)),
            (
                "limits=(1, 8) must enclose the range "
                "from 3 to 9; widen the limits or narrow the range"
            ),
        ),
        (
            lambda: Float(0.1, 1, limits=(0, 3), scale=LOG),
            (
                "limits: a log scale needs 0 < low < high, got low=0.0, high=3.0; "
                "start above 0, or use LINEAR for a range that touches 0"
            ),
        ),
        (lambda: Int(3, 9, limits=(2.5, 10)), "limits must be a whole number such as 3, got 2.5"),
        (lambda: Int(3, 9, limits=4), "limits must be a pair such as (4, 4096), got 4"),
        (lambda: Choice("relu"), "options must be a tuple such as ('relu', 'tanh'), got 'relu'"),
        (lambda: Choice(()), "options must be a tuple such as ('relu', 'tanh'), got ()"),
        (
            lambda: Choice((0, "x", False)),
            ("options 0 and False are equal in Python; leave one out, or write them as text"),
        ),
        (
            lambda: Choice((1, [2])),
            "an option must be text, a number, a truth value or None, got [2]",
        ),
        (lambda: Choice((0.5, math.nan)), "an option must be a finite number such as 0.1, got nan"),
        (
            lambda: Float(0.1, 1, when="optimizer"),
            'when must map names to values, such as {"optimizer": "momentum"}, got \'optimizer\'',
        ),
        (
            lambda: Float(0.1, 1, when={"optimizer": ()}),
            "when: no value of 'optimizer' is allowed; give at least one",
        ),
        (
            lambda: Float(0.1, 1, when={3: "x"}),
            "when: a param is called by its name, got 3; write it as text",
        ),
        (
            lambda: Float(0.1, 1, when={"optimizer": {"x"}}),
            "an option must be text, a number, a truth value or None, got {'x'}",
        ),
    ],
)
def test_params_that_cannot_be(make: Any, message: str) -> None:
    """The message has the value and the remedy."""
    with pytest.raises(SpaceError) as caught:
        make()
    assert str(caught.value) == message


def test_a_number_too_large_for_a_float_is_refused() -> None:
    """No OverflowError for an int that no float can hold."""
    with pytest.raises(SpaceError, match="high must be a finite number"):
        Float(3, 10**400)


@pytest.mark.parametrize("param", EXAMPLES, ids=repr)
def test_a_param_is_a_value(param: Param) -> None:
    """It is equal to its copies (repr, pickle, replace), hashes alike, and is frozen."""
    copies = [eval(repr(param)), pickle.loads(pickle.dumps(param)), dataclasses.replace(param)]
    assert copies == [param] * 3
    assert {*copies} == {param}
    assert dataclasses.replace(param, priority=9) != param
    with pytest.raises(dataclasses.FrozenInstanceError):
        param.priority = 9  # type: ignore[misc]


def test_reprs() -> None:
    """What was given is shown, as one would write it."""
    assert repr(Float(1e-4, 1, scale=LOG)) == "Float(0.0001, 1.0, scale=LOG, priority=1)"
    assert repr(EXAMPLES[1]) == (
        "Float(-3.0, 0.1, scale=LINEAR, priority=3, "
        "when={'layers': (2,), 'optimizer': ('adam', 'adamw')})"
    )
    assert repr(EXAMPLES[5]) == "Choice(('relu', 'tanh', None), priority=1, default='tanh')"


def test_conditions_have_one_form() -> None:
    """A bare value is one value, and the order in which conditions are written is nothing."""
    one = Int(3, 9, when={"optimizer": "adam", "layers": [2, 3]})
    other = Int(3, 9, when={"layers": (2, 3), "optimizer": ("adam",)})
    assert one == other
    assert one.when == (("layers", (2, 3)), ("optimizer", ("adam",)))
    assert Int(3, 9, when={}) == Int(3, 9)


def test_none_as_the_default_of_a_choice():
    """Where None is an option and given, it is the default; not given, the first option is."""
    none, bare = Choice(("balanced", None), default=None), Choice(("balanced", None))
    assert (none.default_value, bare.default_value) == (None, "balanced")
    assert none != bare
    assert bare == Choice(("balanced", None), default="balanced")
    assert repr(none) == "Choice(('balanced', None), priority=1, default=None)"
    assert Choice(("a", "b"), default=None) == Choice(("a", "b"))
    assert Choice((None, "b")).default_value is None
    assert Choice((None, "b"), default="b").default_value == "b"
    for param in (none, bare):
        assert dataclasses.replace(param, priority=2).default_value == param.default_value
        assert eval(repr(param), {"Choice": Choice}) == param
