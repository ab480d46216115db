"""One batch through the network and back: activation, batch norm, dropout, layer by layer."""

from typing import NamedTuple

import numpy as np

from tunesmith.engine import activations as f
from tunesmith.engine import kernels as k
from tunesmith.engine.arrays import (
    ACTIVE,
    BETA,
    BIAS,
    BODY,
    COLUMNS,
    GAMMA,
    GROUP_MEAN,
    GROUP_VARIANCE,
    INPUT,
    INPUTS,
    KEPT,
    OUT,
    RSTD,
    STATISTICS,
    UNITS,
    VARIANCE,
    WEIGHT,
    X_HAT,
    Y,
    Z,
)
from tunesmith.engine.categories import add_rows, add_rows_backward
from tunesmith.engine.compiled import compiled, inlined
from tunesmith.engine.views import matrix, part


class Settings(NamedTuple):
    """What stays the same while training."""

    activation: int
    loss: int
    rule: int
    """The optimizer's code."""
    momentum: float
    beta1: float
    beta2: float
    epsilon: float
    weight_decay: float
    clip_norm: float
    """0 for no clipping."""
    smoothing: float
    bn_after: bool
    bn_group: int
    """0 for the whole batch."""
    bn_decay: float
    bn_epsilon: float
    dropout: float
    dropout_key: int


# Codes: the place of a name in its enum.
SIGMOID, TANH, RELU, LEAKY_RELU, ELU, SELU, SILU, GELU, MISH = range(9)
CROSS_ENTROPY, SQUARED_ERROR, ABSOLUTE_ERROR, HUBER, LOGISTIC = range(5)
SGD, MOMENTUM, NESTEROV, RMSPROP, ADAM, ADAMW = range(6)


@compiled
def activate(code, y, a):
    """Write the activation of y to a; they may be the same."""
    if code == RELU:
        f.relu(y, a)
    elif code == SIGMOID:
        f.sigmoid(y, a)
    elif code == TANH:
        f.tanh(y, a)
    elif code == LEAKY_RELU:
        f.leaky_relu(y, a)
    elif code == ELU:
        f.elu(y, a)
    elif code == SELU:
        f.selu(y, a)
    elif code == SILU:
        f.silu(y, a)
    elif code == GELU:
        f.gelu(y, a)
    else:
        f.mish(y, a)


@compiled
def activate_backward(code, da, y, a):
    """Turn da into dy in place."""
    if code == RELU:
        f.relu_backward(da, a)
    elif code == SIGMOID:
        f.sigmoid_backward(da, a)
    elif code == TANH:
        f.tanh_backward(da, a)
    elif code == LEAKY_RELU:
        f.leaky_relu_backward(da, a)
    elif code == ELU:
        f.elu_backward(da, a)
    elif code == SELU:
        f.selu_backward(da, a)
    elif code == SILU:
        f.silu_backward(da, y)
    elif code == GELU:
        f.gelu_backward(da, y)
    else:
        f.mish_backward(da, y)


