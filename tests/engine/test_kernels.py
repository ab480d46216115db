"""Every kernel equals the function of the same name in reference.py, and hides no NaN."""

import inspect

import numpy as np
import pytest
from numba.core.registry import CPUDispatcher

from tunesmith.engine import activations, kernels, losses, reference
from tunesmith.engine.product import MANY, WIDE, panel_size
from tunesmith.engine.team import make_team
from tunesmith.rng import stream

SHAPES = [(2, 1), (7, 13), (67, 33)]
"""Rows and units: fewer, and more by some, than a vector register holds."""

FLOORS = [-np.inf, 0.0]
"""Where batch norm holds its output: nowhere, and at 0, which is relu."""

TOLERANCE = {"rtol": 2e-5, "atol": 2e-6}

WITHOUT_KERNEL = {
    "corrected": "once an epoch, in NumPy",
    "clipped": "loop.clip, of squares and scaled",
}
WITHOUT_REFERENCE = {
    "gather": "NumPy's own indexing",
    "copy": "NumPy's own assignment",
    "draw_kept": "the reference is given what is kept",
    "held": "a part of the optimizers",
    "faded": "a part of adam",
    "squares": "a part of clipped",
    "scaled": "a part of clipped",
    "shuffle": "NumPy's own permutation, with other chance",
    "soft_gate": "a part of mish",
    "normal_share": "a part of gelu",
}


def drawn(*address, size, scale=1.0):
    """Draw float32 numbers."""
    return stream(5, *address).normal(scale=scale, size=size).astype(np.float32)


def reference_of(name, *values, **settings):
    """Call the reference in float64."""
    exact = (v.astype(np.float64) if v.dtype == np.float32 else v for v in values)
    return getattr(reference, name)(*exact, **settings)


def room(*arrays):
    """Return a panel for products of these arrays, with nothing in it that may be used."""
    depth = max(max(array.shape) for array in arrays)
    return np.full(panel_size(depth), np.nan, dtype=np.float32)


def multiplied(kernel, a, b, c):
    """Write a product to c, by one thread."""
    kernel(a, b, c, room(a, b), make_team(1))


def normalised(z, gamma, beta, floor, epsilon=1e-5):
    """Run batch norm over z, which becomes x_hat; return y, and mean, variance and rstd."""
    y, statistics = np.full_like(z, 7), np.full((3, z.shape[1]), 7, dtype=np.float32)
    kernels.batch_norm(z, gamma, beta, epsilon, floor, z, y, *statistics)
    return y, *statistics


def normalised_backward(dy, x_hat, gamma, beta, rstd, floor):
    """Run batch norm's backward pass; return dz, dgamma and dbeta."""
    dz, slopes = dy.copy(), np.full((2, dy.shape[1]), 7, dtype=np.float32)
    kernels.batch_norm_backward(dz, x_hat, gamma, beta, rstd, floor, *slopes)
    return dz, *slopes


def test_the_modules_offer_the_same_names():
    """Beside every kernel stands a reference, and the exceptions are these."""
    references = {name for name, f in vars(reference).items() if inspect.isfunction(f)}
    compiled_ones = {
        name
        for module in (activations, kernels, losses)
        for name, f in vars(module).items()
        if isinstance(f, CPUDispatcher) and f.py_func.__module__ == module.__name__
    }
    public = {name for name in references if not name.startswith("_")}
    assert public - set(WITHOUT_KERNEL) == compiled_ones - set(WITHOUT_REFERENCE)
    assert set(WITHOUT_KERNEL) <= public
    assert set(WITHOUT_REFERENCE) <= compiled_ones


# --- rows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1, 13, 16, 33])
def test_gather(width, guarded, at_the_edge):
    """The chosen rows, in their order and as often as chosen; NaN and infinities too."""
    x = drawn("x", size=(67, width))
    x[5], x[66] = np.nan, -np.inf
    chosen = np.array([66, 0, 31, 5, 31, 66, 65])
    batch = guarded(np.zeros((7, width), dtype=np.float32))
    kernels.gather(at_the_edge(x), chosen, batch)
    np.testing.assert_array_equal(batch, x[chosen])


# --- layers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rows", "units"), [*SHAPES, (MANY + 1, WIDE + 5)])
def test_linear(rows, units):
    """The product and its two slopes, which replace what their buffers held."""
    a, w = drawn("a", size=(rows, 11)), drawn("w", size=(11, units))
    dz = drawn("dz", size=(rows, units))
    z, da, dw = (np.full_like(like, np.nan) for like in (dz, a, w))
    multiplied(kernels.linear, a, w, z)
    multiplied(kernels.linear_backward_input, dz, w, da)
    multiplied(kernels.linear_backward_weight, dz, a, dw)
    close = {"rtol": 2e-5, "atol": 2e-5}  # sums of up to 197 products, some of which cancel
    np.testing.assert_allclose(z, reference_of("linear", a, w), **close)
    np.testing.assert_allclose(da, reference_of("linear_backward_input", dz, w), **close)
    np.testing.assert_allclose(dw, reference_of("linear_backward_weight", dz, a), **close)


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


