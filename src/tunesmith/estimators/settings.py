"""An estimator's parameters as the engine's descriptions of a network and of its training."""

from enum import Enum
from typing import Any, Final, TypeVar

import numpy as np

from tunesmith.engine.network import Activation, Network, Statistics, check_count
from tunesmith.engine.optimizers import Optimizer, Rule
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.schedules import Schedule, Shape
from tunesmith.errors import NetworkError
from tunesmith.estimators.answers import Answers
from tunesmith.number import as_real, as_whole, shown
from tunesmith.table.encode import Encoder

STEPS_PER_EPOCH: Final = 8
"""With batch_size="auto" an epoch has so many steps, where the rows are enough,"""
SMALLEST_BATCH: Final = 8
"""in batches of so many rows at least: of fewer, batch norm knows too little,"""
LARGEST_BATCH: Final = 64
"""and of so many at most."""

Member = TypeVar("Member", bound=Enum)


def network_of(given: Any, encoder: Encoder, answers: Answers) -> Network:
    """Return the network that an estimator's parameters describe.

    Raises NetworkError for parameters that no network can have.
    """
    return Network(
        inputs=encoder.numbers,
        categories=encoder.categories,
        hidden=hidden_of(given.units, given.layers),
        outputs=answers.outputs,
        activation=choice(Activation, "activation", given.activation),
        batch_norm=flag_of("batch_norm", given.batch_norm),
        bn_decay=real_of("bn_decay", given.bn_decay),
        bn_stats=choice(Statistics, "bn_stats", given.bn_stats),
        dropout=real_of("dropout", given.dropout),
    )


def recipe_of(given: Any, answers: Answers, rows: int) -> Recipe:
    """Return how an estimator's parameters say that its network is trained on so many rows.

    Raises NetworkError for parameters that no training can have.
    """
    return Recipe(
        loss=answers.loss,
        optimizer=Optimizer(
            rule=choice(Rule, "optimizer", given.optimizer),
            **{
                name: real_of(name, getattr(given, name))
                for name in (
                    "learning_rate",
                    "momentum",
                    "beta1",
                    "beta2",
                    "epsilon",
                    "weight_decay",
                )
            },
        ),
        schedule=Schedule(
            shape=choice(Shape, "schedule", given.schedule),
            decay=real_of("decay", given.decay),
            epochs=count_of("epochs", given.epochs),
        ),
        batch_size=batch_of(given.batch_size, rows),
        label_smoothing=real_of("label_smoothing", given.label_smoothing),
    )


def hidden_of(units: Any, layers: Any) -> tuple[int, ...]:
    """Return the widths of the hidden layers: `units` in each, or one width per layer as given."""
    if isinstance(units, tuple | list):
        widths = tuple(units)
    elif as_whole(layers) == 0:
        return ()
    else:
        widths = (units,) * count_of("layers", layers)
    return tuple(count_of(f"every width of {shown(widths)}", width) for width in widths)


def batch_of(batch_size: Any, rows: int) -> int:
    """Return the rows of a mini-batch; "auto" is an eighth of all, from 8 to 64.

    With batches of 64 an epoch of 50 rows is one step, and the default epochs are far too few.
    """
    if isinstance(batch_size, str) and batch_size == "auto":
        return min(LARGEST_BATCH, max(SMALLEST_BATCH, rows // STEPS_PER_EPOCH))
    return count_of("batch_size", batch_size)


def count_of(name: str, value: Any) -> int:
    """Return a parameter as an int; NetworkError for what is no whole number of 1 or more."""
    check_count(name, value)
    return int(value)


def real_of(name: str, value: Any) -> float:
    """Return a parameter as a float; NetworkError for what is no number."""
    number = as_real(value)
    if number is None:
        raise NetworkError(f"{name} must be a number, got {shown(value)}")
    return number


def flag_of(name: str, value: Any) -> bool:
    """Return a parameter as a truth value; NetworkError for what is none, such as "false"."""
    if isinstance(value, bool | np.bool_) or as_whole(value) in (0, 1):
        return bool(value)
    raise NetworkError(f"{name} must be True or False, got {shown(value)}")


def choice(kind: type[Member], name: str, value: Any) -> Member:
    """Return the member of `kind` called `value`; NetworkError, with the choices, for no such."""
    for member in kind:
        if member.value == value:
            return member
    choices = ", ".join(str(member.value) for member in kind)
    raise NetworkError(f"{name} must be one of {choices}, got {value!r}")
