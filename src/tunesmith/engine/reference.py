"""Every layer in NumPy, forward and backward side by side: the truth that the kernels must equal.

Letters: B rows of a batch, D inputs, H units, K outputs. `da` is the slope of the loss by `a`.
"""

import math

import numpy as np
from numpy.typing import NDArray

from tunesmith.engine.network import Activation

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
    """Return 1 / (1 + exp(-y)), without its overflow."""
    return np.asarray(np.exp(-np.logaddexp(0, -y)))


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


def leaky_relu(y: Array) -> Array:
    """Return y above 0, 0.01 y below (Maas et al. 2013)."""
    return np.where(y > 0, y, 0.01 * y)


def leaky_relu_backward(da: Array, a: Array) -> Array:
    """Return dy; a is what `leaky_relu` gave."""
    return da * np.where(a > 0, 1, 0.01)


def elu(y: Array) -> Array:
    """Return y above 0, exp(y) - 1 below (Clevert et al. 2016)."""
    return np.where(y > 0, y, np.expm1(np.minimum(y, 0)))


def elu_backward(da: Array, a: Array) -> Array:
    """Return dy; a is what `elu` gave."""
    return da * np.where(a > 0, 1, a + 1)


SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
"""With these, selu keeps mean 0 and variance 1 (Klambauer et al. 2017)."""


def selu(y: Array) -> Array:
    """Return SELU_SCALE times y above 0, times SELU_ALPHA (exp(y) - 1) below."""
    return SELU_SCALE * np.where(y > 0, y, SELU_ALPHA * np.expm1(np.minimum(y, 0)))


def selu_backward(da: Array, a: Array) -> Array:
    """Return dy; a is what `selu` gave."""
    return da * np.where(a > 0, SELU_SCALE, a + SELU_SCALE * SELU_ALPHA)


def silu(y: Array) -> Array:
    """Return y / (1 + exp(-y)) (Elfwing et al. 2017)."""
    return y * sigmoid(y)


def silu_backward(da: Array, y: Array) -> Array:
    """Return dy; y is what `silu` was given."""
    return da * sigmoid(y) * (1 + y * (1 - sigmoid(y)))


def gelu(y: Array) -> Array:
    """Return y times the normal distribution's share below y (Hendrycks and Gimpel 2016)."""
    return y * _normal_share(y)


def gelu_backward(da: Array, y: Array) -> Array:
    """Return dy; y is what `gelu` was given."""
    return da * (_normal_share(y) + y * np.exp(-y * y / 2) / math.sqrt(2 * math.pi))


def mish(y: Array) -> Array:
    """Return y tanh(log(1 + exp(y))) (Misra 2019)."""
    return y * np.tanh(np.logaddexp(0, y))


def mish_backward(da: Array, y: Array) -> Array:
    """Return dy; y is what `mish` was given."""
    gate = np.tanh(np.logaddexp(0, y))
    return np.asarray(da * (gate + y * (1 - gate * gate) * sigmoid(y)))


def _normal_share(y: Array) -> Array:
    """Return the normal distribution's share below y."""
    root = math.sqrt(0.5)
    return np.array([(1 + math.erf(v * root)) / 2 for v in y.flat], y.dtype).reshape(y.shape)


def dropout(a: Array, kept: NDArray[np.bool_], share: float) -> Array:
    """Hold what is not `kept` [B, H] at 0, and make up for it (inverted dropout).

    Srivastava et al. 2014; `share` is that of the outputs held at 0. Backward is the same.
    """
    return np.asarray(a * kept / (1 - share))


def softmax_cross_entropy(
    logits: Array, labels: NDArray[np.int64], weight: Array, smoothing: float
) -> tuple[float, Array]:
    """Return the mean loss over the batch and its slope; logits [B, K], labels [B] in 0..K-1.

    Each row counts `weight` [B]. The right class is aimed at with 1 - smoothing, and `smoothing`
    is spread over all classes (Szegedy et al. 2016).
    """
    rows, classes = logits.shape
    aim = np.full(logits.shape, smoothing / classes)
    aim[np.arange(rows), labels] += 1 - smoothing
    shifted = logits - logits.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -float(np.sum(weight[:, None] * aim * logs)) / rows
    return loss, weight[:, None] * (np.exp(logs) - aim) / rows


def squared_error(outputs: Array, targets: Array, weight: Array) -> tuple[float, Array]:
    """Return half the squared distance, as a mean over the batch, and its slope.

    outputs and targets [B, K]; each row counts `weight` [B].
    """
    distance = outputs - targets
    return _mean(0.5 * distance**2, distance, weight)


def absolute_error(outputs: Array, targets: Array, weight: Array) -> tuple[float, Array]:
    """Return the distance, as a mean over the batch, and its slope."""
    distance = outputs - targets
    return _mean(np.abs(distance), np.sign(distance), weight)


def huber(outputs: Array, targets: Array, weight: Array) -> tuple[float, Array]:
    """Return half the square of a distance up to 1, beyond it the distance less a half."""
    distance = outputs - targets
    far = np.abs(distance)
    loss = np.where(far <= 1, 0.5 * distance**2, far - 0.5)
    return _mean(loss, np.clip(distance, -1, 1), weight)


def logistic(outputs: Array, targets: Array, weight: Array) -> tuple[float, Array]:
    """Return the cross entropy of the outputs' logistic shares with targets in [0, 1]."""
    return _mean(np.logaddexp(0, outputs) - targets * outputs, sigmoid(outputs) - targets, weight)


def _mean(loss: Array, slope: Array, weight: Array) -> tuple[float, Array]:
    """Return the weighted sum of losses [B, K] over B, and of slopes."""
    rows = len(loss)
    return float(np.sum(weight[:, None] * loss)) / rows, weight[:, None] * slope / rows


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


def nesterov(
    w: Array, g: Array, v: Array, *, learning_rate: float, momentum: float
) -> tuple[Array, Array]:
    """Return w and v after a step of momentum that looks ahead (Sutskever et al. 2013).

    v = beta v + (1 - beta) g, w = w - alpha (beta v + (1 - beta) g) with the new v.
    """
    v = momentum * v + (1 - momentum) * g
    return w - learning_rate * (momentum * v + (1 - momentum) * g), v


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


def decayed(w: Array, *, learning_rate: float, weight_decay: float) -> Array:
    """Return w after decoupled weight decay (Loshchilov and Hutter 2019, before the step)."""
    return w - learning_rate * weight_decay * w


def clipped(g: Array, norm: float) -> Array:
    """Return g, shortened to length `norm` if it is longer (Pascanu et al. 2013)."""
    length = math.sqrt(float(np.sum(g.astype(np.float64) ** 2)))
    return g * (norm / length) if length > norm else g


ACTIVATIONS = {
    Activation.SIGMOID: (sigmoid, sigmoid_backward),
    Activation.TANH: (tanh, tanh_backward),
    Activation.RELU: (relu, relu_backward),
    Activation.LEAKY_RELU: (leaky_relu, leaky_relu_backward),
    Activation.ELU: (elu, elu_backward),
    Activation.SELU: (selu, selu_backward),
    Activation.SILU: (silu, silu_backward),
    Activation.GELU: (gelu, gelu_backward),
    Activation.MISH: (mish, mish_backward),
}
