"""The functions of reference.py, compiled: same names, same letters, results written in place.

Buffers are passed in and nothing is allocated. Where sums run down the columns, a strip of LANES
columns is taken at a time, its sums in registers; see vectors.py.
"""

import numpy as np

from tunesmith.engine.compiled import compiled
from tunesmith.engine.product import product, product_transposed
from tunesmith.engine.vectors import (
    LANES,
    exp,
    fma,
    lane_max,
    lane_sum,
    larger,
    load,
    load_or,
    root,
    splat,
    store,
    where_positive,
)

LOG_ROWS = 32
"""Rows whose sums are multiplied before a logarithm is taken: 10,000^32 is still a float64."""


@compiled
def gather(x, chosen, batch):
    """Copy the chosen rows of x into the batch."""
    width = x.shape[1]
    for i in range(chosen.shape[0]):
        start = chosen[i] * width
        for j in range(0, width, LANES):
            store(batch, i * width + j, width - j, load(x, start + j, width - j))


@compiled
def linear(a, w, z, panel):
    """z = a W; `panel` is room to work in, see panel_size."""
    product(a, a.shape[1], 1, w, z, panel)


@compiled
def linear_backward_input(dz, w, da, panel):
    """da = dz W^T."""
    product_transposed(dz, w, da, panel)


@compiled
def linear_backward_weight(dz, a, dw, panel):
    """dw = a^T dz."""
    product(a, 1, a.shape[1], dz, dw, panel)


@compiled
def add_bias(z, bias):
    """z += bias."""
    rows, units = z.shape
    for j in range(0, units, LANES):
        n = units - j
        shift = load(bias, j, n)
        for i in range(rows):
            store(z, i * units + j, n, load(z, i * units + j, n) + shift)


@compiled
def add_bias_backward(dz, dbias):
    """dbias = the columns' sums."""
    rows, units = dz.shape
    for j in range(0, units, LANES):
        total = splat(0.0)
        for i in range(rows):
            total += load(dz, i * units + j, units - j)
        store(dbias, j, units - j, total)


@compiled
def batch_norm(z, gamma, beta, epsilon, floor, y, mean, variance, rstd):
    """z becomes x_hat; y, mean, variance and rstd = 1 / sqrt(variance + epsilon) are written.

    y is held at `floor` or above: 0 applies relu in the same pass, -inf nothing.
    """
    rows, units = z.shape
    share, lowest = splat(1 / rows), splat(floor)
    for j in range(0, units, LANES):
        n = units - j
        total = splat(0.0)
        for i in range(rows):
            total += load(z, i * units + j, n)
        middle = total * share
        # a second pass: the mean of squares minus the squared mean can fall below 0
        total = splat(0.0)
        for i in range(rows):
            distance = load(z, i * units + j, n) - middle
            total = fma(distance, distance, total)
        spread = total * share
        scale = splat(1.0) / root(spread + splat(epsilon))
        store(mean, j, n, middle)
        store(variance, j, n, spread)
        store(rstd, j, n, scale)
        g, b = load(gamma, j, n), load(beta, j, n)
        for i in range(rows):
            x_hat = (load(z, i * units + j, n) - middle) * scale
            store(z, i * units + j, n, x_hat)
            store(y, i * units + j, n, larger(fma(g, x_hat, b), lowest))


@compiled
def batch_norm_backward(dy, x_hat, gamma, beta, rstd, floor, dgamma, dbeta):
    """dy becomes dz; dgamma and dbeta are written. Where y was held at `floor`, dy counts as 0."""
    rows, units = dy.shape
    share, lowest, zero = splat(1 / rows), splat(floor), splat(0.0)
    for j in range(0, units, LANES):
        n = units - j
        g, b = load(gamma, j, n), load(beta, j, n) - lowest
        dg = db = zero
        for i in range(rows):
            x = load(x_hat, i * units + j, n)
            slope = load(dy, i * units + j, n)
            # times 0, not 0: a slope that is not a number is not hidden where the unit is off
            slope = where_positive(fma(g, x, b), slope, slope * zero)
            store(dy, i * units + j, n, slope)
            dg = fma(slope, x, dg)
            db += slope
        store(dgamma, j, n, dg)
        store(dbeta, j, n, db)
        dg *= share
        db *= share
        scale = g * load(rstd, j, n)
        for i in range(rows):
            dz = load(dy, i * units + j, n) - fma(load(x_hat, i * units + j, n), dg, db)
            store(dy, i * units + j, n, dz * scale)


@compiled
def sigmoid(y):
    """y becomes 1 / (1 + exp(-y))."""
    one, zero = splat(1.0), splat(0.0)
    for j in range(0, y.size, LANES):
        store(y, j, y.size - j, one / (one + exp(zero - load(y, j, y.size - j))))


@compiled
def sigmoid_backward(da, a):
    """da becomes dy."""
    one = splat(1.0)
    for j in range(0, a.size, LANES):
        out = load(a, j, a.size - j)
        store(da, j, a.size - j, load(da, j, a.size - j) * out * (one - out))


