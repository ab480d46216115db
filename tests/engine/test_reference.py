"""The readable truth: its slopes are central differences, and batch norm keeps its laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tunesmith.engine import reference
from tunesmith.engine.network import Activation, Loss, Network
from tunesmith.rng import stream

SHAPES = [(2, 3), (5, 1), (7, 4)]
"""Rows and units, never a square."""

NETWORKS = [
    {"inputs": 3, "hidden": (7, 5), "outputs": 4},
    {"inputs": 5, "hidden": (3,), "outputs": 2},
    {"inputs": 2, "hidden": (3, 1, 4), "outputs": 3},
    {"inputs": 4, "hidden": (), "outputs": 3},
]


def slope_of(function, at, step=1e-6):
    """Return the slope of a scalar function at an array, by central differences."""
    slope = np.empty_like(at)
    for place in np.ndindex(at.shape):
        there = np.zeros_like(at)
        there[place] = step
        slope[place] = (function(at + there) - function(at - there)) / (2 * step)
    return slope


def drawn_goal(network, loss, rows, chance):
    """Draw labels or targets for a network."""
    if loss is Loss.CROSS_ENTROPY:
        return chance.integers(network.outputs, size=rows)
    return chance.normal(size=(rows, network.outputs))


def agree(network, loss, rows, seed):
    """Hold `gradient` against central differences at drawn weights, gammas and betas too."""
    chance = stream(seed, "whole network")
    weights = chance.normal(size=network.weight_count)
    x = chance.normal(size=(rows, network.inputs))
    goal = drawn_goal(network, loss, rows, chance)
    expected = slope_of(lambda w: reference.gradient(network, loss, w, x, goal)[0], weights)
    slopes = reference.gradient(network, loss, weights, x, goal)[1]
    np.testing.assert_allclose(slopes, expected, rtol=1e-5, atol=1e-6)


# --- slopes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rows", "units"), SHAPES)
@pytest.mark.parametrize("activation", Activation, ids=lambda a: a.value)
def test_activation_slopes(activation, rows, units):
    """Each activation's backward is its slope, times what comes from above."""
    forward, backward = reference.ACTIVATIONS[activation]
    chance = stream(3, activation.value, rows, units)
    y, da = chance.normal(size=(2, rows, units))
    expected = slope_of(lambda y: np.sum(da * forward(y)), y)
    np.testing.assert_allclose(backward(da, forward(y)), expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(("rows", "units"), SHAPES)
def test_linear_slopes(rows, units):
    """The slopes of a product by its two factors."""
    chance = stream(3, "linear", rows, units)
    a, w = chance.normal(size=(rows, 6)), chance.normal(size=(6, units))
    dz = chance.normal(size=(rows, units))
    by_a = slope_of(lambda a: np.sum(dz * reference.linear(a, w)), a)
    by_w = slope_of(lambda w: np.sum(dz * reference.linear(a, w)), w)
    np.testing.assert_allclose(reference.linear_backward_input(dz, w), by_a, atol=1e-7)
    np.testing.assert_allclose(reference.linear_backward_weight(dz, a), by_w, atol=1e-7)


@pytest.mark.parametrize(("rows", "units"), SHAPES)
def test_bias_slope(rows, units):
    """The slope of a bias sums over the rows it was added to."""
    chance = stream(3, "bias", rows, units)
    z, dz = chance.normal(size=(2, rows, units))
    expected = slope_of(lambda b: np.sum(dz * reference.add_bias(z, b)), chance.normal(size=units))
    np.testing.assert_allclose(reference.add_bias_backward(dz), expected, atol=1e-7)


@pytest.mark.parametrize("epsilon", [1e-5, 0.3])
@pytest.mark.parametrize(("rows", "units"), SHAPES)
def test_batch_norm_slopes(rows, units, epsilon):
    """The slopes by z, gamma and beta, the statistics' own dependence on z included."""
    chance = stream(3, "batch norm", rows, units)
    z, dy = chance.normal(3.0, 2.0, size=(2, rows, units))
    gamma, beta = chance.normal(size=(2, units))
    by_z = slope_of(lambda z: np.sum(dy * reference.batch_norm(z, gamma, beta, epsilon)[0]), z)
    by_gamma = slope_of(
        lambda gamma: np.sum(dy * reference.batch_norm(z, gamma, beta, epsilon)[0]), gamma
    )
    by_beta = slope_of(
        lambda beta: np.sum(dy * reference.batch_norm(z, gamma, beta, epsilon)[0]), beta
    )
    _, x_hat, _, variance = reference.batch_norm(z, gamma, beta, epsilon)
    slopes = reference.batch_norm_backward(dy, x_hat, gamma, variance, epsilon)
    for slope, expected in zip(slopes, (by_z, by_gamma, by_beta), strict=True):
        np.testing.assert_allclose(slope, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("loss", Loss, ids=lambda loss: loss.value)
@pytest.mark.parametrize(("rows", "outputs"), [(5, 3), (2, 7)])
def test_loss_slopes(loss, rows, outputs):
    """The slope of each loss by the network's outputs."""
    chance = stream(3, loss.value, rows, outputs)
    given_outputs = chance.normal(scale=2.0, size=(rows, outputs))
    goal = drawn_goal(Network(inputs=1, hidden=(), outputs=outputs), loss, rows, chance)
    expected = slope_of(lambda y: reference.LOSSES[loss](y, goal)[0], given_outputs)
    np.testing.assert_allclose(reference.LOSSES[loss](given_outputs, goal)[1], expected, atol=1e-8)


@pytest.mark.parametrize("batch_norm", [True, False], ids=["batch norm", "biases"])
@pytest.mark.parametrize("loss", Loss, ids=lambda loss: loss.value)
@pytest.mark.parametrize("activation", Activation, ids=lambda a: a.value)
@pytest.mark.parametrize("shape", NETWORKS, ids=lambda s: "-".join(map(str, s["hidden"])))
def test_whole_networks_slope(shape, activation, loss, batch_norm):
    """The gradient of a whole network is the slope of its loss by every weight."""
    agree(Network(**shape, activation=activation, batch_norm=batch_norm), loss, 6, seed=11)


@settings(max_examples=30, deadline=None)
@given(
    inputs=st.integers(1, 4),
    hidden=st.lists(st.integers(1, 4), max_size=4).map(tuple),
    outputs=st.integers(1, 4),
    activation=st.sampled_from([Activation.SIGMOID, Activation.TANH]),
    loss=st.sampled_from(Loss),
    batch_norm=st.booleans(),
    rows=st.integers(3, 7),
    seed=st.integers(0, 999),
)
def test_any_smooth_networks_slope(
    inputs, hidden, outputs, activation, loss, batch_norm, rows, seed
):
    """The same for whatever depth and widths; relu is left out, its corner has no slope."""
    network = Network(
        inputs=inputs,
        hidden=hidden,
        outputs=outputs,
        activation=activation,
        batch_norm=batch_norm,
        bn_epsilon=1e-2,  # two rows that nearly agree bend so sharply that differences fail
    )
    agree(network, loss, rows, seed)


# --- values --------------------------------------------------------------------------------------


def test_cross_entropy_by_hand():
    """Shares 1/8, 2/8, 5/8: the loss is minus the log of the right one."""
    logits = np.log([[1.0, 2.0, 5.0], [15.0, 6.0, 3.0]])
    loss, slope = reference.softmax_cross_entropy(logits, np.array([2, 1]))
    assert loss == pytest.approx(-(np.log(5 / 8) + np.log(6 / 24)) / 2)
    np.testing.assert_allclose(slope, [[1 / 16, 2 / 16, -3 / 16], [15 / 48, -18 / 48, 3 / 48]])


def test_cross_entropy_of_huge_logits():
    """Logits that would overflow exp give the distance to the largest one."""
    logits = np.array([[1000.0, 990.0, -3000.0], [-5000.0, 7000.0, 7000.0]])
    loss, slope = reference.softmax_cross_entropy(logits, np.array([1, 0]))
    assert loss == pytest.approx((10 + 12000 + np.log(2)) / 2)
    assert np.isfinite(slope).all()


def test_squared_error_by_hand():
    """Half the squared distance, as a mean over rows and not over columns."""
    loss, slope = reference.squared_error(np.array([[3.0, 1.0]] * 5), np.array([[1.0, 4.0]] * 5))
    assert loss == pytest.approx(0.5 * (4 + 9))
    np.testing.assert_allclose(slope, [[0.4, -0.6]] * 5)


def test_batch_norm_by_hand():
    """Rows -2, 0 and 8 have mean 2 and variance 56 / 3, divided by 3 and not by 2."""
    z = np.array([[-2.0], [0.0], [8.0]])
    y, x_hat, mean, variance = reference.batch_norm(z, np.array([3.0]), np.array([-1.0]), 1 / 3)
    assert (mean[0], variance[0]) == pytest.approx((2, 56 / 3))
    np.testing.assert_allclose(x_hat[:, 0], np.array([-4, -2, 6]) / np.sqrt(19))
    np.testing.assert_allclose(y, 3 * x_hat - 1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gradient_keeps_the_precision_it_is_given(dtype):
    """float32 in, float32 out: so the same function serves both comparisons."""
    network = Network(inputs=3, hidden=(5,), outputs=2)
    weights = stream(3, "precision").normal(size=network.weight_count).astype(dtype)
    x = stream(3, "rows").normal(size=(7, 3)).astype(dtype)
    _, *results = reference.gradient(network, Loss.CROSS_ENTROPY, weights, x, np.arange(7) % 2)
    assert [array.dtype for array in results] == [dtype] * 3


# --- the laws of batch norm ----------------------------------------------------------------------

batches = arrays(
    np.float64,
    st.tuples(st.integers(2, 9), st.integers(1, 5)),
    elements=st.floats(-1e3, 1e3),
)


@given(z=batches)
def test_normalised_units_have_mean_0_and_variance_1(z):
    """x_hat has mean 0 and variance v / (v + epsilon), 1 but for epsilon."""
    ones = np.ones(z.shape[1])
    _, x_hat, _, variance = reference.batch_norm(z, ones, 0 * ones, 1e-5)
    np.testing.assert_allclose(x_hat.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(x_hat.var(axis=0), variance / (variance + 1e-5), atol=1e-9)


@given(z=batches, epsilon=st.floats(1e-8, 1.0))
def test_gamma_and_beta_can_undo_the_normalisation(z, epsilon):
    """Gamma = sqrt(variance + epsilon) and beta = mean give z back."""
    mean, variance = z.mean(axis=0), z.var(axis=0)
    y, *_ = reference.batch_norm(z, np.sqrt(variance + epsilon), mean, epsilon)
    np.testing.assert_allclose(y, z, rtol=1e-9, atol=1e-9)


@given(z=batches, seed=st.integers(0, 99))
def test_a_bias_before_batch_norm_is_dead(z, seed):
    """It changes no output, and its slope is 0 whatever comes from above."""
    chance = stream(seed, "dead bias")
    gamma, beta, bias = chance.normal(size=(3, z.shape[1]))
    dy = chance.normal(size=z.shape)
    without, *_ = reference.batch_norm(z, gamma, beta, 1e-3)
    y, x_hat, _, variance = reference.batch_norm(reference.add_bias(z, bias), gamma, beta, 1e-3)
    dz, *_ = reference.batch_norm_backward(dy, x_hat, gamma, variance, 1e-3)
    np.testing.assert_allclose(y, without, atol=1e-8)
    np.testing.assert_allclose(reference.add_bias_backward(dz), 0, atol=1e-9)


# --- running averages ----------------------------------------------------------------------------


@given(
    decay=st.floats(0, 0.999),
    steps=st.integers(1, 40),
    mean=st.floats(-50, 50),
    variance=st.floats(0, 50),
)
def test_constant_statistics_are_exact_from_the_first_step(decay, steps, mean, variance):
    """Averages of one value are that value: the start at 0 leaves no trace."""
    means = variances = np.zeros(1)
    for _ in range(steps):
        means = reference.running_average(means, np.array([mean]), decay)
        variances = reference.running_average(variances, np.array([variance]), decay)
    corrected = reference.corrected(means, variances, decay, steps)
    np.testing.assert_allclose(np.ravel(corrected), [mean, variance], rtol=1e-9, atol=1e-300)


def test_before_the_first_step():
    """No step, no statistics: mean 0 and variance 1, as if nothing were normalised."""
    mean, variance = reference.corrected(np.zeros(3), np.zeros(3), 0.9, 0)
    assert (mean.tolist(), variance.tolist()) == ([0, 0, 0], [1, 1, 1])


def test_running_averages_by_hand():
    """Weights 0.04, 0.2, 1 to the newest of three, for decay 0.2, divided by their sum."""
    average = np.zeros(1)
    for value in (5.0, 10.0, 20.0):
        average = reference.running_average(average, np.array([value]), 0.2)
    mean, _ = reference.corrected(average, average, 0.2, 3)
    assert mean[0] == pytest.approx((0.04 * 5 + 0.2 * 10 + 20) / 1.24)


# --- optimizers ----------------------------------------------------------------------------------


def test_sgd_by_hand():
    """W moves against the gradient by learning_rate times its length."""
    w = reference.sgd(np.array([1.0, -2.0]), np.array([3.0, -5.0]), learning_rate=0.1)
    assert w == pytest.approx([0.7, -1.5])


def test_momentum_by_hand():
    """Gradients 10 and -4 with beta 0.75: v is 2.5, then 0.875."""
    w, v = np.array([1.0]), np.zeros(1)
    for gradient in (10.0, -4.0):
        w, v = reference.momentum(w, np.array([gradient]), v, learning_rate=0.2, momentum=0.75)
    assert (v[0], w[0]) == pytest.approx((0.875, 1 - 0.2 * (2.5 + 0.875)))


def test_rmsprop_by_hand():
    """A first gradient of 6 with beta2 0.75 gives s = 9, and a step of 6 / (3 + epsilon)."""
    w, s = reference.rmsprop(
        np.array([1.0]), np.array([6.0]), np.zeros(1), learning_rate=0.2, beta2=0.75, epsilon=1.0
    )
    assert (s[0], w[0]) == pytest.approx((9.0, 1 - 0.2 * 6 / 4))


def test_adam_by_hand():
    """Gradients 3 and -1 with beta1 0.5, beta2 0.8: corrected, v is 3, 1/3 and s is 9, 41/9."""
    w, v, s = np.array([1.0]), np.zeros(1), np.zeros(1)
    for step, gradient in ((1, 3.0), (2, -1.0)):
        w, v, s = reference.adam(
            w,
            np.array([gradient]),
            v,
            s,
            step=step,
            learning_rate=0.1,
            beta1=0.5,
            beta2=0.8,
            epsilon=2.0,
        )
    expected = 1 - 0.1 * 3 / (3 + 2) - 0.1 * (1 / 3) / (np.sqrt(41 / 9) + 2)
    assert w[0] == pytest.approx(expected)
