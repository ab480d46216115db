"""The built-in space for tables, and how a config of it becomes a network and its recipe."""

from collections.abc import Mapping
from typing import Any

from tunesmith.engine.network import Activation, Loss, Network
from tunesmith.engine.optimizers import Optimizer, Rule
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.schedules import Schedule, Shape
from tunesmith.space import LOG, LOG1M, Float, Int, Space


def table_space() -> Space:
    """Return the space: the notes' hyperparameters in the notes' order of priority.

    The limits let a search widen a range, but not towards more units or smaller batches: a few
    networks that take much longer to train would eat the budget of all others.
    """
    return Space(
        learning_rate=Float(3e-4, 3e-2, scale=LOG, priority=1, default=3e-3, limits=(1e-6, 1.0)),
        units=Int(32, 256, scale=LOG, priority=2, default=128, limits=(8, 256)),
        batch_size=Int(16, 256, scale=LOG, priority=2, default=64, limits=(16, 1024)),
        layers=Int(1, 4, priority=3, default=2, limits=(1, 6)),
        decay=Float(0.01, 1.0, scale=LOG, priority=3, default=0.1, limits=(1e-4, 10.0)),
        beta2=Float(0.9, 0.999, scale=LOG1M, priority=4, default=0.99, limits=(0.5, 0.9999)),
    )


def network_of(
    config: Mapping[str, Any], *, inputs: int, categories: tuple[int, ...] = (), outputs: int
) -> Network:
    """Return the network a config describes: equal hidden layers of relu under batch norm."""
    return Network(
        inputs=inputs,
        categories=categories,
        hidden=(config["units"],) * config["layers"],
        outputs=outputs,
        activation=Activation.RELU,
    )


def recipe_of(config: Mapping[str, Any], loss: Loss) -> Recipe:
    """Return how a config trains: Adam, its learning rate falling as 1 / (1 + decay * epoch)."""
    return Recipe(
        loss=loss,
        optimizer=Optimizer(
            rule=Rule.ADAM, learning_rate=config["learning_rate"], beta2=config["beta2"]
        ),
        schedule=Schedule(shape=Shape.INVERSE, decay=config["decay"]),
        batch_size=config["batch_size"],
    )
