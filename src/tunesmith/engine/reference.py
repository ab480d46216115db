"""Every layer in NumPy, forward and backward side by side: the truth that the kernels must equal.

Letters: B rows of a batch, D inputs, H units, K outputs. `da` is the slope of the loss by `a`.
"""

import numpy as np
from numpy.typing import NDArray

from tunesmith.engine.network import Activation, Layer, Loss, Network

Array = NDArray[np.floating]


def linear(a: Array, w: Array) -> Array:
    """Return z = a W; a [B, D], w [D, H], z [B, H]. No bias: batch norm would cancel it."""
    return a @ w


def linear_backward_input(dz: Array, w: Array) -> Array:
    """Return da [B, D]."""
    return dz @ w.T


def linear_backward_weight(dz: Array, a: Array) -> Array:
    """Return dw [D, H]."""
    return a.T @ dz


def add_bias(z: Array, bias: Array) -> Array:
    """Return z + b; z [B, H], bias [H]."""
    return z + bias


def add_bias_backward(dz: Array) -> Array:
    """Return the bias's slope [H]."""
    return np.asarray(dz.sum(axis=0))


def batch_norm(
    z: Array, gamma: Array, beta: Array, epsilon: float
) -> tuple[Array, Array, Array, Array]:
    """Normalise each unit over the batch (Ioffe and Szegedy 2015, algorithm 1).

    z [B, H], gamma and beta [H]. Returns y and x_hat [B, H], and the batch's mean and (biased)
    variance [H].
    """
    mean, variance = z.mean(axis=0), z.var(axis=0)
    x_hat = (z - mean) / np.sqrt(variance + epsilon)
    return gamma * x_hat + beta, x_hat, mean, variance


def batch_norm_backward(
    dy: Array, x_hat: Array, gamma: Array, variance: Array, epsilon: float
) -> tuple[Array, Array, Array]:
    """Return dz [B, H], dgamma [H] and dbeta [H]."""
    dgamma, dbeta = (dy * x_hat).sum(axis=0), dy.sum(axis=0)
    rows = len(dy)
    dz = gamma / np.sqrt(variance + epsilon) * (dy - dbeta / rows - x_hat * dgamma / rows)
    return dz, dgamma, dbeta


def sigmoid(y: Array) -> Array:
    """Return 1 / (1 + exp(-y))."""
    return np.asarray(1 / (1 + np.exp(-y)))


def sigmoid_backward(da: Array, a: Array) -> Array:
    """Return dy; a is what `sigmoid` gave."""
    return da * a * (1 - a)


def tanh(y: Array) -> Array:
    """Return the hyperbolic tangent of y."""
    return np.tanh(y)


def tanh_backward(da: Array, a: Array) -> Array:
    """Return dy; a is what `tanh` gave."""
    return da * (1 - a * a)


def relu(y: Array) -> Array:
    """Return y where it is above 0, else 0."""
    return np.maximum(y, 0)


def relu_backward(da: Array, a: Array) -> Array:
    """Return dy; a is what `relu` gave."""
    return da * (a > 0)


def softmax_cross_entropy(logits: Array, labels: NDArray[np.int64]) -> tuple[float, Array]:
    """Return the mean loss over the batch and its slope; logits [B, K], labels [B] in 0..K-1."""
    rows = np.arange(len(labels))
    shifted = logits - logits.max(axis=1, keepdims=True)
    shares = np.exp(shifted)
    total = shares.sum(axis=1, keepdims=True)
    loss = float(np.mean(np.log(total[:, 0]) - shifted[rows, labels]))
    slope = shares / total
    slope[rows, labels] -= 1
    return loss, slope / len(labels)


def squared_error(outputs: Array, targets: Array) -> tuple[float, Array]:
    """Return half the squared distance, as a mean over the batch, and its slope; both [B, K]."""
    difference = outputs - targets
    return float(0.5 * np.sum(difference**2) / len(outputs)), difference / len(outputs)


def running_average(old: Array, new: Array, decay: float) -> Array:
    """Return decay * old + (1 - decay) * new. Buffers start at 0; `corrected` mends the start."""
    return decay * old + (1 - decay) * new


def corrected(mean: Array, variance: Array, decay: float, steps: int) -> tuple[Array, Array]:
    """Divide running averages that started at 0 by 1 - decay^steps; 0 and 1 before any step.

    The correction of Kingma and Ba 2015, section 3. Without it a unit of variance 4 would stand
    at 1.58 after 50 steps with decay 0.99, and young networks would be judged wrongly.
    """
    if steps == 0:
        return np.zeros_like(mean), np.ones_like(variance)
    share = 1 - decay**steps
    return mean / share, variance / share


