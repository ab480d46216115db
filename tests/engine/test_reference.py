"""The readable truth: its slopes are central differences, and batch norm keeps its laws."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tunesmith.engine import reference
from tunesmith.engine.network import Activation
from tunesmith.rng import stream

SHAPES = [(2, 3), (5, 1), (7, 4)]
"""Rows and units, never a square."""

DISTANCES = ["squared_error", "absolute_error", "huber", "logistic"]
"""The losses of outputs beside targets."""


def slope_of(function, at, step=1e-6):
    """Return the slope of a scalar function at an array, by central differences."""
    slope = np.empty_like(at)
    for place in np.ndindex(at.shape):
        there = np.zeros_like(at)
        there[place] = step
        slope[place] = (function(at + there) - function(at - there)) / (2 * step)
    return slope


# --- slopes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rows", "units"), SHAPES)
@pytest.mark.parametrize("activation", Activation, ids=lambda a: a.value)
def test_activation_slopes(activation, rows, units):
    """Each activation's backward is its slope, times what comes from above.

    It is given what `Activation.from_input` says: the input or the output.
    """
    forward, backward = reference.ACTIVATIONS[activation]
    chance = stream(3, activation.value, rows, units)
    y, da = chance.normal(scale=2.0, size=(2, rows, units))
    expected = slope_of(lambda y: np.sum(da * forward(y)), y)
    needed = y if activation.from_input else forward(y)
    np.testing.assert_allclose(backward(da, needed), expected, rtol=1e-6, atol=1e-8)


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


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize(("rows", "outputs"), [(5, 3), (2, 7)])
def test_cross_entropy_slopes(rows, outputs, smoothing):
    """The slope by the logits, each row counting what it weighs, with softened labels too."""
    chance = stream(3, "cross entropy", rows, outputs)
    logits, weight = chance.normal(scale=2.0, size=(rows, outputs)), chance.exponential(size=rows)
    goal = chance.integers(outputs, size=rows), weight, smoothing
    expected = slope_of(lambda y: reference.softmax_cross_entropy(y, *goal)[0], logits)
    slope = reference.softmax_cross_entropy(logits, *goal)[1]
    np.testing.assert_allclose(slope, expected, atol=1e-8)


@pytest.mark.parametrize("loss", DISTANCES)
@pytest.mark.parametrize(("rows", "outputs"), [(5, 3), (2, 7)])
def test_distance_slopes(loss, rows, outputs):
    """The slope of each other loss by the outputs, each row counting what it weighs."""
    chance = stream(3, loss, rows, outputs)
    given_outputs, targets = chance.normal(scale=2.0, size=(2, rows, outputs))
    goal = targets, chance.exponential(size=rows)
    function = getattr(reference, loss)
    expected = slope_of(lambda y: function(y, *goal)[0], given_outputs)
    np.testing.assert_allclose(function(given_outputs, *goal)[1], expected, atol=1e-8)


def test_dropout_slope():
    """Dropout given a mask is linear: its backward is itself."""
    chance = stream(3, "dropout")
    a, da = chance.normal(size=(2, 7, 4))
    kept = chance.random(size=(7, 4)) < 0.6
    expected = slope_of(lambda a: np.sum(da * reference.dropout(a, kept, 0.4)), a)
    np.testing.assert_allclose(reference.dropout(da, kept, 0.4), expected, atol=1e-8)


# --- values --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "y", "expected"),
    [
        ("sigmoid", math.log(3), 0.75),
        ("tanh", math.log(2), 0.6),
        ("relu", -3.0, 0),
        ("leaky_relu", -3.0, -0.03),
        ("elu", -math.log(4), -0.75),
        ("selu", 2.0, 2.101401974710961),
        ("selu", -math.log(4), -0.75 * 1.7580993408473766),
        ("silu", -math.log(3), -math.log(3) / 4),
        ("gelu", 1.0, 0.8413447460685429),
        ("gelu", -2.0, -2 * 0.022750131948179195),
        ("mish", 0.0, 0),
        ("mish", math.log(2), 0.8 * math.log(2)),
    ],
)
def test_activations_by_hand(name, y, expected):
    """A value of each that can be written down; the normal distribution's are from its tables."""
    assert getattr(reference, name)(np.array([y]))[0] == pytest.approx(expected, rel=1e-12)


