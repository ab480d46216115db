"""An estimator's parameters as the engine's descriptions of a network and of its training."""

from enum import Enum
from typing import Any, TypeVar

from tunesmith.engine.network import Activation, Network, Statistics, check_count
from tunesmith.engine.optimizers import Optimizer, Rule
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.schedules import Schedule, Shape
from tunesmith.errors import NetworkError
from tunesmith.estimators.answers import Answers
from tunesmith.table.encode import Encoder

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
        batch_norm=bool(given.batch_norm),
        bn_decay=given.bn_decay,
        bn_stats=choice(Statistics, "bn_stats", given.bn_stats),
        dropout=given.dropout,
    )


def recipe_of(given: Any, answers: Answers) -> Recipe:
    """Return how an estimator's parameters say that its network is trained.

    Raises NetworkError for parameters that no training can have.
    """
    return Recipe(
        loss=answers.loss,
        optimizer=Optimizer(
            rule=choice(Rule, "optimizer", given.optimizer),
            learning_rate=given.learning_rate,
            momentum=given.momentum,
            beta1=given.beta1,
            beta2=given.beta2,
            epsilon=given.epsilon,
            weight_decay=given.weight_decay,
        ),
        schedule=Schedule(
            shape=choice(Shape, "schedule", given.schedule),
            decay=given.decay,
            epochs=given.epochs,
        ),
        batch_size=given.batch_size,
        label_smoothing=given.label_smoothing,
    )


def hidden_of(units: Any, layers: Any) -> tuple[int, ...]:
    """Return the widths of the hidden layers: `units` in each, or one width per layer as given."""
    if isinstance(units, tuple | list):
        return tuple(units)
    if layers == 0 and not isinstance(layers, bool):
        return ()
    check_count("layers", layers)
    return (units,) * int(layers)


def choice(kind: type[Member], name: str, value: Any) -> Member:
    """Return the member of `kind` called `value`; NetworkError, with the choices, for no such."""
    for member in kind:
        if member.value == value:
            return member
    choices = ", ".join(str(member.value) for member in kind)
    raise NetworkError(f"{name} must be one of {choices}, got {value!r}")
