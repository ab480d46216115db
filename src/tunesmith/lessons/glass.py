"""A network of the engine seen through: every layer's values and slopes, by the NumPy reference.

For what the compiled engine does not show; the weights are the engine's own flat array.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tunesmith.engine import reference as f
from tunesmith.engine import whole
from tunesmith.engine.network import Network
from tunesmith.engine.reference import ACTIVATIONS, Array
from tunesmith.engine.whole import Parts

Change = Callable[[Array, int], Array]
"""What is done to a layer's values [B, H]; its second argument is the layer's number, from 0."""


class Inside(NamedTuple):
    """What one layer made of a batch."""

    a: Array
    """[B, D], its input."""
    z: Array
    """[B, H], a W."""
    x_hat: Array
    """z normalised; z itself where there is no batch norm."""
    y: Array
    """What the activation is applied to; the outputs, in the last layer."""
    mean: Array
    """[H] of z, over the batch."""
    variance: Array


def parts(network: Network, weights: Array) -> list[Parts]:
    """Return every layer's part of weights [network.weight_count].

    They are views, so that writing to them changes the network.
    """
    return [whole.parts(layer, weights) for layer in network.layers]


def _as_it_is(values: Array, _number: int) -> Array:
    return values


def forward(
    network: Network,
    layers: Sequence[Parts],
    x: Array,
    *,
    change_z: Change = _as_it_is,
    change_y: Change = _as_it_is,
) -> list[Inside]:
    """Run a batch x [B, D] forward as while training, each batch with its own statistics.

    Normalised before the activation; without dropout. `change_z` is applied to each layer's
    product before batch norm, `change_y` after it.
    """
    activation, _ = ACTIVATIONS[network.activation]
    a, inside = x, []
    for number, layer in enumerate(layers):
        z = change_z(f.linear(a, layer.w), number)
        mean, variance = z.mean(axis=0), z.var(axis=0)
        x_hat = y = z
        if layer.gamma is not None and layer.beta is not None:
            y, x_hat, _, _ = f.batch_norm(z, layer.gamma, layer.beta, network.bn_epsilon)
        elif layer.bias is not None:
            y = f.add_bias(z, layer.bias)
        y = change_y(y, number)
        inside.append(Inside(a, z, x_hat, y, mean, variance))
        a = activation(y)
    return inside


def gradient(
    network: Network,
    layers: Sequence[Parts],
    x: Array,
    labels: NDArray[np.int64],
    *,
    change_y: Change = _as_it_is,
    scale: Sequence[Array] | None = None,
) -> tuple[float, list[Parts]]:
    """Return the loss of a batch and its slope by every part of every layer.

    `scale`, one array for each hidden layer, is the slope of `change_y`; ones if None.
    """
    inside = forward(network, layers, x, change_y=change_y)
    loss, dy = f.softmax_cross_entropy(inside[-1].y, labels, np.ones(len(x)), 0.0)
    activation, backward = ACTIVATIONS[network.activation]
    slopes: list[Parts] = []
    for number in reversed(range(len(layers))):
        layer, seen = layers[number], inside[number]
        if scale is not None and number < len(scale):
            dy = dy * scale[number]
        dz, bias, gamma, beta = dy, None, None, None
        if layer.gamma is not None:
            dz, gamma, beta = f.batch_norm_backward(
                dy, seen.x_hat, layer.gamma, seen.variance, network.bn_epsilon
            )
        else:
            bias = f.add_bias_backward(dy)
        slopes.append(Parts(f.linear_backward_weight(dz, seen.a), bias, gamma, beta))
        if number:
            da = f.linear_backward_input(dz, layer.w)
            below = inside[number - 1].y
            given = below if network.activation.from_input else activation(below)
            dy = backward(da, given)
    return loss, slopes[::-1]


def descend(layers: Sequence[Parts], slopes: Sequence[Parts], learning_rate: float) -> None:
    """Take one step of gradient descent, in place."""
    for layer, slope in zip(layers, slopes, strict=True):
        for values, by in zip(layer, slope, strict=True):
            if values is not None and by is not None:
                values -= learning_rate * by
