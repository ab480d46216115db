"""Every kernel equals the function of the same name in reference.py, and hides no NaN."""

import inspect

import numpy as np
import pytest
from numba.core.registry import CPUDispatcher

from tunesmith.engine import kernels, reference
from tunesmith.engine.compiled import compiled
from tunesmith.rng import stream

SHAPES = [(2, 1), (7, 13), (67, 33)]
"""Rows and units: fewer, and more by some, than a vector register holds."""

TOLERANCE = {"rtol": 2e-5, "atol": 2e-6}

WITHOUT_KERNEL = {
    "corrected": "once an epoch, in NumPy",
    "gradient": "compiled in loop.py",
    "parts": "the plan of loop.py",
}
WITHOUT_REFERENCE = {"exp": "NumPy has its own"}


def drawn(*address, size, scale=1.0):
    """Draw float32 numbers."""
    return stream(5, *address).normal(scale=scale, size=size).astype(np.float32)


def reference_of(name, *values, **settings):
    """Call the reference in float64."""
    exact = (v.astype(np.float64) if v.dtype == np.float32 else v for v in values)
    return getattr(reference, name)(*exact, **settings)


@compiled
def exp_of(x, result):
    for i in range(x.shape[0]):
        result[i] = kernels.exp(x[i])


def test_both_modules_offer_the_same_names():
    """Beside every kernel stands a reference, and the exceptions are these."""
    references = {name for name, f in vars(reference).items() if inspect.isfunction(f)}
    compiled_ones = {n for n, f in vars(kernels).items() if isinstance(f, CPUDispatcher)}
    assert references - set(WITHOUT_KERNEL) == compiled_ones - set(WITHOUT_REFERENCE)
    assert set(WITHOUT_KERNEL) <= references
    assert set(WITHOUT_REFERENCE) <= compiled_ones


# --- exp -----------------------------------------------------------------------------------------


def test_exp_is_accurate():
    """Two units in the last place at most, over all that does not overflow."""
    x = np.linspace(-87, 88, 300_007).astype(np.float32)
    result = np.empty_like(x)
    exp_of(x, result)
    assert np.max(np.abs(result / np.exp(x.astype(np.float64)) - 1)) < 2e-7


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (0.0, 1),
        (-np.inf, np.exp(-87)),
        (-1e30, np.exp(-87)),
        (1e30, np.exp(88)),
        (np.inf, np.exp(88)),
    ],
)
def test_exp_outside_its_range(x, expected):
    """Beyond [-87, 88] it stays at the ends, so that nothing becomes infinite or 0."""
    assert kernels.exp(np.float32(x)) == pytest.approx(expected, rel=2e-7)


def test_exp_keeps_nan():
    """NaN stays NaN, alone and amid numbers that are not."""
    x = np.zeros(37, dtype=np.float32)
    x[[3, 20, 36]] = np.nan
    result = np.empty_like(x)
    exp_of(x, result)
    assert np.flatnonzero(np.isnan(result)).tolist() == [3, 20, 36]
    assert np.isnan(kernels.exp(np.float32(np.nan)))


# --- layers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rows", "units"), SHAPES)
def test_linear(rows, units):
    """The product and its two slopes."""
    a, w = drawn("a", size=(rows, 11)), drawn("w", size=(11, units))
    dz = drawn("dz", size=(rows, units))
    z, da, dw = np.empty_like(dz), np.empty_like(a), np.empty_like(w)
    kernels.linear(a, w, z)
    kernels.linear_backward_input(dz, w, da)
    kernels.linear_backward_weight(dz, a, dw)
    np.testing.assert_allclose(z, reference_of("linear", a, w), **TOLERANCE)
    np.testing.assert_allclose(da, reference_of("linear_backward_input", dz, w), **TOLERANCE)
    np.testing.assert_allclose(dw, reference_of("linear_backward_weight", dz, a), **TOLERANCE)


@pytest.mark.parametrize(("rows", "units"), SHAPES)
def test_add_bias(rows, units):
    """The bias and its slope, which replaces what its buffer held."""
    z, bias = drawn("z", size=(rows, units)), drawn("bias", size=units)
    expected = reference_of("add_bias", z, bias)
    dbias = np.full(units, 7, dtype=np.float32)
    kernels.add_bias_backward(z, dbias)
    np.testing.assert_allclose(dbias, reference_of("add_bias_backward", z), **TOLERANCE)
    kernels.add_bias(z, bias)
    np.testing.assert_allclose(z, expected, **TOLERANCE)


