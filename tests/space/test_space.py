import copy
import pickle
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tunesmith.errors import SpaceError, SpaceWarning
from tunesmith.space import LINEAR, LOG, LOG1M, Choice, Float, Int, Param, Space

pytestmark = pytest.mark.filterwarnings("ignore::tunesmith.errors.SpaceWarning")

NOTES = Space(
    learning_rate=Float(1e-4, 1.0, scale=LOG),
    optimizer=Choice(("sgd", "momentum", "nesterov", "adam"), priority=2),
    momentum=Float(
        0.9, 0.999, scale=LOG1M, default=0.95, when={"optimizer": ("momentum", "nesterov")}
    ),
    units=Int(16, 500, scale=LOG, priority=2, limits=(4, 4096)),
    layers=Int(1, 4, priority=3),
)

CHAIN = Space(
    bn=Choice((False, True)),
    stats=Choice(("exact", "ema"), when={"bn": True}),
    bn_decay=Float(0.8, 0.99, scale=LOG1M, default=0.9, when={"stats": "ema"}),
    layers=Int(1, 3),
    skip=Choice((None, "add"), when={"layers": (2, 3), "bn": True}),
)

options = st.none() | st.booleans() | st.integers() | st.text() | st.floats(-1e300, 1e300)


@st.composite
def params(draw: st.DrawFn, earlier: dict[str, Param]) -> Param:
    """Draw a param that may depend on earlier ones."""
    when: dict[str, Any] = {}
    for parent in draw(st.sets(st.sampled_from(sorted(earlier)), max_size=2)) if earlier else ():
        places = draw(st.lists(st.floats(0, 1), min_size=1, max_size=3))
        when[parent] = tuple(earlier[parent].value(place) for place in places)
    more: dict[str, Any] = {"when": when, "priority": draw(st.integers(1, 9))}
    kind = draw(st.sampled_from((Float, Int, Choice)))
    if kind is Choice:
        return Choice(draw(st.lists(options, min_size=1, max_size=5, unique=True)), **more)
    if kind is Int:
        low = draw(st.integers(1, 900))
        scale, limits = draw(st.sampled_from(((LINEAR, None), (LOG, (1, 5000)))))
        return Int(low, draw(st.integers(low + 1, 2000)), scale=scale, limits=limits, **more)
    low, high = draw(st.floats(1e-9, 0.4)), draw(st.floats(0.5, 1 - 1e-9))
    scale = draw(st.sampled_from((LINEAR, LOG, LOG1M)))
    return Float(low, high, scale=scale, default=draw(st.none() | st.floats(low, high)), **more)


@st.composite
def spaces(draw: st.DrawFn) -> Space:
    """Draw a space of up to six params, with names of any letters and with conditions."""
    drawn: dict[str, Param] = {}
    for name in draw(st.lists(st.text(min_size=1), min_size=1, max_size=6, unique=True)):
        drawn[name] = draw(params(drawn))
    return Space(**drawn)


seeds = st.integers(0, 2**32)


@given(spaces(), seeds)
def test_a_drawn_config_is_legal(space: Space, seed: int) -> None:
    """What is drawn passes the check, comes in order, and has exactly the active params."""
    config = space.draw(np.random.default_rng(seed))
    assert space.check(config) == config
    assert list(space.check(dict(reversed(config.items())))) == list(config)
    assert space.active(config) == tuple(config)


@given(spaces(), seeds)
def test_round_trip_to_units(space: Space, seed: int) -> None:
    """decode(encode(config)) is the config: options and whole numbers exactly, floats closely.

    Conditions on floats are left out: a value to the last bit is no sound condition.
    """
    parents = [space[parent] for param in space.values() for parent, _ in param.when]
    assume(not any(isinstance(parent, Float) for parent in parents))
    config = space.draw(np.random.default_rng(seed))
    units = space.encode(config)
    assert units.shape == (len(space),)
    assert units.dtype == np.float64
    assert np.all((units >= 0) & (units <= 1))
    back = space.decode(units)
    assert list(back) == list(config)
    for name, value in config.items():
        if isinstance(space[name], Float):
            assert back[name] == pytest.approx(value, rel=1e-12)
        else:
            assert (back[name], type(back[name])) == (value, type(value))


