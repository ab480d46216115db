"""An epoch as one compiled call: batches, forward, backward, update; no Python inside.

Every array is made before the first step. Weights, gradient and moments are flat; `plan` says
where each layer's part of them lies, and where a batch's intermediate values go in `work`.
"""

from dataclasses import astuple
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tunesmith.engine import kernels as k
from tunesmith.engine.compiled import compiled
from tunesmith.engine.network import Floats, Network
from tunesmith.engine.views import matrix, part

# Codes: the place of a name in its enum.
SIGMOID, TANH, RELU = range(3)
CROSS_ENTROPY, SQUARED_ERROR = range(2)
SGD, MOMENTUM, RMSPROP, ADAM = range(4)

# Columns of a plan. The first six are the fields of `Layer`, in weights and statistics; the rest
# are places in `work`: the layer's input a, its z (which becomes x_hat), its output.
INPUTS, UNITS, WEIGHT, GAMMA, SHIFT, STATISTICS, A, Z, OUT = range(9)
COLUMNS = 9

ALIGNMENT = 16
"""Floats of a cache line: every buffer begins at a multiple of it."""


class Rows(NamedTuple):
    """What is learned from: N rows."""

    x: Floats
    """[N, D]"""
    labels: NDArray[np.int64]
    """[N] for cross entropy, else [0]."""
    targets: Floats
    """[N, K] for squared error, else [0, K]."""


class Arrays(NamedTuple):
    """All that changes while training, and the buffers of a batch."""

    plan: NDArray[np.int64]
    weights: Floats
    gradient: Floats
    first: Floats
    """Running mean of the gradient: momentum's v, Adam's v."""
    second: Floats
    """Running mean of its square: RMSprop's and Adam's s."""
    means: Floats
    """Running averages of the batches' means, not yet corrected for their start at 0."""
    variances: Floats
    batch: Floats
    """[3, statistics]: mean, variance and 1 / deviation of the present batch."""
    slopes: Floats
    """[2, rows x widest]: the slope of the loss, handed from layer to layer."""
    work: Floats
    panel: Floats
    """Room for product_transposed."""
    labels: NDArray[np.int64]
    """[rows], those of the present batch."""
    targets: Floats
    """[rows, K], those of the present batch."""


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
    bn_decay: float
    bn_epsilon: float


