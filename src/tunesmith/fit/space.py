"""The built-in space for tables, and how a config of it becomes a network and its recipe."""

from collections.abc import Mapping
from typing import Any, Final

from tunesmith.engine.network import Activation, Loss, Network
from tunesmith.engine.optimizers import Optimizer, Rule
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.schedules import Schedule, Shape
from tunesmith.space import LOG, LOG1M, Choice, Float, Int, Space

SHAPES: Final = {"cosine": Shape.COSINE, "inverse": Shape.INVERSE}
"""How the learning rate may fall, by name."""


USUAL_BINS: Final = 16
"""Bins of a number where they are not searched."""


def table_space() -> Space:
    """Return the space: the notes' hyperparameters in the notes' order of priority, and a few more.

    The limits let a search widen a range, but not towards more units or smaller batches: a few
    networks that take much longer to train would eat the budget of all others. What the strongest
    dense networks for tables have is in the ranges: numbers spread over bins, a cosine schedule,
    dropout, decoupled weight decay (`python -m benchmarks ablation` has what each is worth).
    """
    return Space(
        learning_rate=Float(5e-4, 3e-2, scale=LOG, priority=1, default=4e-3, limits=(1e-6, 1.0)),
        units=Int(16, 256, scale=LOG, priority=2, default=128, limits=(4, 512)),
        batch_size=Int(32, 512, scale=LOG, priority=2, default=128, limits=(16, 1024)),
        bins=Int(1, 64, scale=LOG, priority=3, default=USUAL_BINS, limits=(1, 64)),
        layers=Int(1, 4, priority=3, default=2, limits=(1, 6)),
        schedule=Choice(tuple(SHAPES), priority=3, default="cosine"),
        decay=Float(
            *(0.03, 3.0),
            scale=LOG,
            priority=3,
            default=0.3,
            limits=(1e-4, 10.0),
            when={"schedule": "inverse"},
        ),
        dropout=Float(0.0, 0.5, priority=3, default=0.15, limits=(0.0, 0.8)),
        weight_decay=Float(1e-3, 1.0, scale=LOG, priority=4, default=0.06, limits=(1e-6, 10.0)),
        batch_norm=Choice((True, False), priority=4, default=True),
        beta2=Float(0.9, 0.999, scale=LOG1M, priority=5, default=0.95, limits=(0.5, 0.9999)),
    )


def network_of(
    config: Mapping[str, Any], *, inputs: int, categories: tuple[int, ...] = (), outputs: int
) -> Network:
    """Return the network a config describes: equal hidden layers of silu, mostly under batch norm.

    `inputs` are the numbers with the bins that they are spread over.
    """
    return Network(
        inputs=inputs,
        categories=categories,
        hidden=(config["units"],) * config["layers"],
        outputs=outputs,
        activation=Activation.SILU,
        batch_norm=config["batch_norm"],
        dropout=config["dropout"],
    )


def recipe_of(config: Mapping[str, Any], loss: Loss, epochs: int) -> Recipe:
    """Return how a config trains: AdamW, its learning rate falling over `epochs`, or by `decay`."""
    return Recipe(
        loss=loss,
        optimizer=Optimizer(
            rule=Rule.ADAMW,
            learning_rate=config["learning_rate"],
            beta2=config["beta2"],
            weight_decay=config["weight_decay"],
        ),
        schedule=Schedule(
            shape=SHAPES[config["schedule"]], decay=config.get("decay", 0.0), epochs=epochs
        ),
        batch_size=config["batch_size"],
    )


def bin_count(config: Mapping[str, Any]) -> int:
    """Return how many bins a number is spread over; 0 for one, which is the number itself."""
    bins: int = config["bins"]
    return bins if bins > 1 else 0
