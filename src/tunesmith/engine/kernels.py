"""The functions of reference.py, compiled: same names, same letters, results written in place.

Buffers are passed in and nothing is allocated. Loops run over rows outside and units inside, so
that each inner loop is one stretch of memory and becomes vector instructions.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from tunesmith.engine.compiled import compiled


def _read_bits(_context, _bits):
    """Read 32 bits as a float."""

    def generate(_context, builder, _signature, arguments):
        return builder.bitcast(arguments[0], ir.FloatType())

    return types.float32(types.int32), generate


_float_from_bits: Any = intrinsic(_read_bits)


@compiled
def exp(x):
    """e to the x in float32, to 2 units in the last place, without branches, so that it vectorises.

    x = n ln 2 + r with |r| <= ln 2 / 2; e^r by the minimax polynomial of Cephes (Moshier 1984);
    2^n put together from bits. NaN stays NaN; x is held in [-87, 88], where the result is a
    normal number.
    """
    x = np.float32(88.0) if x > np.float32(88.0) else x
    x = np.float32(-87.0) if x < np.float32(-87.0) else x
    n = np.floor(x * np.float32(1.44269504) + np.float32(0.5))
    # ln 2 in two parts, the first with so few bits that n times it is exact
    r = x - n * np.float32(0.693359375) + n * np.float32(2.12194440e-4)
    p = np.float32(1.9875691500e-4)
    p = p * r + np.float32(1.3981999507e-3)
    p = p * r + np.float32(8.3334519073e-3)
    p = p * r + np.float32(4.1665795894e-2)
    p = p * r + np.float32(1.6666665459e-1)
    p = p * r + np.float32(5.0000001201e-1)
    p = p * r * r + r + np.float32(1.0)
    return p * _float_from_bits((np.int32(n) + np.int32(127)) << np.int32(23))


@compiled
def linear(a, w, z):
    """z = a W."""
    np.dot(a, w, z)


@compiled
def linear_backward_input(dz, w, da):
    """da = dz W^T."""
    np.dot(dz, w.T, da)


@compiled
def linear_backward_weight(dz, a, dw):
    """dw = a^T dz."""
    np.dot(a.T, dz, dw)


@compiled
def add_bias(z, bias):
    """z += bias."""
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            z[i, j] += bias[j]


@compiled
def add_bias_backward(dz, dbias):
    """dbias = the columns' sums."""
    dbias[:] = 0
    for i in range(dz.shape[0]):
        for j in range(dz.shape[1]):
            dbias[j] += dz[i, j]


@compiled
def batch_norm(z, gamma, beta, epsilon, y, mean, variance, rstd):
    """z becomes x_hat; y, mean, variance and rstd = 1 / sqrt(variance + epsilon) are written."""
    rows, units = z.shape
    scale = np.float32(1) / np.float32(rows)
    mean[:] = 0
    for i in range(rows):
        for j in range(units):
            mean[j] += z[i, j]
    for j in range(units):
        mean[j] *= scale
    # a second pass: the mean of squares minus the squared mean can fall below 0
    variance[:] = 0
    for i in range(rows):
        for j in range(units):
            z[i, j] -= mean[j]
            variance[j] += z[i, j] * z[i, j]
    for j in range(units):
        variance[j] *= scale
        rstd[j] = np.float32(1) / np.sqrt(variance[j] + epsilon)
    for i in range(rows):
        for j in range(units):
            z[i, j] *= rstd[j]
            y[i, j] = gamma[j] * z[i, j] + beta[j]


@compiled
def batch_norm_backward(dy, x_hat, gamma, rstd, dgamma, dbeta):
    """dy becomes dz; dgamma and dbeta are written."""
    rows, units = dy.shape
    scale = np.float32(1) / np.float32(rows)
    dgamma[:] = 0
    dbeta[:] = 0
    for i in range(rows):
        for j in range(units):
            dgamma[j] += dy[i, j] * x_hat[i, j]
            dbeta[j] += dy[i, j]
    for i in range(rows):
        for j in range(units):
            dy[i, j] = (
                gamma[j]
                * rstd[j]
                * (dy[i, j] - dbeta[j] * scale - x_hat[i, j] * (dgamma[j] * scale))
            )


@compiled
def sigmoid(y):
    """y becomes 1 / (1 + exp(-y))."""
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] = np.float32(1) / (np.float32(1) + exp(-y[i, j]))


@compiled
def sigmoid_backward(da, a):
    """da becomes dy."""
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            da[i, j] *= a[i, j] * (np.float32(1) - a[i, j])


@compiled
def tanh(y):
    """y becomes tanh(y) = 1 - 2 / (exp(2 y) + 1)."""
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] = np.float32(1) - np.float32(2) / (exp(np.float32(2) * y[i, j]) + np.float32(1))


@compiled
def tanh_backward(da, a):
    """da becomes dy."""
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            da[i, j] *= np.float32(1) - a[i, j] * a[i, j]


@compiled
def relu(y):
    """y becomes max(y, 0); NaN stays NaN."""
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] = np.float32(0) if y[i, j] < np.float32(0) else y[i, j]


@compiled
def relu_backward(da, a):
    """da becomes dy."""
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            # times 0, not 0: NaN stays NaN
            da[i, j] = da[i, j] * np.float32(0) if a[i, j] <= np.float32(0) else da[i, j]


@compiled
def softmax_cross_entropy(logits, labels, slope):
    """Return the mean loss; slope [B, K] is written."""
    rows, classes = logits.shape
    scale = np.float32(1) / np.float32(rows)
    loss = 0.0
    for i in range(rows):
        top = logits[i, 0]
        for k in range(1, classes):
            top = logits[i, k] if logits[i, k] > top else top
        total = np.float32(0)
        for k in range(classes):
            slope[i, k] = exp(logits[i, k] - top)
            total += slope[i, k]
        loss += np.log(total) - (logits[i, labels[i]] - top)
        for k in range(classes):
            slope[i, k] *= scale / total
        slope[i, labels[i]] -= scale
    return loss / rows


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