@pytest.mark.parametrize("offset", [0.3, 300.0], ids=["centred", "far from 0"])
@pytest.mark.parametrize(("rows", "units"), SHAPES)
def test_batch_norm(rows, units, offset):
    """Output, x_hat, mean, variance and the three slopes; buffers are written over."""
    epsilon = 1e-3
    z = drawn("z", size=(rows, units), scale=2.0) + np.float32(offset)
    gamma, beta = drawn("gamma", size=units), drawn("beta", size=units)
    dy = drawn("dy", size=(rows, units))
    y, x_hat, mean, variance = reference_of("batch_norm", z, gamma, beta, epsilon=epsilon)
    slopes = reference.batch_norm_backward(dy.astype(float), x_hat, gamma, variance, epsilon)

    out, (*statistics, rstd) = np.empty_like(z), np.full((3, units), 7, dtype=np.float32)
    dgamma, dbeta = np.full((2, units), 7, dtype=np.float32)
    kernels.batch_norm(z, gamma, beta, np.float32(epsilon), out, *statistics, rstd)
    kernels.batch_norm_backward(dy, z, gamma, rstd, dgamma, dbeta)

    # far from 0, z itself has lost digits: 300 is known to 3e-5
    tolerance = {"rtol": 1e-4, "atol": 1e-3} if offset > 1 else TOLERANCE
    expected = (y, x_hat, mean, variance, 1 / np.sqrt(variance + epsilon), *slopes)
    results = (out, z, *statistics, rstd, dy, dgamma, dbeta)
    for result, value in zip(results, expected, strict=True):
        np.testing.assert_allclose(result, value, **tolerance)


def test_variance_is_never_below_0():
    """A unit that does not change, far from 0, has variance 0 and finite outputs."""
    z = np.full((53, 9), 12345.678, dtype=np.float32)
    gamma, beta = drawn("gamma", size=9), drawn("beta", size=9)
    y, (mean, variance, rstd) = np.empty_like(z), np.empty((3, 9), dtype=np.float32)
    kernels.batch_norm(z, gamma, beta, np.float32(1e-5), y, mean, variance, rstd)
    assert (variance >= 0).all()
    assert np.isfinite(y).all()


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize(("rows", "units"), SHAPES)
def test_activations(name, rows, units):
    """Each activation, far out as well, and its slope."""
    y, da = drawn("y", size=(rows, units), scale=8.0), drawn("da", size=(rows, units))
    y[0, 0], y[1, 0] = 200, -200
    expected = reference_of(name, y)
    slope = reference_of(f"{name}_backward", da, expected)
    getattr(kernels, name)(y)
    getattr(kernels, f"{name}_backward")(da, y)
    np.testing.assert_allclose(y, expected, **TOLERANCE)
    np.testing.assert_allclose(da, slope, **TOLERANCE)


# --- losses --------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1.0, 30.0, 1e4], ids=["small", "large", "huge"])
@pytest.mark.parametrize(("rows", "classes"), [(2, 3), (67, 10), (5, 1)])
def test_softmax_cross_entropy(rows, classes, scale):
    """Loss and slope, also where exp alone would overflow."""
    logits = drawn("logits", classes, size=(rows, classes), scale=scale)
    labels = stream(5, "labels").integers(classes, size=rows)
    expected, expected_slope = reference_of("softmax_cross_entropy", logits, labels)
    slope = np.full_like(logits, 7)
    loss = kernels.softmax_cross_entropy(logits, labels, slope)
    assert loss == pytest.approx(expected, rel=2e-6, abs=1e-6)
    np.testing.assert_allclose(slope, expected_slope, **TOLERANCE)


def test_squared_error():
    """Loss and slope over several columns."""
    outputs, targets = drawn("outputs", size=(67, 3)), drawn("targets", size=(67, 3))
    expected, expected_slope = reference_of("squared_error", outputs, targets)
    slope = np.full_like(outputs, 7)
    assert kernels.squared_error(outputs, targets, slope) == pytest.approx(expected, rel=1e-6)
    np.testing.assert_allclose(slope, expected_slope, **TOLERANCE)