@pytest.mark.parametrize("floor", FLOORS)
@pytest.mark.parametrize("offset", [0.3, 300.0], ids=["centred", "far from 0"])
@pytest.mark.parametrize(("rows", "units"), SHAPES)
def test_batch_norm(rows, units, offset, floor):
    """Output, x_hat, mean, variance and the three slopes; buffers are written over.

    With a floor of 0 they are those of batch norm with relu after it.
    """
    epsilon = 1e-3
    z = drawn("z", size=(rows, units), scale=2.0) + np.float32(offset)
    gamma, beta = drawn("gamma", size=units), drawn("beta", size=units)
    dy = drawn("dy", size=(rows, units))
    y, x_hat, mean, variance = reference_of("batch_norm", z, gamma, beta, epsilon=epsilon)
    slope = dy.astype(float)
    if floor == 0:
        y = reference.relu(y)
        slope = reference.relu_backward(slope, y)
    slopes = reference.batch_norm_backward(slope, x_hat, gamma, variance, epsilon)

    results = normalised(z, gamma, beta, floor, epsilon)
    results += normalised_backward(dy, z, gamma, beta, results[3], floor)

    # far from 0, z itself has lost digits: 300 is known to 3e-5
    tolerance = {"rtol": 1e-4, "atol": 1e-3} if offset > 1 else TOLERANCE
    expected = (y, mean, variance, 1 / np.sqrt(variance + epsilon), *slopes, x_hat)
    for result, value in zip((*results, z), expected, strict=True):
        np.testing.assert_allclose(result, value, **tolerance)


@pytest.mark.parametrize(("rows", "units"), SHAPES)
def test_a_floor_of_0_is_relu(rows, units):
    """Batch norm that holds y at 0 equals batch norm and then relu: every bit, both ways."""
    z, dy = drawn("z", size=(rows, units)), drawn("dy", size=(rows, units))
    gamma, beta = drawn("gamma", size=units), drawn("beta", size=units, scale=0.1)
    x_hat = z.copy()
    y, *statistics = normalised(x_hat, gamma, beta, -np.inf)
    assert (y < 0).any()
    activations.relu(y, y)
    slope = dy.copy()
    activations.relu_backward(slope, y)
    slopes = normalised_backward(slope, x_hat, gamma, beta, statistics[2], -np.inf)

    held = normalised(z, gamma, beta, 0.0)
    held_slopes = normalised_backward(dy, z, gamma, beta, held[3], 0.0)
    expected = (y, *statistics, *slopes, x_hat)
    for result, value in zip((*held, *held_slopes, z), expected, strict=True):
        np.testing.assert_array_equal(result, value)


def test_batch_norm_beside_its_input():
    """x_hat in a buffer of its own: the same bits, and z stays as it was."""
    z, gamma, beta = drawn("z", size=(7, 33)), drawn("gamma", size=33), drawn("beta", size=33)
    expected_x_hat = z.copy()
    expected = normalised(expected_x_hat, gamma, beta, -np.inf)
    before, x_hat, y = z.copy(), np.full_like(z, 7), np.full_like(z, 7)
    statistics = np.full((3, 33), 7, dtype=np.float32)
    kernels.batch_norm(z, gamma, beta, 1e-5, -np.inf, x_hat, y, *statistics)
    np.testing.assert_array_equal(z, before)
    np.testing.assert_array_equal(x_hat, expected_x_hat)
    for result, value in zip((y, *statistics), expected, strict=True):
        np.testing.assert_array_equal(result, value)


@pytest.mark.parametrize("floor", FLOORS)
def test_variance_is_never_below_0(floor):
    """A unit that does not change, far from 0, has variance 0 and finite outputs."""
    z = np.full((53, 9), 12345.678, dtype=np.float32)
    gamma, beta = drawn("gamma", size=9), drawn("beta", size=9)
    y, _, variance, _ = normalised(z, gamma, beta, floor)
    assert (variance >= 0).all()
    assert np.isfinite(y).all()


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
    "nesterov": (("v",), {"learning_rate": 0.03, "momentum": 0.95}),
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


@pytest.mark.parametrize("rule", [rule for rule in RULES if RULES[rule][0]])
def test_moments_do_not_fade_into_subnormal_numbers(rule):
    """Without gradient, moments end at 0: on the way none is smaller than a normal number."""
    names, chosen = RULES[rule]
    w, *moments = np.full((1 + len(names), 37), 1e-36, dtype=np.float32)
    for step in range(1, 201):
        count = (step,) if rule == "adam" else ()
        getattr(kernels, rule)(w, np.zeros_like(w), *moments, *count, *chosen.values())
        for moment in moments:
            assert ((moment == 0) | (np.abs(moment) >= np.finfo(np.float32).tiny)).all()
    assert not np.any(moments)


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