def sgd(w: Array, g: Array, *, learning_rate: float) -> Array:
    """Return w after a step of gradient descent."""
    return w - learning_rate * g


def momentum(
    w: Array, g: Array, v: Array, *, learning_rate: float, momentum: float
) -> tuple[Array, Array]:
    """Return w and v after a step of v = beta v + (1 - beta) g, w = w - alpha v.

    PyTorch's v is g + beta v: the same steps with its learning rate at (1 - beta) of ours.
    """
    v = momentum * v + (1 - momentum) * g
    return w - learning_rate * v, v


def rmsprop(
    w: Array, g: Array, s: Array, *, learning_rate: float, beta2: float, epsilon: float
) -> tuple[Array, Array]:
    """Return w and s after a step of s = beta2 s + (1 - beta2) g^2 (Tieleman and Hinton 2012)."""
    s = beta2 * s + (1 - beta2) * g * g
    return w - learning_rate * g / (np.sqrt(s) + epsilon), s


def adam(
    w: Array,
    g: Array,
    v: Array,
    s: Array,
    *,
    step: int,
    learning_rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
) -> tuple[Array, Array, Array]:
    """Return w, v and s after step number `step` (the first is 1; Kingma and Ba 2015, alg. 1)."""
    v = beta1 * v + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * g * g
    v_corrected, s_corrected = v / (1 - beta1**step), s / (1 - beta2**step)
    return w - learning_rate * v_corrected / (np.sqrt(s_corrected) + epsilon), v, s


ACTIVATIONS = {
    Activation.SIGMOID: (sigmoid, sigmoid_backward),
    Activation.TANH: (tanh, tanh_backward),
    Activation.RELU: (relu, relu_backward),
}


LOSSES = {
    Loss.CROSS_ENTROPY: softmax_cross_entropy,
    Loss.SQUARED_ERROR: squared_error,
}


def parts(layer: Layer, flat: Array) -> tuple[Array, Array | None, Array]:
    """Return a layer's W [D, H], gamma [H] (None without batch norm) and beta or bias [H]."""
    w = flat[layer.weight : layer.weight + layer.inputs * layer.units]
    gamma = flat[layer.gamma : layer.gamma + layer.units] if layer.gamma >= 0 else None
    return w.reshape(layer.inputs, layer.units), gamma, flat[layer.shift :][: layer.units]


def gradient(
    network: Network, loss: Loss, weights: Array, x: Array, goal: Array | NDArray[np.int64]
) -> tuple[float, Array, Array, Array]:
    """Return loss, gradient, batch means and variances of one batch: the notes' algorithm whole.

    weights and gradient [network.weight_count], x [B, D], means and variances
    [network.statistics_count]; goal is labels [B] or targets [B, K].
    """
    activate, activate_backward = ACTIVATIONS[network.activation]
    last = network.layers[-1]
    means, variances = np.zeros((2, network.statistics_count), weights.dtype)
    a, kept = x, []
    for layer in network.layers:
        w, gamma, shift = parts(layer, weights)
        y = z = linear(a, w)
        if gamma is None:
            y = add_bias(z, shift)
        else:
            y, z, mean, variance = batch_norm(z, gamma, shift, network.bn_epsilon)
            means[layer.statistics :][: layer.units] = mean
            variances[layer.statistics :][: layer.units] = variance
        out = y if layer == last else activate(y)
        kept.append((a, z, out))
        a = out
    value, slope = LOSSES[loss](a, goal)  # type: ignore[operator]
    slopes = np.zeros_like(weights)
    for layer, (a, x_hat, out) in zip(network.layers[::-1], kept[::-1], strict=True):
        w, gamma, _ = parts(layer, weights)
        dw, dgamma, dshift = parts(layer, slopes)
        if layer != last:
            slope = activate_backward(slope, out)
        if gamma is None or dgamma is None:
            dshift[:] = add_bias_backward(slope)
        else:
            variance = variances[layer.statistics :][: layer.units]
            slope, dgamma[:], dshift[:] = batch_norm_backward(
                slope, x_hat, gamma, variance, network.bn_epsilon
            )
        dw[:] = linear_backward_weight(slope, a)
        slope = linear_backward_input(slope, w)
    return value, slopes, means, variances