def test_a_loss_sums_small_numbers_in_full():
    """100,003 equal losses average to themselves: the sum is kept in float64."""
    outputs = np.full((100_003, 1), 0.1, dtype=np.float32)
    slope = np.empty_like(outputs)
    loss = kernels.squared_error(outputs, np.zeros_like(outputs), slope)
    assert loss == pytest.approx(0.005, rel=1e-6)


# --- averages and optimizers ---------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 37, 1003])
def test_running_average(size):
    """One step of the average, in place."""
    old, new = drawn("old", size=size), drawn("new", size=size)
    expected = reference_of("running_average", old, new, decay=0.93)
    kernels.running_average(old, new, 0.93)
    np.testing.assert_allclose(old, expected, **TOLERANCE)


RULES = {
    "sgd": ((), {"learning_rate": 0.03}),
    "momentum": (("v",), {"learning_rate": 0.03, "momentum": 0.95}),
    "rmsprop": (("s",), {"learning_rate": 0.03, "beta2": 0.97, "epsilon": 1e-6}),
    "adam": (
        ("v", "s"),
        {"learning_rate": 0.03, "beta1": 0.85, "beta2": 0.97, "epsilon": 1e-6},
    ),
}
"""Each rule's moments and settings, in the kernel's order."""


@pytest.mark.parametrize("size", [1, 37, 1003])
@pytest.mark.parametrize("rule", RULES)
def test_optimizers(rule, size):
    """Five steps in place equal five of the reference."""
    names, chosen = RULES[rule]
    w, *moments = np.zeros((1 + len(names), size), dtype=np.float32)
    w[:] = drawn("w", size=size)
    exact = [array.astype(np.float64) for array in (w, *moments)]
    for step in range(1, 6):
        g = drawn("g", step, size=size)
        count = {"step": step} if rule == "adam" else {}
        result = reference_of(rule, exact[0], g, *exact[1:], **count, **chosen)
        exact = [result] if rule == "sgd" else list(result)
        getattr(kernels, rule)(w, g, *moments, *count.values(), *chosen.values())
    for array, expected in zip((w, *moments), exact, strict=True):
        np.testing.assert_allclose(array, expected, **TOLERANCE)


@pytest.mark.parametrize("rule", ["rmsprop", "adam"])
def test_a_weight_without_gradient_stays(rule):
    """Gradient 0 and moments 0 divide 0 by epsilon alone: the weight does not move."""
    names, chosen = RULES[rule]
    w, *moments = np.zeros((1 + len(names), 37), dtype=np.float32)
    w[:] = drawn("w", size=37)
    before = w.copy()
    count = (1,) if rule == "adam" else ()
    small = {**chosen, "epsilon": 1e-8}
    getattr(kernels, rule)(w, np.zeros_like(w), *moments, *count, *small.values())
    np.testing.assert_array_equal(w, before)


# --- a network that diverged is seen -------------------------------------------------------------


@pytest.mark.parametrize("place", [(0, 0), (3, 7), (6, 12)])
@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu"])
def test_activations_keep_nan(name, place):
    """A NaN stays where it is, forward and backward, and nowhere else."""
    y, above = drawn("y", size=(7, 13)), drawn("above", size=(7, 13))
    y[place] = np.nan
    getattr(kernels, name)(y)
    assert np.argwhere(np.isnan(y)).tolist() == [list(place)]
    y[place], above[place] = 0.5, np.nan
    getattr(kernels, f"{name}_backward")(above, y)
    assert np.argwhere(np.isnan(above)).tolist() == [list(place)]


def test_linear_keeps_nan():
    """A NaN in a row is in all that the row gives."""
    a, w = drawn("a", size=(7, 11)), drawn("w", size=(11, 5))
    a[4, 9] = np.nan
    z, da, dw = (np.zeros(shape, dtype=np.float32) for shape in ((7, 5), (7, 11), (11, 5)))
    kernels.linear(a, w, z)
    assert np.isnan(z).all(axis=1).tolist() == [row == 4 for row in range(7)]
    kernels.linear_backward_input(z, w, da)
    assert np.isnan(da).all(axis=1).tolist() == [row == 4 for row in range(7)]
    kernels.linear_backward_weight(np.ones_like(z), a, dw)
    assert np.isnan(dw).all(axis=1).tolist() == [column == 9 for column in range(11)]


