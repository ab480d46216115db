"""An epoch as one compiled call: batches, forward, backward, update; no Python inside.

Every array is made before the first step. Weights, gradient and moments are flat; a `Plan` says
where each layer's part of them lies, and where a batch's intermediate values go in `work`.
"""

from typing import NamedTuple

import numpy as np

from tunesmith.engine import activations as f
from tunesmith.engine import kernels as k
from tunesmith.engine import losses
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
    Arrays,
    Rows,
    Y,
    Z,
)
from tunesmith.engine.compiled import compiled
from tunesmith.engine.views import lent, matrix, part


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
def lend(arrays):
    """Return the arrays without their owners; see views.lent."""
    return Arrays(
        lent(arrays.plan),
        lent(arrays.weights),
        lent(arrays.gradient),
        lent(arrays.first),
        lent(arrays.second),
        lent(arrays.means),
        lent(arrays.variances),
        lent(arrays.batch),
        lent(arrays.slopes),
        lent(arrays.work),
        lent(arrays.panel),
        lent(arrays.labels),
        lent(arrays.targets),
        lent(arrays.weight),
    )


@compiled
def lend_rows(data):
    """Return the rows without their owners."""
    return Rows(lent(data.x), lent(data.labels), lent(data.targets), lent(data.weight))


@compiled
def group_count(rows, group):
    """Return into how many groups a batch is cut for its statistics: one for group 0."""
    if group == 0:
        return 1
    return max(1, min((rows + group - 1) // group, rows // 2))


@compiled
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


@compiled
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


@compiled
def forward(arrays, settings, rows, step, training):
    """Take the batch at the head of `work` through the network; its outputs stay in `work`.

    While training, dropout lets through what step number `step` draws.
    """
    table, work = arrays.plan, arrays.work
    last = table.shape[0] - 1
    for l in range(last + 1):
        layer = part(table, l * COLUMNS, COLUMNS)
        inputs, units = layer[INPUTS], layer[UNITS]
        z = matrix(work, layer[Z], rows, units)
        w = matrix(arrays.weights, layer[WEIGHT], inputs, units)
        k.linear(matrix(work, layer[INPUT], rows, inputs), w, z, arrays.panel)
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
        if training and settings.dropout > 0:
            kept = matrix(work, layer[KEPT], rows, units)
            k.draw_kept(kept, settings.dropout_key, step * table.shape[0] + l, settings.dropout)
            body, out = (
                matrix(work, layer[BODY], rows, units),
                matrix(work, layer[OUT], rows, units),
            )
            k.dropout(body, kept, out)


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
        k.linear_backward_weight(slope, matrix(work, layer[INPUT], rows, inputs), dw, arrays.panel)
        if l > 0:
            w = matrix(arrays.weights, layer[WEIGHT], inputs, units)
            da = matrix(arrays.slopes, half - side, rows, inputs)
            k.linear_backward_input(slope, w, da, arrays.panel)


@compiled
def update(arrays, settings, step, learning_rate):
    """Move the weights by one step of the optimizer; `step` counts from 1."""
    w, g, first, second = arrays.weights, arrays.gradient, arrays.first, arrays.second
    rule, beta, epsilon = settings.rule, settings.momentum, settings.epsilon
    if settings.clip_norm > 0:
        k.clipped(g, settings.clip_norm)
    if settings.weight_decay > 0:
        table = arrays.plan
        for l in range(table.shape[0]):  # never gamma, beta or a bias
            weights = part(w, table[l, WEIGHT], table[l, INPUTS] * table[l, UNITS])
            k.decayed(weights, learning_rate, settings.weight_decay)
    if rule == SGD:
        k.sgd(w, g, learning_rate)
    elif rule == MOMENTUM:
        k.momentum(w, g, first, learning_rate, beta)
    elif rule == NESTEROV:
        k.nesterov(w, g, first, learning_rate, beta)
    elif rule == RMSPROP:
        k.rmsprop(w, g, second, learning_rate, settings.beta2, epsilon)
    else:
        beta1, beta2 = settings.beta1, settings.beta2
        k.adam(w, g, first, second, step, learning_rate, beta1, beta2, epsilon)


@compiled
def judge(arrays, settings, outputs, rows, slope):
    """Return the batch's loss and write its slope by the outputs."""
    weight = part(arrays.weight, 0, rows)
    if settings.loss == CROSS_ENTROPY:
        labels = part(arrays.labels, 0, rows)
        return losses.softmax_cross_entropy(outputs, labels, weight, settings.smoothing, slope)
    targets = matrix(arrays.targets, 0, rows, outputs.shape[1])
    if settings.loss == SQUARED_ERROR:
        return losses.squared_error(outputs, targets, weight, slope)
    if settings.loss == ABSOLUTE_ERROR:
        return losses.absolute_error(outputs, targets, weight, slope)
    if settings.loss == HUBER:
        return losses.huber(outputs, targets, weight, slope)
    return losses.logistic(outputs, targets, weight, slope)


@compiled
def gradient(arrays, settings, data, chosen, step):
    """Gather the chosen rows, run forward and backward, return the batch's mean loss."""
    rows, table = chosen.shape[0], arrays.plan
    k.gather(data.x, chosen, matrix(arrays.work, table[0, INPUT], rows, table[0, INPUTS]))
    for i in range(rows):
        arrays.weight[i] = data.weight[chosen[i]]
    if settings.loss == CROSS_ENTROPY:
        for i in range(rows):
            arrays.labels[i] = data.labels[chosen[i]]
    else:
        k.gather(data.targets, chosen, arrays.targets)
    forward(arrays, settings, rows, step, True)
    last = table.shape[0] - 1
    outputs = matrix(arrays.work, table[last, Z], rows, table[last, UNITS])
    slope = matrix(arrays.slopes, 0, rows, table[last, UNITS])
    loss = judge(arrays, settings, outputs, rows, slope)
    backward(arrays, settings, rows)
    return loss


@compiled
def train(arrays, settings, data, order, batches, first, last, step, rates):
    """Train on batches first..last-1 of the `batches` that `order` [N] is cut into.

    Batch b holds the rows order[b N / batches : (b + 1) N / batches] in whole numbers, so sizes
    differ by one at most and no row is left out. `step` counts the steps made before; the learning
    rate goes from rates[0] at the first batch of the epoch towards rates[1] at the next epoch's.
    Returns the sum of the losses over rows.
    """
    total = 0.0
    arrays, data, order = lend(arrays), lend_rows(data), lent(order)
    count, units = order.shape[0], arrays.means.size
    for b in range(first, last):
        start = b * count // batches
        chosen = part(order, start, (b + 1) * count // batches - start)
        total += gradient(arrays, settings, data, chosen, step) * chosen.shape[0]
        step += 1
        k.running_average(arrays.means, part(arrays.batch, 0, units), settings.bn_decay)
        variance = part(arrays.batch, VARIANCE * units, units)
        k.running_average(arrays.variances, variance, settings.bn_decay)
        update(arrays, settings, step, rates[0] + (rates[1] - rates[0]) * b / batches)
    return total


@compiled
def outputs(arrays, settings, x, capacity, result):
    """Write the outputs [N, K] for x [N, D], `capacity` rows at a time.

    For a network whose batch norm was folded into its weights (see `fold`): a row's outputs
    depend on that row alone.
    """
    table = arrays.plan
    last = table.shape[0] - 1
    width, units = table[0, INPUTS], table[last, UNITS]
    for start in range(0, x.shape[0], capacity):
        rows = min(capacity, x.shape[0] - start)
        k.copy(
            matrix(x, start * width, rows, width), matrix(arrays.work, table[0, INPUT], rows, width)
        )
        forward(arrays, settings, rows, 0, False)
        k.copy(
            matrix(arrays.work, table[last, Z], rows, units),
            matrix(result, start * units, rows, units),
        )


@compiled
def exact_statistics(arrays, settings, data, order, batches, mean, variance):
    """Write the mean and variance [units] of what is normalised, over all rows, in one pass.

    Each batch is normalised by its own statistics, as while training, without dropout; the
    variance is the mean of the batches' variances plus the variance of their means (Wu and
    Johnson 2021, precise batch norm). mean and variance are float64 and start at 0.
    """
    count, units, table = order.shape[0], arrays.means.size, arrays.plan
    for b in range(batches):
        start = b * count // batches
        chosen = part(order, start, (b + 1) * count // batches - start)
        rows = chosen.shape[0]
        k.gather(data.x, chosen, matrix(arrays.work, table[0, INPUT], rows, table[0, INPUTS]))
        forward(arrays, settings, rows, 0, False)
        for j in range(units):
            m = np.float64(arrays.batch[0, j])
            mean[j] += m * rows / count
            variance[j] += (arrays.batch[VARIANCE, j] + m * m) * rows / count
    for j in range(units):
        variance[j] = max(0.0, variance[j] - mean[j] * mean[j])


@compiled
def fold(arrays, settings, mean, variance, folded):
    """Write the weights of the same network without batch norm; network.fold, compiled.

    Batch norm is y = s z + t at test time. Before the activation it goes into the layer's own
    weights, after it into the next layer's: there s and t of the layer before are kept in `work`.
    """
    table, weights = arrays.plan, arrays.weights
    widest = arrays.slopes.size // 2
    scales, shifts = part(arrays.slopes, 0, widest), part(arrays.slopes, widest, widest)
    to = 0
    for l in range(table.shape[0]):
        inputs, units, there = table[l, INPUTS], table[l, UNITS], table[l, STATISTICS]
        moved = l > 0 and settings.bn_after
        w, out = part(weights, table[l, WEIGHT], inputs * units), part(folded, to, inputs * units)
        bias = part(folded, to + inputs * units, units)
        to += (inputs + 1) * units
        for j in range(units):
            bias[j] = weights[table[l, BIAS] + j] if table[l, BIAS] >= 0 else np.float32(0)
        for i in range(inputs):
            scale = scales[i] if moved else np.float32(1)
            for j in range(units):
                out[i * units + j] = scale * w[i * units + j]
                if moved:
                    bias[j] += shifts[i] * w[i * units + j]
        if table[l, GAMMA] < 0:
            continue
        for j in range(units):
            scale = weights[table[l, GAMMA] + j] / np.sqrt(
                variance[there + j] + settings.bn_epsilon
            )
            shift = weights[table[l, BETA] + j] - mean[there + j] * scale
            scales[j], shifts[j] = scale, shift
            if not settings.bn_after:
                bias[j] = bias[j] * scale + shift
        if not settings.bn_after:
            for i in range(inputs):
                for j in range(units):
                    out[i * units + j] *= scales[j]