def plan(network: Network, rows: int) -> tuple[NDArray[np.int64], int]:
    """Return the plan [L, 9] for batches of up to `rows` rows, and the length of `work`."""

    def buffer(width: int) -> int:
        return -(-rows * width // ALIGNMENT) * ALIGNMENT

    table, a, end = [], 0, buffer(network.inputs)
    for layer in network.layers:
        z, out = end, end
        end += buffer(layer.units)
        if layer.gamma >= 0:
            out = end
            end += buffer(layer.units)
        table.append((*astuple(layer), a, z, out))
        a = out
    return np.array(table, dtype=np.int64), end


@compiled
def activate(code, y):
    """Apply the activation in place."""
    if code == RELU:
        k.relu(y)
    elif code == TANH:
        k.tanh(y)
    else:
        k.sigmoid(y)


@compiled
def activate_backward(code, da, a):
    """Turn da into dy in place."""
    if code == RELU:
        k.relu_backward(da, a)
    elif code == TANH:
        k.tanh_backward(da, a)
    else:
        k.sigmoid_backward(da, a)


@compiled
def forward(arrays, settings, rows):
    """Take the batch at the head of `work` through the network; its outputs stay in `work`."""
    table, weights, work = arrays.plan, arrays.weights, arrays.work
    last = table.shape[0] - 1
    floor = 0.0 if settings.activation == RELU else -np.inf  # relu is part of batch norm's pass
    for l in range(last + 1):
        layer = part(table, l * COLUMNS, COLUMNS)
        units, there = layer[UNITS], layer[STATISTICS]
        z = matrix(work, layer[Z], rows, units)
        a = matrix(work, layer[A], rows, layer[INPUTS])
        k.linear(a, matrix(weights, layer[WEIGHT], layer[INPUTS], units), z, arrays.panel)
        out = matrix(work, layer[OUT], rows, units)
        shift = part(weights, layer[SHIFT], units)
        if layer[GAMMA] < 0:
            k.add_bias(z, shift)
        else:
            gamma = part(weights, layer[GAMMA], units)
            mean = part(arrays.batch, there, units)
            variance = part(arrays.batch, 1 * arrays.means.size + there, units)
            rstd = part(arrays.batch, 2 * arrays.means.size + there, units)
            k.batch_norm(z, gamma, shift, settings.bn_epsilon, floor, out, mean, variance, rstd)
        if l < last and (layer[GAMMA] < 0 or floor != 0.0):
            activate(settings.activation, out)


@compiled
def backward(arrays, settings, rows):
    """Write the gradient; the slope of the loss by the outputs stands in slopes[0]."""
    table, weights, gradient, work = arrays.plan, arrays.weights, arrays.gradient, arrays.work
    last, half = table.shape[0] - 1, arrays.slopes.size // 2
    floor = 0.0 if settings.activation == RELU else -np.inf
    for l in range(last, -1, -1):
        layer = part(table, l * COLUMNS, COLUMNS)
        inputs, units, there = layer[INPUTS], layer[UNITS], layer[STATISTICS]
        side = (last - l) % 2
        slope = matrix(arrays.slopes, side * half, rows, units)
        if l < last and (layer[GAMMA] < 0 or floor != 0.0):
            activate_backward(settings.activation, slope, matrix(work, layer[OUT], rows, units))
        shift = part(gradient, layer[SHIFT], units)
        if layer[GAMMA] < 0:
            k.add_bias_backward(slope, shift)
        else:
            k.batch_norm_backward(
                slope,
                matrix(work, layer[Z], rows, units),
                part(weights, layer[GAMMA], units),
                part(weights, layer[SHIFT], units),
                part(arrays.batch, 2 * arrays.means.size + there, units),
                floor,
                part(gradient, layer[GAMMA], units),
                shift,
            )
        a = matrix(work, layer[A], rows, inputs)
        dw = matrix(gradient, layer[WEIGHT], inputs, units)
        k.linear_backward_weight(slope, a, dw, arrays.panel)
        if l > 0:
            w = matrix(weights, layer[WEIGHT], inputs, units)
            da = matrix(arrays.slopes, (1 - side) * half, rows, inputs)
            k.linear_backward_input(slope, w, da, arrays.panel)


@compiled
def update(arrays, settings, step, learning_rate):
    """Move the weights by one step of the optimizer; `step` counts from 1."""
    w, g, first, second = arrays.weights, arrays.gradient, arrays.first, arrays.second
    if settings.rule == SGD:
        k.sgd(w, g, learning_rate)
    elif settings.rule == MOMENTUM:
        k.momentum(w, g, first, learning_rate, settings.momentum)
    elif settings.rule == RMSPROP:
        k.rmsprop(w, g, second, learning_rate, settings.beta2, settings.epsilon)
    else:
        k.adam(
            w,
            g,
            first,
            second,
            step,
            learning_rate,
            settings.beta1,
            settings.beta2,
            settings.epsilon,
        )


@compiled
def gradient(arrays, settings, data, chosen):
    """Gather the chosen rows, run forward and backward, return the batch's mean loss."""
    rows, table = chosen.shape[0], arrays.plan
    x = matrix(arrays.work, table[0, A], rows, table[0, INPUTS])
    k.gather(data.x, chosen, x)
    forward(arrays, settings, rows)
    layer = table[table.shape[0] - 1]
    outputs = matrix(arrays.work, layer[Z], rows, layer[UNITS])
    slope = matrix(arrays.slopes, 0, rows, layer[UNITS])
    if settings.loss == CROSS_ENTROPY:
        for i in range(rows):
            arrays.labels[i] = data.labels[chosen[i]]
        loss = k.softmax_cross_entropy(outputs, part(arrays.labels, 0, rows), slope)
    else:
        for i in range(rows):
            arrays.targets[i] = data.targets[chosen[i]]
        loss = k.squared_error(outputs, matrix(arrays.targets, 0, rows, layer[UNITS]), slope)
    backward(arrays, settings, rows)
    return loss


@compiled
def train(arrays, settings, data, order, batches, first, last, step, learning_rate):
    """Train on batches first..last-1 of the `batches` that `order` [N] is cut into.

    Batch b holds the rows order[b N / batches : (b + 1) N / batches] in whole numbers, so sizes
    differ by one at most and no row is left out. `step` counts the steps made before. Returns the
    sum of the losses over rows.
    """
    total = 0.0
    count = order.shape[0]
    for b in range(first, last):
        start = b * count // batches
        chosen = part(order, start, (b + 1) * count // batches - start)
        total += gradient(arrays, settings, data, chosen) * chosen.shape[0]
        step += 1
        units = arrays.means.size
        k.running_average(arrays.means, part(arrays.batch, 0, units), settings.bn_decay)
        k.running_average(arrays.variances, part(arrays.batch, units, units), settings.bn_decay)
        update(arrays, settings, step, learning_rate)
    return total


@compiled
def outputs(arrays, settings, x, capacity, result):
    """Write the outputs [N, K] for x [N, D], `capacity` rows at a time.

    For a network whose batch norm was folded into its weights (see `fold`): a row's outputs
    depend on that row alone.
    """
    table = arrays.plan
    layer = table[table.shape[0] - 1]
    for start in range(0, x.shape[0], capacity):
        rows = min(capacity, x.shape[0] - start)
        matrix(arrays.work, table[0, A], rows, table[0, INPUTS])[:] = x[start : start + rows]
        forward(arrays, settings, rows)
        result[start : start + rows] = matrix(arrays.work, layer[Z], rows, layer[UNITS])
