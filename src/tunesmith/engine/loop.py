"""An epoch as one compiled call: batches, forward, backward, update; no Python inside.

Every array is made before the first step. Weights, gradient and moments are flat; a plan says
where each layer's part of them lies, and where a batch's intermediate values go in `work`.
"""

import numpy as np

from tunesmith.engine import kernels as k
from tunesmith.engine import losses
from tunesmith.engine.arrays import (
    BETA,
    BIAS,
    GAMMA,
    INPUTS,
    STATISTICS,
    UNITS,
    VARIANCE,
    WEIGHT,
    Z,
    lend,
    lend_rows,
)
from tunesmith.engine.compiled import compiled, inlined
from tunesmith.engine.denormals import flush, restore
from tunesmith.engine.passes import (
    ABSOLUTE_ERROR,
    CROSS_ENTROPY,
    HUBER,
    MOMENTUM,
    NESTEROV,
    RMSPROP,
    SGD,
    SQUARED_ERROR,
    TEST_TIME,
    backward,
    category_rows,
    forward,
    inputs_of,
)
from tunesmith.engine.views import lent, matrix, part

START = np.intp(0)
"""Not 0 itself, for which numba would compile `move` apart."""


@compiled
def update(arrays, settings, step, learning_rate):
    """Move the weights by one step of the optimizer; `step` counts from 1."""
    table, met, steps = arrays.plan, arrays.categories.met, arrays.categories.steps
    if settings.clip_norm > 0:
        clip(arrays, settings.clip_norm)
    if settings.weight_decay > 0:
        for l in range(table.shape[0]):  # never gamma, beta or a bias
            weights = part(arrays.weights, table[l, WEIGHT], table[l, INPUTS] * table[l, UNITS])
            k.decayed(weights, learning_rate, settings.weight_decay)
    units = table[0, UNITS]
    dense = arrays.weights.size - steps.size * units
    move(arrays, settings, START, dense, step, learning_rate)
    for n in range(1, met[0] + 1):
        at = dense + met[n] * units
        if settings.weight_decay > 0:
            k.decayed(part(arrays.weights, at, units), learning_rate, settings.weight_decay)
        steps[met[n]] += 1
        move(arrays, settings, at, units, steps[met[n]], learning_rate)


@compiled
def clip(arrays, norm):
    """Shorten the gradient to length `norm` if it is longer; a length not finite stays."""
    met, units = arrays.categories.met, arrays.plan[0, UNITS]
    dense = arrays.weights.size - arrays.categories.steps.size * units
    total = k.squares(part(arrays.gradient, 0, dense))
    for n in range(1, met[0] + 1):
        total += k.squares(part(arrays.gradient, dense + met[n] * units, units))
    length = np.sqrt(total)
    if length > norm:
        scale = norm / length
        k.scaled(part(arrays.gradient, 0, dense), scale)
        for n in range(1, met[0] + 1):
            k.scaled(part(arrays.gradient, dense + met[n] * units, units), scale)


@inlined
def move(arrays, settings, start, length, step, learning_rate):
    """Move `length` weights from `start` on by one step of the optimizer."""
    w, g = part(arrays.weights, start, length), part(arrays.gradient, start, length)
    first, second = part(arrays.first, start, length), part(arrays.second, start, length)
    rule, beta, epsilon = settings.rule, settings.momentum, settings.epsilon
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


@inlined
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
    k.gather(data.x, chosen, inputs_of(arrays, rows))
    for i in range(rows):
        arrays.weight[i] = data.weight[chosen[i]]
    if settings.loss == CROSS_ENTROPY:
        for i in range(rows):
            arrays.labels[i] = data.labels[chosen[i]]
    else:
        k.gather(data.targets, chosen, arrays.targets)
    forward(arrays, settings, rows, step)
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
    total, before = 0.0, flush()
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
    restore(before)
    return total


@compiled
def outputs(arrays, settings, x, capacity, result):
    """Write the outputs [N, K] for x [N, D], `capacity` rows at a time.

    For a network whose batch norm was folded into its weights (see `fold`): a row's outputs
    depend on that row alone.
    """
    table = arrays.plan
    last = table.shape[0] - 1
    width, units = x.shape[1], table[last, UNITS]
    for start in range(0, x.shape[0], capacity):
        rows = min(capacity, x.shape[0] - start)
        k.copy(matrix(x, start * width, rows, width), inputs_of(arrays, rows))
        forward(arrays, settings, rows, TEST_TIME)
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
    count, units = order.shape[0], arrays.means.size
    for b in range(batches):
        start = b * count // batches
        chosen = part(order, start, (b + 1) * count // batches - start)
        rows = chosen.shape[0]
        k.gather(data.x, chosen, inputs_of(arrays, rows))
        forward(arrays, settings, rows, TEST_TIME)
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
    rows = category_rows(arrays, weights)
    k.copy(rows, part(folded, folded.size - rows.size, rows.size))
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
        if not settings.bn_after and l == 0:
            rows = category_rows(arrays, folded)
            for i in range(arrays.categories.steps.size):
                for j in range(units):
                    rows[i * units + j] *= scales[j]