@compiled
def group_count(rows, group):
    """Return into how many groups a batch is cut for its statistics: one for group 0."""
    if group == 0:
        return 1
    return max(1, min((rows + group - 1) // group, rows // 2))


@inlined
def normalise(arrays, settings, layer, source, y, rows, floor):
    """Normalise the batch, group by group, from `source` to x_hat and y; note its statistics."""
    units, there, width = layer[UNITS], layer[STATISTICS], arrays.means.size
    gamma, beta = (
        part(arrays.weights, layer[GAMMA], units),
        part(arrays.weights, layer[BETA], units),
    )
    mean, variance = (
        part(arrays.batch, there, units),
        part(arrays.batch, VARIANCE * width + there, units),
    )
    count = group_count(rows, settings.bn_group)
    if count > 1:
        mean[:] = 0
        variance[:] = 0
    for n in range(count):
        start, end = n * rows // count, (n + 1) * rows // count
        group_mean, group_variance = mean, variance
        if count > 1:
            group_mean = part(arrays.batch, GROUP_MEAN * width + there, units)
            group_variance = part(arrays.batch, GROUP_VARIANCE * width + there, units)
        k.batch_norm(
            matrix(arrays.work, source + start * units, end - start, units),
            gamma,
            beta,
            settings.bn_epsilon,
            floor,
            matrix(arrays.work, layer[X_HAT] + start * units, end - start, units),
            matrix(arrays.work, y + start * units, end - start, units),
            group_mean,
            group_variance,
            part(arrays.batch, (RSTD + n) * width + there, units),
        )
        if count > 1:
            for j in range(units):
                mean[j] += group_mean[j] / np.float32(count)
                variance[j] += group_variance[j] / np.float32(count)


@inlined
def normalise_backward(arrays, settings, layer, slope, rows, floor):
    """Turn the slope by y into that by what was normalised, in place."""
    units, there, width = layer[UNITS], layer[STATISTICS], arrays.means.size
    gamma, beta = (
        part(arrays.weights, layer[GAMMA], units),
        part(arrays.weights, layer[BETA], units),
    )
    dgamma = part(arrays.gradient, layer[GAMMA], units)
    dbeta = part(arrays.gradient, layer[BETA], units)
    count = group_count(rows, settings.bn_group)
    for n in range(count):
        start, end = n * rows // count, (n + 1) * rows // count
        one_dgamma, one_dbeta = dgamma, dbeta
        if n > 0:
            one_dgamma = part(arrays.batch, GROUP_MEAN * width + there, units)
            one_dbeta = part(arrays.batch, GROUP_VARIANCE * width + there, units)
        k.batch_norm_backward(
            matrix(slope, start * units, end - start, units),
            matrix(arrays.work, layer[X_HAT] + start * units, end - start, units),
            gamma,
            beta,
            part(arrays.batch, (RSTD + n) * width + there, units),
            floor,
            one_dgamma,
            one_dbeta,
        )
        if n > 0:
            for j in range(units):
                dgamma[j] += one_dgamma[j]
                dbeta[j] += one_dbeta[j]


@inlined
def inputs_of(arrays, rows):
    """Return the batch's inputs [rows, D + C]."""
    columns = arrays.plan[0, INPUTS] + arrays.categories.first.size
    return matrix(arrays.work, arrays.plan[0, INPUT], rows, columns)


@inlined
def category_rows(arrays, flat):
    """Return the part of weights, or of their slopes or moments, that belongs to categories."""
    size = arrays.categories.steps.size * arrays.plan[0, UNITS]
    return part(flat, flat.size - size, size)


@inlined
def drop_out(arrays, settings, layer, rows, place):
    """Let through a part of the layer's output, as `place` draws; all of it for a place below 0."""
    units = layer[UNITS]
    body = matrix(arrays.work, layer[BODY], rows, units)
    out = matrix(arrays.work, layer[OUT], rows, units)
    if place < 0:
        k.copy(body, out)
        return
    kept = matrix(arrays.work, layer[KEPT], rows, units)
    k.draw_kept(kept, settings.dropout_key, place, settings.dropout)
    k.dropout(body, kept, out)


TEST_TIME = np.intp(-1)
"""In place of a step's number."""


@compiled
def forward(arrays, settings, rows, step):
    """Take the batch at the head of `work` through the network; its outputs stay in `work`.

    Dropout lets through what step number `step` draws, all of it at TEST_TIME.
    """
    table, work = arrays.plan, arrays.work
    last = table.shape[0] - 1
    for l in range(last + 1):
        layer = part(table, l * COLUMNS, COLUMNS)
        inputs, units = layer[INPUTS], layer[UNITS]
        z = matrix(work, layer[Z], rows, units)
        w = matrix(arrays.weights, layer[WEIGHT], inputs, units)
        if l == 0:
            x = inputs_of(arrays, rows)
            k.linear(x, w, z, arrays.panel, arrays.team)
            add_rows(x, arrays.categories.first, category_rows(arrays, arrays.weights), z)
        else:
            k.linear(matrix(work, layer[INPUT], rows, inputs), w, z, arrays.panel, arrays.team)
        if layer[BIAS] >= 0:
            k.add_bias(z, part(arrays.weights, layer[BIAS], units))
        if l == last:
            return
        normalised = layer[GAMMA] >= 0
        before = normalised and not settings.bn_after
        y = matrix(work, layer[Y], rows, units)
        active = matrix(work, layer[ACTIVE], rows, units)
        if before and settings.activation == RELU:
            normalise(arrays, settings, layer, layer[Z], layer[ACTIVE], rows, 0.0)
        else:
            if before:
                normalise(arrays, settings, layer, layer[Z], layer[Y], rows, -np.inf)
            activate(settings.activation, y, active)
        if normalised and settings.bn_after:
            normalise(arrays, settings, layer, layer[ACTIVE], layer[BODY], rows, -np.inf)
        if settings.dropout > 0:
            drop_out(arrays, settings, layer, rows, step * table.shape[0] + l)


@compiled
def backward(arrays, settings, rows):
    """Write the gradient; the slope of the loss by the outputs stands in the first of `slopes`."""
    table, work, half = arrays.plan, arrays.work, arrays.slopes.size // 2
    last = table.shape[0] - 1
    for l in range(last, -1, -1):
        layer = part(table, l * COLUMNS, COLUMNS)
        inputs, units = layer[INPUTS], layer[UNITS]
        side = (last - l) % 2 * half
        slope = matrix(arrays.slopes, side, rows, units)
        if l < last:
            normalised = layer[GAMMA] >= 0
            before = normalised and not settings.bn_after
            if settings.dropout > 0:
                k.dropout(slope, matrix(work, layer[KEPT], rows, units), slope)
            if normalised and settings.bn_after:
                normalise_backward(arrays, settings, layer, slope, rows, -np.inf)
            if before and settings.activation == RELU:
                normalise_backward(arrays, settings, layer, slope, rows, 0.0)
            else:
                y = matrix(work, layer[Y], rows, units)
                active = matrix(work, layer[ACTIVE], rows, units)
                activate_backward(settings.activation, slope, y, active)
                if before:
                    normalise_backward(arrays, settings, layer, slope, rows, -np.inf)
        if layer[BIAS] >= 0:
            k.add_bias_backward(slope, part(arrays.gradient, layer[BIAS], units))
        dw = matrix(arrays.gradient, layer[WEIGHT], inputs, units)
        if l == 0:
            x = inputs_of(arrays, rows)
            k.linear_backward_weight(slope, x, dw, arrays.panel, arrays.team)
            slopes = category_rows(arrays, arrays.gradient)
            add_rows_backward(slope, x, arrays.categories, slopes)
        else:
            a = matrix(work, layer[INPUT], rows, inputs)
            k.linear_backward_weight(slope, a, dw, arrays.panel, arrays.team)
            w = matrix(arrays.weights, layer[WEIGHT], inputs, units)
            da = matrix(arrays.slopes, half - side, rows, inputs)
            k.linear_backward_input(slope, w, da, arrays.panel, arrays.team)