@compiled
def tanh(y):
    """y becomes tanh(y) = 1 - 2 / (exp(2 y) + 1)."""
    one, two = splat(1.0), splat(2.0)
    for j in range(0, y.size, LANES):
        store(y, j, y.size - j, one - two / (exp(two * load(y, j, y.size - j)) + one))


@compiled
def tanh_backward(da, a):
    """da becomes dy."""
    one = splat(1.0)
    for j in range(0, a.size, LANES):
        out = load(a, j, a.size - j)
        store(da, j, a.size - j, load(da, j, a.size - j) * (one - out * out))


@compiled
def relu(y):
    """y becomes max(y, 0); NaN stays NaN."""
    zero = splat(0.0)
    for j in range(0, y.size, LANES):
        store(y, j, y.size - j, larger(load(y, j, y.size - j), zero))


@compiled
def relu_backward(da, a):
    """da becomes dy; NaN stays NaN."""
    zero = splat(0.0)
    for j in range(0, a.size, LANES):
        slope = load(da, j, a.size - j)
        # times 0, not 0: a slope that is not a number is not hidden where the unit is off
        store(da, j, a.size - j, where_positive(load(a, j, a.size - j), slope, slope * zero))


@compiled
def softmax_cross_entropy(logits, labels, slope):
    """Return the mean loss; slope [B, K] is written."""
    rows, classes = logits.shape
    lowest, share = splat(-np.inf), splat(1 / rows)
    loss, product_of_sums = 0.0, 1.0
    for i in range(rows):
        row = i * classes
        top = lowest
        for j in range(0, classes, LANES):
            top = larger(load_or(logits, row + j, classes - j, lowest), top)
        highest = lane_max(top)
        top = splat(highest)
        total = splat(0.0)
        for j in range(0, classes, LANES):
            power = exp(load_or(logits, row + j, classes - j, lowest) - top)
            store(slope, row + j, classes - j, power)
            total += power
        total = lane_sum(total)
        scale = share / splat(total)
        for j in range(0, classes, LANES):
            store(slope, row + j, classes - j, load(slope, row + j, classes - j) * scale)
        chosen = labels[i]
        # the log of a product of sums: one logarithm for some rows instead of one for each
        product_of_sums *= total
        if i % LOG_ROWS == LOG_ROWS - 1:
            loss += np.log(product_of_sums)
            product_of_sums = 1.0
        loss -= logits[i, chosen] - highest
        slope[i, chosen] -= np.float32(1 / rows)
    return (loss + np.log(product_of_sums)) / rows


@compiled
def squared_error(outputs, targets, slope):
    """Return half the mean squared distance; slope [B, K] is written."""
    rows, width = outputs.shape
    scale = np.float32(1) / np.float32(rows)
    loss = 0.0
    for i in range(rows):
        for k in range(width):
            difference = outputs[i, k] - targets[i, k]
            loss += difference * difference
            slope[i, k] = difference * scale
    return 0.5 * loss / rows


@compiled
def running_average(old, new, decay):
    """old = decay * old + (1 - decay) * new."""
    take = np.float32(1 - decay)
    for j in range(old.shape[0]):
        old[j] += take * (new[j] - old[j])  # keep + take need not be 1 in float32


@compiled
def sgd(w, g, learning_rate):
    """w -= alpha g."""
    alpha = np.float32(learning_rate)
    for j in range(w.shape[0]):
        w[j] -= alpha * g[j]


@compiled
def momentum(w, g, v, learning_rate, beta):
    """v = beta v + (1 - beta) g; w -= alpha v."""
    alpha, keep, take = np.float32(learning_rate), np.float32(beta), np.float32(1 - beta)
    for j in range(w.shape[0]):
        v[j] = keep * v[j] + take * g[j]
        w[j] -= alpha * v[j]


@compiled
def rmsprop(w, g, s, learning_rate, beta2, epsilon):
    """s = beta2 s + (1 - beta2) g^2; w -= alpha g / (sqrt(s) + epsilon)."""
    alpha, keep, take = np.float32(learning_rate), np.float32(beta2), np.float32(1 - beta2)
    small = np.float32(epsilon)
    for j in range(w.shape[0]):
        s[j] = keep * s[j] + take * g[j] * g[j]
        w[j] -= alpha * g[j] / (np.sqrt(s[j]) + small)


@compiled
def adam(w, g, v, s, step, learning_rate, beta1, beta2, epsilon):
    """One step of Adam; `step` counts from 1. The corrections go into alpha and epsilon."""
    keep1, take1 = np.float32(beta1), np.float32(1 - beta1)
    keep2, take2 = np.float32(beta2), np.float32(1 - beta2)
    root = np.sqrt(1 - beta2**step)
    alpha = np.float32(learning_rate * root / (1 - beta1**step))
    small = np.float32(epsilon * root)
    for j in range(w.shape[0]):
        v[j] = keep1 * v[j] + take1 * g[j]
        s[j] = keep2 * s[j] + take2 * g[j] * g[j]
        w[j] -= alpha * v[j] / (np.sqrt(s[j]) + small)