@pytest.mark.parametrize("rule", ["momentum", "nesterov", "rmsprop", "adam"])
def test_averages_that_faded_are_0(rule):
    """Without gradient, averages close to the smallest float32 become 0, others only shrink."""
    names, chosen = RULES[rule]
    w, *moments = np.zeros((1 + len(names), 37), dtype=np.float32)
    for moment in moments:
        moment[:] = 2e-37
        moment[::5] = 1.02e-37
    count = (9,) if rule == "adam" else ()
    getattr(kernels, rule)(w, np.zeros_like(w), *moments, *count, *chosen.values())
    for moment in moments:
        assert (moment == 0).tolist() == [j % 5 == 0 for j in range(37)]


@pytest.mark.parametrize("size", [1, 37, 1003])
def test_decayed(size):
    """A step's decay, in place."""
    w = drawn("w", size=size)
    expected = reference_of("decayed", w, learning_rate=0.03, weight_decay=0.7)
    kernels.decayed(w, 0.03, 0.7)
    np.testing.assert_allclose(w, expected, **TOLERANCE)


@pytest.mark.parametrize("size", [0, 1, 3, 37, 1003])
def test_squares(size, at_the_edge):
    """The sum of squares of all entries, whatever is left of the last four; of none it is 0."""
    g = drawn("g", size=size)
    expected = np.sum(g.astype(np.float64) ** 2)
    assert kernels.squares(at_the_edge(g) if size else g) == pytest.approx(expected, rel=1e-12)


def test_squares_are_summed_in_float64():
    """Squares that float32 cannot hold are no matter, nor are small ones beside large ones."""
    assert kernels.squares(np.full(37, 1e30, dtype=np.float32)) == pytest.approx(37e60, rel=1e-6)
    few = np.full(1003, 1e-4, dtype=np.float32)
    few[5] = 1
    assert kernels.squares(few) == pytest.approx(1 + 1002e-8, rel=1e-9)


@pytest.mark.parametrize("size", [1, 37, 1003])
def test_scaled(size, guarded):
    """Every entry times one number, in place, and nothing beyond."""
    g = drawn("g", size=size)
    result = guarded(g)
    kernels.scaled(result, 0.37)
    np.testing.assert_allclose(result, 0.37 * g.astype(np.float64), **TOLERANCE)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_squares_and_scaled_keep_nan(bad):
    """A gradient that is no finite number gives a sum that is none, and stays when scaled."""
    g = drawn("g", size=37)
    g[20] = bad
    assert not np.isfinite(kernels.squares(g))
    kernels.scaled(g, 0.0)
    assert np.flatnonzero(np.isnan(g)).tolist() == [20]


# --- copies and chance ---------------------------------------------------------------------------


@pytest.mark.parametrize(("rows", "units"), SHAPES)
def test_copy_and_dropout(rows, units, guarded):
    """All entries and nothing beyond; dropout multiplies, so that a NaN that is held stays."""
    a, out = drawn("a", size=(rows, units)), guarded(np.zeros((rows, units), dtype=np.float32))
    a[0, 0] = np.nan
    kernels.copy(a, out)
    np.testing.assert_array_equal(out, a)
    kept = np.where(drawn("kept", size=a.shape) > 0, np.float32(1.25), np.float32(0))
    kept[0, 0] = 0
    kernels.dropout(a, kept, out)
    np.testing.assert_array_equal(out, a * kept)


def shuffled(size, key=5, epoch=0):
    """Return 0 .. size-1, shuffled."""
    order = np.full(size, -1)
    kernels.shuffle(order, key, epoch)
    return order


@pytest.mark.parametrize("size", [1, 2, 37, 10_007])
def test_shuffle(size):
    """Every number once; the same key and epoch give the same order, others another."""
    order = shuffled(size)
    assert sorted(order) == list(range(size))
    np.testing.assert_array_equal(shuffled(size), order)
    for other in (shuffled(size, key=6), shuffled(size, epoch=1)):
        assert size < 3 or (other != order).any()


def test_shuffle_is_even():
    """Each of 7 numbers comes to each of 7 places one time in 7, whatever came before it."""
    orders = np.array([shuffled(7, key=2**61 + 3, epoch=epoch) for epoch in range(7 * 1500)])
    spread = 5 * np.sqrt(1500 * 6 / 7)
    counts = np.array([np.bincount(orders[:, place], minlength=7) for place in range(7)])
    assert abs(counts - 1500).max() < spread
    pairs = np.bincount(orders[:, 2] * 7 + orders[:, 5], minlength=49).reshape(7, 7)
    apart = ~np.eye(7, dtype=bool)
    assert pairs[~apart].sum() == 0
    assert abs(pairs[apart] - 250).max() < 5 * np.sqrt(250)


