"""Our networks and scikit-learn's, from the same weights on the same rows, epoch by epoch.

It has no batch norm, and its L2 is a slope of alpha / rows times the weight: for plain gradient
descent that is weight decay. Its momentum does not average: its rate is 1 - beta of ours.
"""

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier, MLPRegressor

from tunesmith.engine import whole
from tunesmith.engine.network import Activation, Loss, Network
from tunesmith.engine.optimizers import Optimizer, Rule
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.train import Training
from tunesmith.rng import stream

ROWS, EPOCHS = 71, 7
THEIR_NAMES = {
    Activation.SIGMOID: "logistic",
    Activation.TANH: "tanh",
    Activation.RELU: "relu",
}
RULES = {
    "sgd": (Rule.SGD, {"solver": "sgd", "momentum": 0.0, "nesterovs_momentum": False}),
    "momentum": (Rule.MOMENTUM, {"solver": "sgd", "momentum": 0.7, "nesterovs_momentum": False}),
    "nesterov": (Rule.NESTEROV, {"solver": "sgd", "momentum": 0.7, "nesterovs_momentum": True}),
    "adam": (Rule.ADAM, {"solver": "adam", "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-12}),
}
"""Our rule and their settings; epsilon so small that it is no matter where it is added."""


def table(network, loss):
    """Draw rows and a goal; every class is there."""
    chance = stream(5, "sklearn")
    x = chance.normal(size=(ROWS, network.inputs)).astype(np.float32)
    if loss is Loss.CROSS_ENTROPY:
        return x, np.arange(ROWS) % network.outputs
    return x, chance.normal(size=(ROWS, network.outputs)).astype(np.float32)


def their_model(kind, network, weights, x, goal, rate, settings):
    """Return a model that holds `weights` and has not trained."""
    model = kind(
        hidden_layer_sizes=network.hidden,
        activation=THEIR_NAMES[network.activation],
        batch_size=ROWS,
        shuffle=False,
        learning_rate_init=rate,
        **{"alpha": 0.0} | settings,
    )
    classes = {"classes": np.arange(network.outputs)} if kind is MLPClassifier else {}
    model.partial_fit(x, goal, **classes)  # makes the arrays, which are then written over
    for ours, w, bias in zip(network.layers, model.coefs_, model.intercepts_, strict=True):
        part = whole.parts(ours, weights)
        w[:], bias[:] = part.w, part.bias
    del model._optimizer  # with the moments of that first step
    return model


def flat(model):
    """Return their weights in the order of our flat array."""
    pairs = zip(model.coefs_, model.intercepts_, strict=True)
    return np.concatenate([array.ravel() for pair in pairs for array in pair])


def agree(kind, network, loss, rule, *, alpha=0.0):
    """Train both, and compare losses and weights after each epoch."""
    ours, settings = RULES[rule]
    rate, beta = 0.05, settings.get("momentum", 0.0)
    optimizer = Optimizer(
        rule=ours,
        learning_rate=rate,
        momentum=beta,
        beta1=0.8,
        beta2=0.95,
        epsilon=1e-12,
        weight_decay=alpha / ROWS,
    )
    x, goal = table(network, loss)
    training = Training(
        network, Recipe(loss=loss, optimizer=optimizer, batch_size=ROWS), x, goal, seed=5
    )
    training.weights[:] = stream(5, "weights").normal(scale=0.7, size=network.weight_count)
    their_goal = goal[:, 0] if kind is MLPRegressor else goal
    their_rate = rate * (1 - beta)
    settings = {**settings, "alpha": alpha}
    exact = x.astype(np.float64)
    model = their_model(
        kind, network, training.weights.copy(), exact, their_goal, their_rate, settings
    )
    for _ in range(EPOCHS):
        before = flat(model)
        model.partial_fit(exact, their_goal)
        matrices = sum((whole.parts(layer, before).w ** 2).sum() for layer in network.layers)
        plain = model.loss_ - 0.5 * alpha / ROWS * matrices  # theirs counts the weights as well
        assert training.train_epoch() == pytest.approx(plain, rel=1e-4)
        np.testing.assert_allclose(training.weights, flat(model), rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("activation", THEIR_NAMES, ids=lambda a: a.value)
def test_classifier(activation, rule):
    """MLPClassifier, three classes: softmax and cross entropy."""
    network = Network(inputs=7, hidden=(13, 6), outputs=3, activation=activation, batch_norm=False)
    agree(MLPClassifier, network, Loss.CROSS_ENTROPY, rule)


@pytest.mark.parametrize("rule", RULES)
def test_regressor(rule):
    """MLPRegressor, one target: half the squared distance."""
    network = Network(
        inputs=7, hidden=(13, 6), outputs=1, activation=Activation.TANH, batch_norm=False
    )
    agree(MLPRegressor, network, Loss.SQUARED_ERROR, rule)


def test_weight_decay():
    """Their L2 is our weight decay where nothing averages slopes; neither touches biases."""
    network = Network(inputs=7, hidden=(13, 6), outputs=3, batch_norm=False)
    agree(MLPClassifier, network, Loss.CROSS_ENTROPY, "sgd", alpha=20.0)