def test_selu_keeps_mean_0_and_variance_1():
    """Normal numbers in, numbers of mean 0 and variance 1 out: what its constants are for."""
    y = np.linspace(-12, 12, 40_001)
    share = np.exp(-y * y / 2) * (y[1] - y[0]) / math.sqrt(2 * math.pi)
    a = reference.selu(y)
    assert np.sum(share * a) == pytest.approx(0, abs=1e-7)
    assert np.sum(share * a * a) == pytest.approx(1, abs=1e-7)


@pytest.mark.parametrize("activation", Activation, ids=lambda a: a.value)
def test_activations_far_out(activation):
    """Inputs of 1e4 either way give finite outputs and slopes, without a warning."""
    forward, backward = reference.ACTIVATIONS[activation]
    y = np.array([-1e4, -800.0, -1e-300, 0.0, 1e-300, 800.0, 1e4])
    a = forward(y)
    assert np.isfinite(a).all()
    assert np.isfinite(backward(np.ones(7), y if activation.from_input else a)).all()


def test_cross_entropy_by_hand():
    """Shares 1/8, 2/8, 5/8: the loss is minus the log of the right one."""
    logits = np.log([[1.0, 2.0, 5.0], [15.0, 6.0, 3.0]])
    loss, slope = reference.softmax_cross_entropy(logits, np.array([2, 1]), np.ones(2), 0.0)
    assert loss == pytest.approx(-(np.log(5 / 8) + np.log(6 / 24)) / 2)
    np.testing.assert_allclose(slope, [[1 / 16, 2 / 16, -3 / 16], [15 / 48, -18 / 48, 3 / 48]])


def test_softened_labels_by_hand():
    """Smoothing 0.3 over three classes aims at 0.8, 0.1 and 0.1; a weight of 4 counts four times.

    Szegedy et al. 2016.
    """
    logits, weight = np.log([[1.0, 2.0, 5.0], [15.0, 6.0, 3.0]]), np.array([4.0, 1.0])
    loss, slope = reference.softmax_cross_entropy(logits, np.array([2, 1]), weight, 0.3)
    first = -0.8 * np.log(5 / 8) - 0.1 * np.log(1 / 8) - 0.1 * np.log(2 / 8)
    second = -0.8 * np.log(6 / 24) - 0.1 * np.log(15 / 24) - 0.1 * np.log(3 / 24)
    assert loss == pytest.approx((4 * first + second) / 2)
    aims = np.array([[0.1, 0.1, 0.8], [0.1, 0.8, 0.1]])
    expected = (np.array([[1, 2, 5], [5, 2, 1]]) / 8 - aims) * [[2], [0.5]]
    np.testing.assert_allclose(slope, expected, atol=1e-15)


def test_cross_entropy_of_huge_logits():
    """Logits that would overflow exp give the distance to the largest one."""
    logits = np.array([[1000.0, 990.0, -3000.0], [-5000.0, 7000.0, 7000.0]])
    loss, slope = reference.softmax_cross_entropy(logits, np.array([1, 0]), np.ones(2), 0.0)
    assert loss == pytest.approx((10 + 12000 + np.log(2)) / 2)
    assert np.isfinite(slope).all()


@pytest.mark.parametrize(
    ("name", "loss", "slope"),
    [
        ("squared_error", 0.5 * (4 + 9 + 0.25), [2, -3, 0.5]),
        ("absolute_error", 2 + 3 + 0.5, [1, -1, 1]),
        ("huber", 1.5 + 2.5 + 0.125, [1, -1, 0.5]),
    ],
)
def test_distances_by_hand(name, loss, slope):
    """Distances 2, -3 and 0.5: a mean over rows and not over columns, a row of weight 2 twice."""
    outputs, targets = np.array([[3.0, 1.0, 0.5]] * 5), np.array([[1.0, 4.0, 0.0]] * 5)
    weight = np.array([1.0, 2, 1, 0, 1])
    value, slopes = getattr(reference, name)(outputs, targets, weight)
    assert value == pytest.approx(loss)
    np.testing.assert_allclose(slopes, np.outer(weight, slope) / 5)


