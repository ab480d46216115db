"""The space for tables, and what its configs become."""

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.engine.network import Activation, Loss, Network
from tunesmith.engine.optimizers import Optimizer, Rule
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.schedules import Schedule, Shape
from tunesmith.errors import SpaceWarning
from tunesmith.fit.space import bin_count, network_of, recipe_of, table_space
from tunesmith.space import Choice, Space

CONFIG = {
    "learning_rate": 0.02,
    "units": 37,
    "batch_size": 29,
    "bins": 5,
    "layers": 3,
    "schedule": "inverse",
    "decay": 0.3,
    "dropout": 0.15,
    "weight_decay": 0.04,
    "batch_norm": True,
    "beta2": 0.97,
}

OTHER = {"schedule": "cosine", "batch_norm": False, "beta2": 0.98}
"""Another value where twice the number is none."""


def test_a_config_drawn_by_hand():
    """Every value of a config reaches the network or its recipe."""
    assert network_of(CONFIG, inputs=11, categories=(7, 3), outputs=5) == Network(
        inputs=11,
        categories=(7, 3),
        hidden=(37, 37, 37),
        outputs=5,
        activation=Activation.SILU,
        dropout=0.15,
    )
    assert recipe_of(CONFIG, Loss.SQUARED_ERROR, 19) == Recipe(
        loss=Loss.SQUARED_ERROR,
        optimizer=Optimizer(rule=Rule.ADAMW, learning_rate=0.02, beta2=0.97, weight_decay=0.04),
        schedule=Schedule(shape=Shape.INVERSE, decay=0.3, epochs=19),
        batch_size=29,
    )


def test_a_cosine_has_no_decay():
    """Its shape follows from the epochs of the full training alone."""
    config = {name: value for name, value in CONFIG.items() if name != "decay"}
    recipe = recipe_of(config | {"schedule": "cosine"}, Loss.CROSS_ENTROPY, 19)
    assert recipe.schedule == Schedule(shape=Shape.COSINE, epochs=19)


@pytest.mark.parametrize(("bins", "count"), [(1, 0), (2, 2), (63, 63)])
def test_one_bin_is_the_number_itself(bins, count):
    """A number is spread over two bins or more, or over none."""
    assert bin_count({"bins": bins}) == count


@pytest.mark.parametrize("name", sorted(CONFIG))
def test_every_param_does_something(name):
    """Changing one param alone gives another network or recipe, so none is searched in vain."""
    other = CONFIG | {name: OTHER[name] if name in OTHER else CONFIG[name] * 2}
    made, changed = (
        (network_of(c, inputs=3, outputs=1), recipe_of(c, Loss.CROSS_ENTROPY, 9), bin_count(c))
        for c in (CONFIG, other)
    )
    assert made != changed
    assert set(table_space()) == set(CONFIG)


@given(place=st.lists(st.floats(0, 1), min_size=len(CONFIG), max_size=len(CONFIG)))
def test_every_config_can_be_trained(place):
    """Wherever in the space: a network and a recipe that the engine takes."""
    config = table_space().decode(place)
    network = network_of(config, inputs=700, outputs=1000)
    assert network.hidden == (config["units"],) * config["layers"]
    assert recipe_of(config, Loss.CROSS_ENTROPY, 27).batch_size == config["batch_size"]
    assert ("decay" in config) == (config["schedule"] == "inverse")


def test_the_limits_can_be_trained_too():
    """What a search may widen the ranges to is still a network and a recipe."""
    for end in (0, 1):
        config = {
            name: param.options[end] if isinstance(param, Choice) else param.limits[end]
            for name, param in table_space().items()
        }
        network_of(config, inputs=700, outputs=1000)
        recipe_of(config, Loss.CROSS_ENTROPY, 27)


def test_the_space_takes_its_own_advice():
    """No scale looks wrong, every default lies in its range, and it goes through JSON."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", SpaceWarning)
        space = table_space()
    for param in space.values():
        if not isinstance(param, Choice):
            assert param.limits[0] <= param.low < param.default < param.high <= param.limits[1]
    assert Space.from_builtins(space.to_builtins()) == space
