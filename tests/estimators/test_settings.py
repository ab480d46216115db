"""Parameters as the engine's descriptions."""

import numpy as np
import pytest

import tunesmith as ts
from tunesmith.engine.network import Activation, Loss, Statistics
from tunesmith.engine.optimizers import Rule
from tunesmith.engine.schedules import Shape
from tunesmith.errors import NetworkError
from tunesmith.estimators.answers import Classes
from tunesmith.estimators.inputs import Inputs, table_of
from tunesmith.estimators.settings import batch_of, choice, hidden_of, network_of, recipe_of

CLASSES = Classes(np.arange(3))
ENCODER = Inputs.fit(table_of(np.arange(10.0).reshape(5, 2)), np.arange(5)).encoder


def test_every_parameter_arrives():
    """None of the parameters is forgotten on its way to the engine."""
    given = ts.DenseClassifier(
        units=(7, 5),
        activation="mish",
        batch_norm=False,
        bn_decay=0.8,
        bn_stats="exact",
        optimizer="nesterov",
        learning_rate=0.02,
        momentum=0.7,
        beta1=0.6,
        beta2=0.95,
        epsilon=1e-5,
        schedule="staircase",
        decay=0.3,
        batch_size=19,
        epochs=11,
        dropout=0.2,
        weight_decay=0.01,
        label_smoothing=0.05,
    )
    network, recipe = network_of(given, ENCODER, CLASSES), recipe_of(given, CLASSES, 500)
    assert network.widths == (2, 7, 5, 3)
    assert (network.activation, network.batch_norm) == (Activation.MISH, False)
    assert (network.bn_decay, network.bn_stats) == (0.8, Statistics.EXACT)
    assert network.dropout == 0.2
    optimizer = recipe.optimizer
    assert (optimizer.rule, optimizer.learning_rate, optimizer.momentum) == (
        Rule.NESTEROV,
        0.02,
        0.7,
    )
    assert (optimizer.beta1, optimizer.beta2, optimizer.epsilon) == (0.6, 0.95, 1e-5)
    assert optimizer.weight_decay == 0.01
    schedule = recipe.schedule
    assert (schedule.shape, schedule.decay, schedule.epochs) == (Shape.STAIRCASE, 0.3, 11)
    assert (recipe.loss, recipe.batch_size) == (Loss.CROSS_ENTROPY, 19)
    assert recipe.label_smoothing == 0.05


@pytest.mark.parametrize(
    ("units", "layers", "hidden"),
    [(7, 3, (7, 7, 7)), ((9, 4), 3, (9, 4)), ([5], 1, (5,)), (7, 0, ()), ((), 2, ())],
)
def test_widths(units, layers, hidden):
    """One width for all layers, or one for each; a tuple says how many there are."""
    assert hidden_of(units, layers) == hidden


@pytest.mark.parametrize("layers", [-1, 1.5, False, "2"])
def test_layers_that_cannot_be(layers):
    """A count of layers is a whole number."""
    with pytest.raises(NetworkError, match="layers must be a whole number of 1 or more, got"):
        hidden_of(8, layers)


def test_a_name_that_is_none():
    """The choices are listed."""
    with pytest.raises(NetworkError) as error:
        choice(Statistics, "bn_stats", "mean")
    assert str(error.value) == "bn_stats must be one of ema, exact, got 'mean'"


@pytest.mark.parametrize(
    ("rows", "batch"), [(1, 8), (50, 8), (71, 8), (72, 9), (351, 43), (512, 64), (70_000, 64)]
)
def test_batches_of_their_own_size(rows, batch):
    """An eighth of the rows, from 8 to 64; a number that is given stays."""
    assert batch_of("auto", rows) == batch
    assert batch_of(np.int64(19), rows) == 19


@pytest.mark.parametrize("given", ["all", 0, 2.5, None])
def test_batches_that_cannot_be(given):
    """One sentence with the value."""
    with pytest.raises(NetworkError, match=r"^batch_size must be a whole number of 1 or more, got"):
        batch_of(given, 50)


def test_flags_that_are_none():
    """A text that Python would take for True is refused."""
    with pytest.raises(NetworkError, match=r"^batch_norm must be True or False, got 'false'$"):
        network_of(ts.DenseClassifier(batch_norm="false"), ENCODER, CLASSES)
    assert (
        network_of(ts.DenseClassifier(batch_norm=np.False_), ENCODER, CLASSES).batch_norm is False
    )