@given(spaces())
def test_round_trip_to_json(space: Space) -> None:
    """A space comes back equal, to the type of every option, and without warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for back in (Space.from_json(space.to_json()), Space.from_builtins(space.to_builtins())):
            assert back == space
            assert hash(back) == hash(space)
            assert repr(back) == repr(space)


@given(spaces())
def test_a_space_is_a_value(space: Space) -> None:
    """Its repr, pickle and copy are equal to it."""
    assert eval(repr(space)) == space
    assert pickle.loads(pickle.dumps(space)) == space
    assert copy.deepcopy(space) == space


def test_json_has_every_bit_in_plain_words() -> None:
    """What is written, to the letter: studies written once are read for ever."""
    third = 0.1 + 0.2
    space = Space(
        rate=Float(1e-7, third, scale=LOG, default=1 / 3 - 0.1),
        units=Int(3, 50, priority=2, limits=(1, 70)),
        kind=Choice((1, 2.0, True is None, None, "é"), when={"units": (4, 5), "rate": third}),
    )
    assert space.to_json() == (
        '{"params":['
        '{"name":"rate","kind":"float","low":1e-7,"high":0.30000000000000004,"scale":"log",'
        '"priority":1,"default":0.2333333333333333,"limits":null,"when":{}},'
        '{"name":"units","kind":"int","low":3,"high":50,"scale":"linear",'
        '"priority":2,"default":null,"limits":[1,70],"when":{}},'
        '{"name":"kind","kind":"choice","options":[1,2.0,false,null,"é"],'
        '"priority":1,"default":null,"when":{"rate":[0.30000000000000004],"units":[4,5]}}]}'
    )


def test_a_space_is_a_mapping_in_order() -> None:
    """Names lead to params, in the order of definition, which is part of what a space is."""
    assert list(NOTES) == ["learning_rate", "optimizer", "momentum", "units", "layers"]
    assert len(NOTES) == 5
    assert NOTES["layers"] == Int(1, 4, priority=3)
    assert "units" in NOTES
    assert "unit" not in NOTES
    a, b = Int(1, 4), Int(1, 5)
    assert Space(a=a, b=b) == Space(a=a, b=b)
    assert Space(a=a, b=b) != Space(b=b, a=a)
    assert Space(a=a) != {"a": a}


def test_any_name_may_be_given() -> None:
    """Even self, and names that are no identifiers."""
    space = Space(self=Int(1, 4), **{"drop out": Float(0, 0.7)})
    assert repr(space) == (
        "Space(**{'self': Int(1, 4, scale=LINEAR, priority=1), "
        "'drop out': Float(0.0, 0.7, scale=LINEAR, priority=1)})"
    )
    assert repr(Space(self=Int(1, 4))) == "Space(self=Int(1, 4, scale=LINEAR, priority=1))"


@pytest.mark.parametrize("name", ["class", "\ufb00"])
def test_names_that_python_would_not_take_as_written(name: str) -> None:
    """A keyword is no argument, and Python reads the ligature ff as two letters."""
    space = Space(**{name: Int(1, 4)})
    assert eval(repr(space)) == space


def test_a_draw_takes_one_number_for_every_param() -> None:
    """Active or not: so one more option of an early param does not move the later ones."""
    rng, same = np.random.default_rng(4), np.random.default_rng(4)
    for _ in range(20):
        config = NOTES.draw(rng)
        numbers = same.random(5)
        assert config == NOTES.decode(numbers)
        assert config["layers"] == NOTES["layers"].value(numbers[4])
        assert ("momentum" in config) == (config["optimizer"] in ("momentum", "nesterov"))


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ([0.2, 0.7, 0.5, 0.5, 0.7], {"bn": False, "layers": 2}),
        ([0.7, 0.2, 0.5, 0.1, 0.7], {"bn": True, "stats": "exact", "layers": 1}),
        (
            [0.7, 0.7, 0.0, 0.9, 0.7],
            {"bn": True, "stats": "ema", "bn_decay": 0.8, "layers": 3, "skip": "add"},
        ),
    ],
)
def test_a_param_needs_all_its_parents(units: list[float], expected: dict[str, object]) -> None:
    """It is active where every parent is active and has an allowed value."""
    assert CHAIN.decode(units) == expected
    assert CHAIN.active(expected) == tuple(expected)


def test_none_is_a_value_like_any_other() -> None:
    """A param that needs None of a parent is inactive where the parent is."""
    space = Space(
        bn=Choice((False, True)),
        skip=Choice((None, "add"), when={"bn": True}),
        width=Int(3, 7, when={"skip": None}),
    )
    assert space.decode([0.2, 0.2, 0.5]) == {"bn": False}
    assert space.decode([0.7, 0.2, 0.5]) == {"bn": True, "skip": None, "width": 5}


def test_an_inactive_param_sits_at_its_default() -> None:
    """So two configs that differ in nothing have the same units."""
    units = CHAIN.encode({"layers": 3, "bn": False})
    assert units == pytest.approx([0.25, 0.25, CHAIN["bn_decay"].unit(0.9), 5 / 6, 0.25])


def test_active_ignores_what_is_inactive() -> None:
    """A parent that is given but inactive activates nothing."""
    config = {"bn": False, "stats": "ema", "bn_decay": 0.9, "layers": 2, "skip": None}
    assert CHAIN.active(config) == ("bn", "layers")


def test_what_is_held_has_one_option() -> None:
    """Whether it was made so or fixed; a number has more than one value."""
    space = Space(kind=Choice(("one",)), units=Int(1, 2), rate=Float(0.1, 0.2))
    assert space.held() == {"kind": "one"}
    assert space.fixed({"units": 2}).held() == {"kind": "one", "units": 2}


def test_defaults() -> None:
    """Every active param at its default, the others left out."""
    assert NOTES.defaults() == {
        "learning_rate": pytest.approx(0.01),
        "optimizer": "sgd",
        "units": 88,  # sqrt(15.5 * 500.5) is 88.08
        "layers": 3,  # the middle of 1 to 4 is the edge of two bins; the upper has it
    }
    assert CHAIN.defaults() == {"bn": False, "layers": 2}


def test_check_returns_pythons_own_types() -> None:
    """NumPy numbers and whole numbers for floats are made plain."""
    checked = Space(rate=Float(0.5, 3), layers=Int(1, 4)).check({"layers": np.int64(2), "rate": 1})
    assert repr(checked) == "{'rate': 1.0, 'layers': 2}"


GOOD = {"learning_rate": 0.01, "optimizer": "sgd", "units": 100, "layers": 2}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lerning_rate": 0.1}, "no param 'lerning_rate'; did you mean 'learning_rate'?"),
        (
            {"xyz": 0.1},
            "no param 'xyz'; there are learning_rate, optimizer, momentum, units, layers",
        ),
        ({7: 0.1}, "no param 7; there are learning_rate, optimizer, momentum, units, layers"),
        (
            {"momentum": 0.95},
            (
                "got momentum=0.95, which exists only where optimizer is "
                "'momentum' or 'nesterov'; leave it out"
            ),
        ),
        ({"optimizer": "nesterov"}, "no value for 'momentum'; give one, such as 0.95"),
        ({"units": 501}, "units: got 501, but the range is 16 to 500; give a value within it"),
        (
            {"optimizer": "Adam"},
            (
                "optimizer: got 'Adam', but the options are "
                "'sgd', 'momentum', 'nesterov', 'adam'; give one"
            ),
        ),
    ],
)
def test_configs_that_are_refused(change: dict[str, Any], message: str) -> None:
    """The message has the name, the value and the remedy; encode refuses alike."""
    for ask in (NOTES.check, NOTES.encode):
        with pytest.raises(SpaceError) as caught:
            ask(GOOD | change)
        assert str(caught.value) == message


@pytest.mark.parametrize("units", [[0.5] * 4, [[0.5] * 5], 0.5])
def test_units_of_another_shape_are_refused(units: Any) -> None:
    """One unit for every param, in one row."""
    with pytest.raises(SpaceError, match=r"but the space has 5 params; give an array of shape"):
        NOTES.decode(units)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {},
            ("a space needs at least one param, such as learning_rate=Float(1e-4, 1.0, scale=LOG)"),
        ),
        ({"": Int(1, 4)}, "a param needs a name, got ''; give it one"),
        ({"units": (16, 500)}, "units must be a Float, an Int or a Choice, got (16, 500)"),
        (
            {"a": Int(1, 4, when={"b": 2}), "b": Int(1, 4)},
            "a depends on 'b', which comes later; put 'b' first",
        ),
        ({"a": Int(1, 4, when={"a": 2})}, "a depends on itself; name another param in its when"),
        (
            {"optimizer": Choice(("x", "y")), "a": Int(1, 4, when={"optimiser": "x"})},
            "a depends on 'optimiser', which is no param; did you mean 'optimizer'?",
        ),
        (
            {"a": Int(1, 4, when={"b": 2})},
            "a depends on 'b', which is no param; there are no others",
        ),
        (
            {"b": Int(1, 4), "a": Int(1, 4, when={"b": (3, 5)})},
            (
                "a can never exist where b is 5: "
                "got 5, but the range is 1 to 4; give a value within it"
            ),
        ),
        (
            {"b": Choice((True, False)), "a": Int(1, 4, when={"b": 1})},
            "a can never exist where b is 1: got 1, but the options are True, False; give one",
        ),
    ],
)
def test_spaces_that_cannot_be(params: dict[str, Any], message: str) -> None:
    """The message has the name and the remedy."""
    with pytest.raises(SpaceError) as caught:
        Space(**params)
    assert str(caught.value) == message


FLOAT = '{"params":[{"name":"a","kind":"float","low":1,"high":2%s}]}'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", 'a space is written as {"params": [...]}, got []'),
        (
            '{"params":[],"more":1}',
            "a space is written as {\"params\": [...]}, got {'params': [], 'more': 1}",
        ),
        ('{"params":{}}', "the params are written as a list, got {}"),
        (
            '{"params":[]}',
            ("a space needs at least one param, such as learning_rate=Float(1e-4, 1.0, scale=LOG)"),
        ),
        (
            '{"params":[{"kind":"int"}]}',
            "a param is written as an object with a name, got {'kind': 'int'}",
        ),
        (
            '{"params":[{"name":"a","kind":"flaot"}]}',
            "a: no kind 'flaot'; the kinds are float, int, choice",
        ),
        (
            '{"params":[{"name":"a","kind":["int"]}]}',
            "a: no kind ['int']; the kinds are float, int, choice",
        ),
        (FLOAT % ',"hihg":3', "a: Float has no 'hihg'; did you mean 'high'?"),
        (FLOAT % ',"scale":"lin"', "a: no scale 'lin'; the scales are linear, log, log1m"),
        (FLOAT % ',"scale":null', "a: no scale None; the scales are linear, log, log1m"),
        (
            FLOAT % ',"default":"x"',
            "a: default: a value from 1.0 to 2.0 must be a finite number such as 0.1, got 'x'",
        ),
        (FLOAT % ',"priority":true', "a: priority must be a whole number such as 3, got True"),
        (
            FLOAT % ',"when":[1]',
            ('a: when must map names to values, such as {"optimizer": "momentum"}, got [1]'),
        ),
        ('{"params":[{"name":"a","kind":"int","low":1}]}', "a: Int needs 'high'; write it down"),
        (
            (
                '{"params":[{"name":"a","kind":"choice","options":[3]},'
                '{"name":"a","kind":"choice","options":[4]}]}'
            ),
            "param 'a' is written twice; remove one",
        ),
    ],
)
def test_json_that_is_no_space(text: str, message: str) -> None:
    """Kinds, fields, scales and types are a closed list, and one sentence says which is wrong."""
    with pytest.raises(SpaceError) as caught:
        Space.from_json(text)
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["", "{", "[" * 9**6, "\ud800", '{"params":[NaN]}'])
def test_text_that_is_no_json(text: str) -> None:
    """The sentence shows the start of the text, and what the reader of JSON says."""
    with pytest.raises(SpaceError, match=r"^.{2,60} is not a space in JSON: .+"):
        Space.from_json(text)


def test_what_need_not_be_written_has_its_default() -> None:
    """A space written by hand may leave out what its maker would."""
    assert Space.from_json(FLOAT % "") == Space(a=Float(1, 2))


@pytest.mark.parametrize(
    ("space", "values", "expected"),
    [
        (NOTES, {}, {}),
        (NOTES, {"layers": 3}, {"layers": Choice((3,), priority=3)}),
        (NOTES, {"units": 4096}, {"units": Choice((4096,), priority=2)}),  # beyond the range
        (
            NOTES,
            {"optimizer": "adam"},
            {"optimizer": Choice(("adam",), priority=2), "momentum": None},
        ),
        (
            NOTES,
            {"momentum": 0.95, "optimizer": "nesterov"},
            {
                "optimizer": Choice(("nesterov",), priority=2),
                "momentum": Choice((0.95,), when={"optimizer": "nesterov"}),
            },
        ),
        (
            CHAIN,  # skip depends on two, bn_decay on what depends on bn
            {"bn": False, "bn_decay": 0.85},
            {"bn": Choice((False,)), "stats": None, "bn_decay": None, "skip": None},
        ),
        (
            CHAIN,
            {"layers": 2},
            {
                "layers": Choice((2,)),
                "skip": Choice((None, "add"), when={"layers": 2, "bn": True}),
            },
        ),
    ],
)
def test_what_is_fixed_has_one_option(
    space: Space, values: dict[str, Any], expected: dict[str, Any]
) -> None:
    """The rest stays as it is, but for conditions that can no longer hold."""
    left = {name: param for name, param in {**space, **expected}.items() if param is not None}
    assert space.fixed(values) == Space(**left)


@given(spaces(), seeds, st.data())
def test_a_fixed_space_has_the_configs_with_these_values(
    space: Space, seed: int, data: st.DataObject
) -> None:
    """Each config with the values, and no other; and what it draws is legal in the whole space."""
    config = space.draw(np.random.default_rng(seed))
    names = data.draw(st.sets(st.sampled_from(sorted(config))))
    fixed = space.fixed({name: config[name] for name in names})
    assert fixed.check(config) == config
    other = fixed.draw(np.random.default_rng(seed + 1))
    assert space.check(other) == other
    assert all(other[name] == config[name] for name in names if name in other)
    assert Space.from_json(fixed.to_json()) == fixed


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"layer": 3}, "no param 'layer'; did you mean 'layers'?"),
        ({"layers": 5}, "layers: got 5, but the range is 1 to 4; give a value within it"),
        ({"units": 5000}, "units: got 5000, but the range is 4 to 4096; give a value within it"),
        (
            {"units": 37.5},
            "units: a value from 4 to 4096 must be a whole number such as 3, got 37.5",
        ),
        (
            {"optimizer": "rmsprop"},
            (
                "optimizer: got 'rmsprop', but the options are 'sgd', 'momentum', 'nesterov', "
                "'adam'; give one"
            ),
        ),
    ],
)
def test_values_that_cannot_be_fixed(values: dict[str, Any], message: str) -> None:
    """The name, the value and what it may be."""
    with pytest.raises(SpaceError) as caught:
        NOTES.fixed(values)
    assert str(caught.value) == message


def test_a_probably_wrong_scale_is_warned_of() -> None:
    """One SpaceWarning for each finding, pointing at the line that makes the space."""
    with pytest.warns(SpaceWarning) as caught:
        Space(rate=Float(1e-4, 1), units=Int(1, 999), beta=Float(0.9, 0.999))
    assert [str(w.message)[:10] for w in caught] == ["rate: 90 %", "beta: 9.1 "]
    assert {w.filename for w in caught} == {__file__}


@pytest.mark.parametrize("more", [{}, {"default": None}, {"default": "b"}, {"default": "a"}])
@pytest.mark.parametrize("options", [("a", None, "b"), (None, "b", "a"), ("b", "a")])
def test_the_default_of_a_choice_in_json(options, more):
    """It comes back, None too."""
    space = Space(kind=Choice(options, **more))
    back = Space.from_json(space.to_json())
    assert back == space
    assert back["kind"].default_value == space["kind"].default_value


def test_a_default_that_was_not_written():
    """In files of earlier versions null is the first option, also where None is another one."""
    record = {"name": "kind", "kind": "choice", "options": ["a", None], "priority": 1, "when": {}}
    for written in (record, record | {"default": None}):
        space = Space.from_builtins({"params": [written]})
        assert space.defaults() == {"kind": "a"}
    assert space.to_builtins()["params"][0]["default"] is None
