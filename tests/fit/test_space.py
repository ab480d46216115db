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
from tunesmith.fit.space import network_of, recipe_of, table_space
from tunesmith.space import Space

CONFIG = {
    "learning_rate": 0.02,
    "units": 37,
    "batch_size": 29,
    "layers": 3,
    "decay": 0.3,
    "beta2": 0.97,
}


def test_a_config_drawn_by_hand():
    """Every value of a config reaches the network or its recipe."""
    assert network_of(CONFIG, inputs=11, outputs=5) == Network(
        inputs=11, hidden=(37, 37, 37), outputs=5, activation=Activation.RELU
    )
    assert recipe_of(CONFIG, Loss.SQUARED_ERROR) == Recipe(
        loss=Loss.SQUARED_ERROR,
        optimizer=Optimizer(rule=Rule.ADAM, learning_rate=0.02, beta2=0.97),
        schedule=Schedule(shape=Shape.INVERSE, decay=0.3),
        batch_size=29,
    )


@pytest.mark.parametrize("name", sorted(CONFIG))
def test_every_param_does_something(name):
    """Changing one param alone gives another network or recipe, so none is searched in vain."""
    other = CONFIG | {name: CONFIG[name] * 2 if name != "beta2" else 0.98}
    made, changed = (
        (network_of(c, inputs=3, outputs=1), recipe_of(c, Loss.CROSS_ENTROPY))
        for c in (CONFIG, other)
    )
    assert made != changed
    assert set(table_space()) == set(CONFIG)


@given(place=st.lists(st.floats(0, 1), min_size=6, max_size=6))
def test_every_config_can_be_trained(place):
    """Wherever in the space: a network and a recipe that the engine takes."""
    config = table_space().decode(place)
    network = network_of(config, inputs=700, outputs=1000)
    assert network.hidden == (config["units"],) * config["layers"]
    assert recipe_of(config, Loss.CROSS_ENTROPY).batch_size == config["batch_size"]


def test_the_limits_can_be_trained_too():
    """What a search may widen the ranges to is still a network and a recipe."""
    for end in (0, 1):
        config = {name: param.limits[end] for name, param in table_space().items()}
        network_of(config, inputs=700, outputs=1000)
        recipe_of(config, Loss.CROSS_ENTROPY)


def test_the_space_takes_its_own_advice():
    """No scale looks wrong, every default lies in its range, and it goes through JSON."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", SpaceWarning)
        space = table_space()
    for param in space.values():
        assert param.low < param.default < param.high
    assert Space.from_builtins(space.to_builtins()) == space
