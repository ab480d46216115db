"""What a budget opens, tier by tier."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.errors import SpaceError
from tunesmith.search.plan import ROOM, plan
from tunesmith.space import LOG, LOG1M, Choice, Float, Int, Space

NOTES = Space(
    epsilon=Float(1e-9, 1e-3, scale=LOG, priority=7, default=1e-8),
    learning_rate=Float(1e-4, 0.3, scale=LOG, default=0.01),
    optimizer=Choice(("adam", "momentum", "nesterov"), priority=3),
    momentum=Float(
        0.9, 0.999, scale=LOG1M, priority=2, when={"optimizer": ("momentum", "nesterov")}
    ),
    units=Int(16, 500, scale=LOG, priority=2, default=90, limits=(5, 700)),
    batch_size=Int(16, 256, scale=LOG, priority=2, default=48),
    activation=Choice(("relu",)),
)
"""Not in order of priority; momentum matters only where optimizer is open, one tier below."""


@st.composite
def spaces(draw):
    """Draw a space whose params have a few priorities, some of them conditional."""
    params = {}
    for at in range(draw(st.integers(1, 7))):
        more = {"priority": draw(st.integers(1, 4))}
        parents = [name for name, param in params.items() if isinstance(param, Choice)]
        if parents and draw(st.booleans()):
            parent = draw(st.sampled_from(parents))
            some = st.sets(st.sampled_from(params[parent].options), min_size=1)
            more["when"] = {parent: tuple(sorted(draw(some)))}
        if draw(st.booleans()):
            options = tuple("abc"[: draw(st.integers(1, 3))])
            params[f"p{at}"] = Choice(options, default=draw(st.sampled_from(options)), **more)
        else:
            params[f"p{at}"] = Float(0.3, 0.7, default=draw(st.floats(0.3, 0.7)), **more)
    return Space(**params)


@st.composite
def asked(draw):
    """Draw a space that has something to search, values to fix, and a budget."""
    space = draw(spaces().filter(lambda s: any(not is_single(p) for p in s.values() if not p.when)))
    free = draw(st.sampled_from([n for n, p in space.items() if not p.when and not is_single(p)]))
    roots = [name for name, param in space.items() if name != free and not param.when]
    names = draw(st.sets(st.sampled_from(roots))) if roots else ()
    fix = {name: space[name].value(draw(st.floats(0, 1))) for name in sorted(names)}
    return space, fix, draw(st.none() | st.integers(1, 50))


def is_single(param):
    """Say whether a param can have one value only."""
    return isinstance(param, Choice) and len(param.options) == 1


# --- by budget ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trainings", "searched"),
    [
        (1, ["learning_rate"]),
        (3 * ROOM - 1, ["learning_rate"]),
        (3 * ROOM, ["learning_rate", "units", "batch_size"]),
        (5 * ROOM - 1, ["learning_rate", "units", "batch_size"]),
        (5 * ROOM, ["learning_rate", "momentum", "units", "batch_size", "optimizer"]),
        (6 * ROOM, ["learning_rate", "momentum", "units", "batch_size", "optimizer", "epsilon"]),
        (None, ["learning_rate", "momentum", "units", "batch_size", "optimizer", "epsilon"]),
    ],
)
def test_tiers_drawn_by_hand(trainings, searched):
    """ROOM trainings for each param open a tier; momentum comes in with what it depends on."""
    assert list(plan(NOTES, trainings).searched) == searched


def test_a_plan_drawn_by_hand():
    """Every param is accounted for, and the space holds those not searched at one value."""
    made = plan(NOTES, 17, fix={"batch_size": 64})
    assert made.searched == ("learning_rate", "units")
    assert made.fixed == {"batch_size": 64}
    assert made.defaults == {"epsilon": 1e-8, "optimizer": "adam", "activation": "relu"}
    assert made.absent == ("momentum",)
    assert made.opening == {"momentum": 4 * ROOM, "optimizer": 4 * ROOM, "epsilon": 5 * ROOM}
    assert made.space == Space(
        epsilon=Choice((1e-8,), priority=7),
        learning_rate=NOTES["learning_rate"],
        optimizer=Choice(("adam",), priority=3),
        units=NOTES["units"],
        batch_size=Choice((64,), priority=2),
        activation=NOTES["activation"],
    )
    assert made.lines == (
        "searched: learning_rate, units",
        "fixed: batch_size=64",
        "defaults: activation=relu",
        "defaults below 20 trials: optimizer=adam",
        "defaults below 25 trials: epsilon=1e-08",
        "not used: momentum",
    )


@given(asked())
def test_every_param_is_accounted_for(drawn):
    """Searched, fixed, at its default or in no config: one of them, and one always searched."""
    space, fix, trainings = drawn
    made = plan(space, trainings, fix=fix)
    parts = (*made.searched, *made.fixed, *made.defaults, *made.absent)
    assert sorted(parts) == sorted(space)
    assert made.searched
    assert {name for name, param in made.space.items() if not is_single(param)} == set(
        made.searched
    )
    assert {*made.searched, *made.fixed, *made.defaults} == set(made.space)
    for name, value in {**made.fixed, **made.defaults}.items():
        assert made.space[name].default_value == value == fix.get(name, space[name].default_value)


@given(asked())
def test_a_config_of_the_plan_is_one_of_the_space(drawn):
    """Whole, with what is fixed at its value and what is conditional where it was."""
    space, fix, trainings = drawn
    made = plan(space, trainings, fix=fix)
    config = made.space.decode([0.37] * len(made.space))
    assert space.check(config) == config
    assert all(config[name] == value for name, value in fix.items())


@given(asked(), st.integers(1, 40))
def test_more_budget_never_closes_a_param(drawn, more):
    """What fewer trainings search, more search too."""
    space, fix, trainings = drawn
    small = plan(space, trainings or 1, fix=fix)
    for budget in ((trainings or 1) + more, None):
        assert set(small.searched) <= set(plan(space, budget, fix=fix).searched)


@given(asked())
def test_tiers_open_whole_and_with_room(drawn):
    """An open tier has no param at its default that has another option; each has its ROOM."""
    space, fix, trainings = drawn
    made = plan(space, trainings, fix=fix)
    last = max(space[name].priority for name in made.searched)
    held = [name for name in made.defaults if not is_single(space[name])]
    assert all(space[name].priority > last for name in held)
    first = plan(space, 1, fix=fix).searched
    assert trainings is None or made.searched == first or len(made.searched) * ROOM <= trainings


@given(asked())
def test_what_the_plan_says_would_open_opens(drawn):
    """At the number told it is searched, and one training earlier it is not."""
    space, fix, trainings = drawn
    for name, at in plan(space, trainings, fix=fix).opening.items():
        assert name in plan(space, at, fix=fix).searched
        assert name not in plan(space, at - 1, fix=fix).searched


# --- by name --------------------------------------------------------------------------------------


@pytest.mark.parametrize("trainings", [1, 19, None])
def test_only_what_is_named_is_searched(trainings):
    """Whatever the budget, in order of priority, each once; the others stay at their defaults."""
    made = plan(NOTES, trainings, tune=["epsilon", "units", "epsilon"], fix={"batch_size": 31})
    assert made.searched == ("units", "epsilon")
    assert made.lines == (
        "searched: units, epsilon",
        "fixed: batch_size=31",
        "defaults: learning_rate=0.01, activation=relu, optimizer=adam",
        "not used: momentum",
    )


def test_a_param_may_be_tuned_where_a_fixed_one_allows_it():
    """Of the conditions only what can hold is left."""
    made = plan(NOTES, 9, tune=["momentum"], fix={"optimizer": "nesterov", "units": 700})
    assert made.space["momentum"].when == (("optimizer", ("nesterov",)),)
    assert made.space["units"] == Choice((700,), priority=2)
    assert made.searched == ("momentum",)


@pytest.mark.parametrize(
    ("tune", "fix", "message"),
    [
        (["unit"], {}, "no param 'unit'; did you mean 'units'?"),
        (
            ["x"],
            {},
            (
                "no param 'x'; there are epsilon, learning_rate, optimizer, momentum, units, "
                "batch_size, activation"
            ),
        ),
        (
            [],
            {"layers": 3},
            (
                "no param 'layers'; there are epsilon, learning_rate, optimizer, "
                "momentum, units, batch_size, activation"
            ),
        ),
        (["units"], {"units": 40}, "units is to be tuned, and fixed at 40: drop one of the two"),
        (
            ["activation"],
            {},
            "activation is to be tuned, and fixed at 'relu': drop one of the two",
        ),
        ([], {"units": 701}, "units: got 701, but the range is 5 to 700; give a value within it"),
        (
            ["momentum", "units"],
            {},
            (
                "momentum is not used with optimizer=adam: tune or fix optimizer as well, "
                "or leave momentum out"
            ),
        ),
        (
            [],
            {"optimizer": "adam", "momentum": 0.95},
            (
                "momentum is not used with optimizer=adam: tune or fix optimizer as well, "
                "or leave momentum out"
            ),
        ),
        (
            [],
            NOTES.defaults() | {"units": 77},
            (
                "nothing is left to search with epsilon, learning_rate, optimizer, units, "
                "batch_size, activation fixed: free one of them"
            ),
        ),
    ],
)
def test_what_cannot_be_asked(tune, fix, message):
    """One sentence each."""
    with pytest.raises(SpaceError) as caught:
        plan(NOTES, 30, tune=tune, fix=fix)
    assert str(caught.value) == message


@given(
    names=st.lists(st.from_regex(r"[a-z][a-z_-]{0,60}", fullmatch=True), min_size=1, unique=True),
    trainings=st.integers(1, 10**6),
)
def test_lines_fit_80_columns(names, trainings):
    """However many params there are and however long their names: no name or value is cut."""
    space = Space(
        **{
            name: Float(1e-6, 0.7, scale=LOG, default=1e-6, priority=1 + at % 3)
            for at, name in enumerate(names)
        }
    )
    made = plan(space, trainings)
    assert all(len(line) <= 80 for line in made.lines)
    words = " ".join(line.strip() for line in made.lines).replace(",", "").split()
    assert {*made.searched, *(f"{name}=1e-06" for name in made.defaults)} <= set(words)


def test_large_numbers_are_grouped():
    """Thousands of trainings are written as people read them."""
    many = {f"p{at}": Float(0.3, 0.7, priority=2) for at in range(299)}
    assert (
        plan(Space(first=Float(0.3, 0.7), **many), 7)
        .lines[1]
        .startswith("defaults below 1,500 trials: p0=0.5, p1=0.5")
    )
