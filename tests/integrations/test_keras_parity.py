"""Our batch norm, Keras's and TensorFlow's own: one batch, many steps, and test time.

Keras's momentum is our bn_decay, and its running variance is the biased one, as ours; one
convention differs and stands here as a factor: its buffers start at 0 and 1 and are not corrected.
"""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")
keras = pytest.importorskip("keras")

from tunesmith.engine import kernels, reference, whole  # noqa: E402
from tunesmith.engine.network import Activation, Loss, Network, Place  # noqa: E402
from tunesmith.engine.optimizers import Optimizer, Rule  # noqa: E402
from tunesmith.engine.recipe import Recipe  # noqa: E402
from tunesmith.engine.train import Training  # noqa: E402
from tunesmith.rng import stream  # noqa: E402

SIZE = 14
"""Rows of a batch; a table is five of them."""

NETWORK = Network(
    inputs=7, hidden=(13, 6), outputs=4, activation=Activation.TANH, bn_decay=0.8, bn_epsilon=1e-3
)
RATE = 0.1
ACTIVATIONS = {
    activation: getattr(keras.activations, activation.value) for activation in Activation
} | {Activation.LEAKY_RELU: partial(keras.activations.leaky_relu, negative_slope=0.01)}

EXACT = {"rtol": 1e-9, "atol": 1e-11}
SINGLE = {"rtol": 1e-4, "atol": 2e-5}


def their_network(network, weights):
    """Return a Keras model in double precision that holds `weights`, by the order of its layers."""
    layers = [keras.Input((network.inputs,))]
    for layer in network.layers[:-1]:
        bias = layer.bias >= 0
        layers.append(keras.layers.Dense(layer.units, use_bias=bias, dtype="float64"))
        steps = [keras.layers.Activation(ACTIVATIONS[network.activation], dtype="float64")]
        if layer.gamma >= 0:
            norm = keras.layers.BatchNormalization(
                momentum=network.bn_decay, epsilon=network.bn_epsilon, dtype="float64"
            )
            steps.insert(0 if network.bn_place is Place.BEFORE else 1, norm)
        layers += steps
    layers.append(keras.layers.Dense(network.outputs, dtype="float64"))
    model = keras.Sequential(layers)
    ends = np.cumsum([np.prod(variable.shape) for variable in model.trainable_variables])
    parts = np.split(weights.astype(np.float64), ends[:-1])
    for variable, part in zip(model.trainable_variables, parts, strict=True):
        variable.assign(part.reshape(variable.shape))
    return model


def flat(arrays):
    """Return arrays as one, in the order of our flat array."""
    return np.concatenate([np.ravel(array) for array in arrays])


def their_gradient(model, x, labels):
    """Return their loss of a batch and its slopes by each array; running averages move."""
    with tf.GradientTape() as tape:
        outputs = model(x.astype(np.float64), training=True)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, outputs)
        loss = tf.reduce_mean(losses)
    variables = [variable.value for variable in model.trainable_variables]
    return float(loss), tape.gradient(loss, variables)


def norms(model):
    """Return a model's batch norm layers."""
    return [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]


def drawn(network, *address):
    """Draw float32 weights, rows and labels."""
    chance = stream(5, "keras", *address)
    weights = chance.normal(scale=0.7, size=network.weight_count).astype(np.float32)
    x = chance.normal(size=(5 * SIZE, network.inputs)).astype(np.float32)
    return weights, x, chance.integers(network.outputs, size=5 * SIZE)


# --- one batch ------------------------------------------------------------------------------------


@pytest.mark.parametrize("epsilon", [1e-5, 0.3])
def test_batch_normalization_of_tensorflow(epsilon):
    """tf.nn.batch_normalization of tf.nn.moments: outputs, and slopes by input, gamma and beta."""
    chance = stream(5, "keras", "batch norm")
    z, dy = chance.normal(4.0, 3.0, size=(2, 23, 5))
    gamma, beta = chance.normal(size=(2, 5))
    theirs = [tf.constant(array) for array in (z, gamma, beta)]
    with tf.GradientTape() as tape:
        tape.watch(theirs)
        their_mean, their_variance = tf.nn.moments(theirs[0], axes=[0])
        their_y = tf.nn.batch_normalization(
            theirs[0], their_mean, their_variance, theirs[2], theirs[1], epsilon
        )
        above = tf.reduce_sum(their_y * dy)
    y, x_hat, mean, variance = reference.batch_norm(z, gamma, beta, epsilon)
    slopes = reference.batch_norm_backward(dy, x_hat, gamma, variance, epsilon)
    pairs = [(y, their_y), (mean, their_mean), (variance, their_variance)]
    pairs += zip(slopes, tape.gradient(above, theirs), strict=True)
    for ours, their in pairs:
        np.testing.assert_allclose(ours, their.numpy(), **EXACT)


