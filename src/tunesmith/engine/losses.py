"""What training makes small, compiled: same names as in reference.py; slopes are written in place.

Each returns the loss summed over the batch's rows, each counting its weight, over their number.
"""

import numpy as np

from tunesmith.engine.compiled import LANES, compiled
from tunesmith.engine.vectors import exp, lane_max, lane_sum, larger, load, load_or, splat, store

LOG_ROWS = 32
"""Rows whose sums are multiplied before a logarithm is taken: 10,000^32 is still a float64."""


@compiled
def softmax_cross_entropy(logits, labels, weight, smoothing, slope):
    """slope [B, K] is written; logits [B, K], labels [B], weight [B]."""
    rows, classes = logits.shape
    lowest = splat(-np.inf)
    spread, chosen = smoothing / classes, 1 - smoothing
    loss, sums = 0.0, 1.0
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
        sum_of_powers = lane_sum(total)
        share = weight[i] / np.float32(rows)
        scale, even = splat(share / sum_of_powers), splat(share * np.float32(spread))
        for j in range(0, classes, LANES):
            store(slope, row + j, classes - j, load(slope, row + j, classes - j) * scale - even)
        label = labels[i]
        slope[i, label] -= share * np.float32(chosen)
        missed = chosen * (highest - logits[i, label])
        if smoothing > 0:
            total = splat(0.0)
            for j in range(0, classes, LANES):
                total += load_or(logits, row + j, classes - j, splat(0.0))
            missed += smoothing * highest - spread * lane_sum(total)
        loss += weight[i] * missed
        if weight[i] == np.float32(1):
            # the log of a product of sums: one logarithm for some rows instead of one for each
            sums *= sum_of_powers
        else:
            loss += weight[i] * np.log(sum_of_powers)
        if i % LOG_ROWS == LOG_ROWS - 1:
            loss += np.log(sums)
            sums = 1.0
    return (loss + np.log(sums)) / rows


@compiled
def squared_error(outputs, targets, weight, slope):
    """slope [B, K] is written; outputs and targets [B, K], weight [B]."""
    rows, width = outputs.shape
    loss = 0.0
    for i in range(rows):
        for j in range(width):
            distance = outputs[i, j] - targets[i, j]
            loss += weight[i] * (0.5 * distance * distance)
            slope[i, j] = weight[i] * distance / np.float32(rows)
    return loss / rows


@compiled
def absolute_error(outputs, targets, weight, slope):
    """slope [B, K] is written."""
    rows, width = outputs.shape
    loss = 0.0
    for i in range(rows):
        for j in range(width):
            distance = outputs[i, j] - targets[i, j]
            loss += weight[i] * abs(distance)
            slope[i, j] = weight[i] * np.sign(distance) / np.float32(rows)
    return loss / rows


@compiled
def huber(outputs, targets, weight, slope):
    """slope [B, K] is written."""
    rows, width = outputs.shape
    loss = 0.0
    for i in range(rows):
        for j in range(width):
            distance = outputs[i, j] - targets[i, j]
            far = abs(distance)
            loss += weight[i] * (far - 0.5 if far > 1 else 0.5 * distance * distance)
            held = np.sign(distance) if far > 1 else distance
            slope[i, j] = weight[i] * held / np.float32(rows)
    return loss / rows


@compiled
def logistic(outputs, targets, weight, slope):
    """slope [B, K] is written; the log of 1 + e^z is taken as max(z, 0) + log(1 + e^-|z|)."""
    rows, width = outputs.shape
    loss = 0.0
    for i in range(rows):
        for j in range(width):
            z = outputs[i, j]
            small = np.exp(-abs(z))
            above = z if z > 0 else z * np.float32(0)  # NaN stays NaN
            loss += weight[i] * (above + np.log1p(small) - targets[i, j] * z)
            share = 1 / (1 + small) if z > 0 else small / (1 + small)
            slope[i, j] = weight[i] * (share - targets[i, j]) / np.float32(rows)
    return loss / rows