def test_logistic_by_hand():
    """Shares 3/4 and 1/5 of targets 1 and 0.5; far out the loss is the distance itself."""
    outputs, targets = np.array([[math.log(3), -math.log(4)]]), np.array([[1.0, 0.5]])
    value, slope = reference.logistic(outputs, targets, np.ones(1))
    assert value == pytest.approx(-math.log(3 / 4) - 0.5 * math.log(1 / 5) - 0.5 * math.log(4 / 5))
    np.testing.assert_allclose(slope, [[-0.25, -0.3]])
    far = np.array([[1000.0, -1000.0]])
    assert reference.logistic(far, np.array([[0.0, 1.0]]), np.ones(1))[0] == 2000
    assert reference.logistic(far, np.array([[1.0, 0.0]]), np.ones(1))[0] == 0


def test_dropout_by_hand():
    """What is held is 0, and what is kept is divided by the share kept."""
    a, kept = np.array([[3.0, -6.0, 9.0]]), np.array([[True, False, True]])
    np.testing.assert_allclose(reference.dropout(a, kept, 0.25), [[4, 0, 12]])


def test_batch_norm_by_hand():
    """Rows -2, 0 and 8 have mean 2 and variance 56 / 3, divided by 3 and not by 2."""
    z = np.array([[-2.0], [0.0], [8.0]])
    y, x_hat, mean, variance = reference.batch_norm(z, np.array([3.0]), np.array([-1.0]), 1 / 3)
    assert (mean[0], variance[0]) == pytest.approx((2, 56 / 3))
    np.testing.assert_allclose(x_hat[:, 0], np.array([-4, -2, 6]) / np.sqrt(19))
    np.testing.assert_allclose(y, 3 * x_hat - 1)


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


def test_nesterov_by_hand():
    """The same gradients: v is 2.5, then 0.875; each step goes 0.75 v and a quarter of g."""
    w, v = np.array([1.0]), np.zeros(1)
    for gradient in (10.0, -4.0):
        w, v = reference.nesterov(w, np.array([gradient]), v, learning_rate=0.2, momentum=0.75)
    steps = (0.75 * 2.5 + 2.5) + (0.75 * 0.875 - 1)
    assert (v[0], w[0]) == pytest.approx((0.875, 1 - 0.2 * steps))


def test_nesterov_looks_ahead():
    """It is momentum whose slope is taken where the weights will be (Sutskever et al. 2013).

    Followed at u = w - alpha beta v, which is where we stand, since u moves by nesterov's rule.
    """
    rate, beta = 0.3, 0.8
    ahead, w, v, there_v = np.array([2.0]), np.array([2.0]), np.zeros(1), np.zeros(1)
    for _ in range(7):
        slope = np.cos(w - rate * beta * v)
        v = beta * v + (1 - beta) * slope
        w = w - rate * v
        ahead, there_v = reference.nesterov(
            ahead, np.cos(ahead), there_v, learning_rate=rate, momentum=beta
        )
        np.testing.assert_allclose(ahead, w - rate * beta * v, rtol=1e-12)


def test_decayed_by_hand():
    """A rate of 0.1 and a decay of 0.3 take three hundredths of a weight, whatever its sign."""
    w = reference.decayed(np.array([2.0, -5.0]), learning_rate=0.1, weight_decay=0.3)
    np.testing.assert_allclose(w, [1.94, -4.85])


@pytest.mark.parametrize(
    ("norm", "expected"),
    [(0.5, [0.3, 0.0, -0.4]), (5.0, [3.0, 0.0, -4.0]), (7.0, [3.0, 0.0, -4.0])],
)
def test_clipped_by_hand(norm, expected):
    """A gradient of length 5 is shortened to the norm where it is longer, and never lengthened."""
    np.testing.assert_allclose(reference.clipped(np.array([3.0, 0.0, -4.0]), norm), expected)


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