# --- a network that diverged is seen -------------------------------------------------------------


def test_linear_keeps_nan():
    """A NaN in a row is in all that the row gives."""
    a, w = drawn("a", size=(7, 11)), drawn("w", size=(11, 5))
    a[4, 9] = np.nan
    z, da, dw = (np.zeros(shape, dtype=np.float32) for shape in ((7, 5), (7, 11), (11, 5)))
    multiplied(kernels.linear, a, w, z)
    assert np.isnan(z).all(axis=1).tolist() == [row == 4 for row in range(7)]
    multiplied(kernels.linear_backward_input, z, w, da)
    assert np.isnan(da).all(axis=1).tolist() == [row == 4 for row in range(7)]
    multiplied(kernels.linear_backward_weight, np.ones_like(z), a, dw)
    assert np.isnan(dw).all(axis=1).tolist() == [column == 9 for column in range(11)]


def test_biases_keep_nan():
    """A NaN in a bias is in its column, one in a column is in the bias's slope."""
    z, bias, dbias = drawn("z", size=(7, 5)), drawn("bias", size=5), np.zeros(5, dtype=np.float32)
    bias[3] = np.nan
    kernels.add_bias(z, bias)
    kernels.add_bias_backward(z, dbias)
    assert np.isnan(z).all(axis=0).tolist() == [column == 3 for column in range(5)]
    assert np.isnan(dbias).tolist() == [column == 3 for column in range(5)]


@pytest.mark.parametrize("floor", FLOORS)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_batch_norm_keeps_nan(bad, floor):
    """One value that is no finite number spoils its unit for the whole batch, and no other unit."""
    z, dy = drawn("z", size=(7, 5)), drawn("dy", size=(7, 5))
    z[6, 2] = bad
    gamma, beta = drawn("gamma", size=5), drawn("beta", size=5)
    y, _, variance, rstd = normalised(z, gamma, beta, floor)
    dz, dgamma, dbeta = normalised_backward(dy, z, gamma, beta, rstd, floor)
    assert np.isfinite(np.delete(dbeta, 2)).all()
    for array in (y, variance[None], dz, dgamma[None]):
        assert np.isnan(array[:, 2]).all()
        assert np.isfinite(np.delete(array, 2, axis=1)).all()


@pytest.mark.parametrize("floor", FLOORS)
@pytest.mark.parametrize("which", ["gamma", "beta"])
def test_batch_norm_keeps_nan_of_its_weights(which, floor):
    """A gamma or beta that is NaN is in all that its unit gives, and in no other unit."""
    z, dy = drawn("z", size=(7, 37)), drawn("dy", size=(7, 37))
    weights = {"gamma": drawn("gamma", size=37), "beta": drawn("beta", size=37)}
    weights[which][36] = np.nan
    y, _, _, rstd = normalised(z, **weights, floor=floor)
    dz, _, _ = normalised_backward(dy, z, **weights, rstd=rstd, floor=floor)
    assert np.isnan(y[:, 36]).all()
    assert np.isnan(dz[:, 36]).all() == (which == "gamma")  # beta itself is not in the slope
    assert np.isfinite(y[:, :36]).all()
    assert np.isfinite(dz[:, :36]).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("floor", FLOORS)
def test_batch_norm_backward_keeps_nan(floor, bad):
    """A slope that is no finite number spoils its unit, where the unit is off as well as on."""
    z, dy = drawn("z", size=(7, 33)), drawn("dy", size=(7, 33))
    gamma, beta = drawn("gamma", size=33), drawn("beta", size=33)
    y, _, _, rstd = normalised(z, gamma, beta, floor)
    for unit in (2, 32):
        for row in (y[:, unit].argmin(), y[:, unit].argmax()):  # the least is off at a floor of 0
            spoilt = dy.copy()
            spoilt[row, unit] = bad
            for slopes in normalised_backward(spoilt, z, gamma, beta, rstd, floor):
                slopes = np.atleast_2d(slopes)
                assert not np.isfinite(slopes[:, unit]).any()
                assert np.isfinite(np.delete(slopes, unit, axis=1)).all()


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


def test_running_averages_hold_a_constant():
    """A constant stays what it is over thousands of float32 steps, once corrected."""
    old, new, decay = np.zeros(1, np.float32), np.full(1, 4, np.float32), 0.9999
    for _ in range(3000):
        kernels.running_average(old, new, decay)
    assert old[0] / (1 - decay**3000) == pytest.approx(4, rel=3e-6)