@pytest.mark.parametrize("epsilon", [1e-5, 0.3])
def test_our_kernel_and_tensorflow(epsilon):
    """The compiled batch norm gives what tf.nn.batch_normalization gives, in float32."""
    chance = stream(5, "keras", "kernel")
    z = chance.normal(4.0, 3.0, size=(23, 37)).astype(np.float32)
    gamma, beta = chance.normal(size=(2, 37)).astype(np.float32)
    their_mean, their_variance = tf.nn.moments(z, axes=[0])
    theirs = tf.nn.batch_normalization(z, their_mean, their_variance, beta, gamma, epsilon)
    x_hat, y = np.empty_like(z), np.empty_like(z)
    mean, variance, rstd = np.empty((3, 37), dtype=np.float32)
    kernels.batch_norm(z, gamma, beta, epsilon, -np.inf, x_hat, y, mean, variance, rstd)
    for ours, their in ((y, theirs), (mean, their_mean), (variance, their_variance)):
        np.testing.assert_allclose(ours, their.numpy(), **SINGLE)


@pytest.mark.parametrize("place", Place, ids=lambda place: place.value)
@pytest.mark.parametrize("activation", Activation, ids=lambda a: a.value)
def test_loss_and_gradient(activation, place):
    """Loss and gradient of a batch through Dense, BatchNormalization and each activation."""
    network = replace(NETWORK, activation=activation, bn_place=place)
    weights, x, labels = drawn(network, activation.value)
    loss, slopes = their_gradient(their_network(network, weights), x, labels)
    ours = whole.gradient(
        network, Loss.CROSS_ENTROPY, weights.astype(float), x.astype(float), labels
    )
    # TensorFlow keeps the constants of leaky_relu and gelu as float32
    assert ours.loss == pytest.approx(loss, rel=1e-8)
    np.testing.assert_allclose(ours.gradient, flat(slopes), rtol=1e-6, atol=1e-8)


# --- test time ------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", Place, ids=lambda place: place.value)
@pytest.mark.parametrize("epochs", [1, 4])
def test_running_averages_and_prediction(epochs, place):
    """The buffers agree but for their start, and so do predictions with ours in them.

    After t steps a buffer that started at b holds decay^t b + (1 - decay^t) of our corrected
    average, for the variance too: both take the biased one.
    """
    network = replace(NETWORK, bn_place=place)
    weights, x, labels = drawn(network, "running")
    model = their_network(network, weights)
    optimizer = Optimizer(rule=Rule.SGD, learning_rate=RATE)
    recipe = Recipe(optimizer=optimizer, batch_size=SIZE)
    training = Training(network, recipe, x, labels, seed=5)
    training.weights[:] = weights
    order = np.empty(5 * SIZE, dtype=np.int64)
    for epoch in range(epochs):
        kernels.shuffle(order, training._order_key, epoch)
        for rows in np.split(order, 5):
            _, slopes = their_gradient(model, x[rows], labels[rows])
            for variable, slope in zip(model.trainable_variables, slopes, strict=True):
                variable.assign_sub(RATE * slope)
        training.train_epoch()
    np.testing.assert_allclose(training.weights, flat(model.trainable_variables), **SINGLE)

    mean, variance = training.statistics()
    left = network.bn_decay ** (5 * epochs)  # of what the buffers started with: 0 and 1
    their_means = flat(norm.moving_mean for norm in norms(model))
    their_variances = flat(norm.moving_variance for norm in norms(model))
    np.testing.assert_allclose((1 - left) * mean, their_means, **SINGLE)
    np.testing.assert_allclose(left + (1 - left) * variance, their_variances, **SINGLE)

    ends = np.cumsum(network.hidden)[:-1]
    for norm, m, v in zip(
        norms(model), np.split(mean, ends), np.split(variance, ends), strict=True
    ):
        norm.moving_mean.assign(m)
        norm.moving_variance.assign(v)
    fresh = stream(5, "keras", "fresh").normal(size=(300, 7)).astype(np.float32)
    expected = model(fresh.astype(np.float64), training=False).numpy()
    np.testing.assert_allclose(training.outputs(fresh), expected, rtol=1e-4, atol=5e-5)