def test_biases_keep_nan():
    """A NaN in a bias is in its column, one in a column is in the bias's slope."""
    z, bias, dbias = drawn("z", size=(7, 5)), drawn("bias", size=5), np.zeros(5, dtype=np.float32)
    bias[3] = np.nan
    kernels.add_bias(z, bias)
    kernels.add_bias_backward(z, dbias)
    assert np.isnan(z).all(axis=0).tolist() == [column == 3 for column in range(5)]
    assert np.isnan(dbias).tolist() == [column == 3 for column in range(5)]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_batch_norm_keeps_nan(bad):
    """One value that is no finite number spoils its unit for the whole batch, and no other unit."""
    z, dy = drawn("z", size=(7, 5)), drawn("dy", size=(7, 5))
    z[6, 2] = bad
    gamma, beta = drawn("gamma", size=5), drawn("beta", size=5)
    y, (mean, variance, rstd) = np.empty_like(z), np.empty((3, 5), dtype=np.float32)
    dgamma, dbeta = np.empty((2, 5), dtype=np.float32)
    kernels.batch_norm(z, gamma, beta, np.float32(1e-5), y, mean, variance, rstd)
    kernels.batch_norm_backward(dy, z, gamma, rstd, dgamma, dbeta)
    expected = [unit == 2 for unit in range(5)]
    for array in (y, variance[None], dy, dgamma[None]):
        assert np.isnan(array).all(axis=0).tolist() == expected
        assert np.isnan(array).any(axis=0).tolist() == expected


@pytest.mark.parametrize("column", range(5))
def test_cross_entropy_keeps_nan(column):
    """A NaN among the logits is in the loss and in its row's slopes, whichever class it is."""
    logits, labels = drawn("logits", size=(7, 5)), np.arange(7) % 5
    logits[3, column] = np.nan
    slope = np.zeros_like(logits)
    assert np.isnan(kernels.softmax_cross_entropy(logits, labels, slope))
    assert np.isnan(slope).all(axis=1).tolist() == [row == 3 for row in range(7)]


def test_squared_error_keeps_nan_and_infinity():
    """An output that is NaN gives a loss of NaN, one too large to square an infinite loss."""
    outputs, slope = drawn("outputs", size=(7, 5)), np.zeros((7, 5), dtype=np.float32)
    outputs[3, 2] = 1e25
    assert kernels.squared_error(outputs, np.zeros_like(outputs), slope) == np.inf
    outputs[3, 2] = np.nan
    assert np.isnan(kernels.squared_error(outputs, np.zeros_like(outputs), slope))
    assert np.argwhere(np.isnan(slope)).tolist() == [[3, 2]]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("rule", RULES)
def test_optimizers_keep_nan(rule, bad):
    """A gradient that is no finite number leaves a weight that is none, and only that one."""
    names, chosen = RULES[rule]
    w, *moments = np.zeros((1 + len(names), 37), dtype=np.float32)
    g = drawn("g", size=37)
    g[20] = bad
    count = (1,) if rule == "adam" else ()
    getattr(kernels, rule)(w, g, *moments, *count, *chosen.values())
    assert np.flatnonzero(~np.isfinite(w)).tolist() == [20]


def test_running_average_keeps_nan():
    """A batch whose mean is NaN spoils the running mean of that unit."""
    old, new = drawn("old", size=37), drawn("new", size=37)
    new[36] = np.nan
    kernels.running_average(old, new, 0.9)
    assert np.flatnonzero(np.isnan(old)).tolist() == [36]


def test_relu_backward_keeps_nan():
    """A slope that is not a number is not hidden where the unit is off, as in the reference."""
    da = np.full((3, 7), np.nan, np.float32)
    kernels.relu_backward(da, np.zeros_like(da))
    assert np.isnan(da).all()


def test_running_averages_hold_a_constant():
    """A constant stays what it is over thousands of float32 steps, once corrected."""
    old, new, decay = np.zeros(1, np.float32), np.full(1, 4, np.float32), 0.9999
    for _ in range(3000):
        kernels.running_average(old, new, decay)
    assert old[0] / (1 - decay**3000) == pytest.approx(4, rel=3e-6)
