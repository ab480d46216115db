"""The notes' algorithm whole, in NumPy: one batch forward and backward through a network."""

from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from tunesmith.engine import reference as r
from tunesmith.engine.network import Layer, Loss, Network, Place
from tunesmith.engine.reference import Array

LOSSES = {
    Loss.SQUARED_ERROR: r.squared_error,
    Loss.ABSOLUTE_ERROR: r.absolute_error,
    Loss.HUBER: r.huber,
    Loss.LOGISTIC: r.logistic,
}


class Parts(NamedTuple):
    """One layer's part of a flat array; None for what it does not have."""

    w: Array
    """[D, H]"""
    bias: Array | None
    gamma: Array | None
    beta: Array | None


class Answer(NamedTuple):
    """What one batch gives."""

    loss: float
    gradient: Array
    """[network.weight_count]"""
    means: Array
    """[network.statistics_count], as are the variances: of the groups, averaged."""
    variances: Array


def parts(layer: Layer, flat: Array) -> Parts:
    """Return views of a layer's weights, or of their slopes."""

    def read(start: int) -> Array | None:
        return flat[start : start + layer.units] if start >= 0 else None

    size = layer.inputs * layer.units
    w = flat[layer.weight : layer.weight + size].reshape(layer.inputs, layer.units)
    return Parts(w, read(layer.bias), read(layer.gamma), read(layer.beta))


def groups(rows: int, bn_group: int | None) -> list[slice]:
    """Return the rows that share statistics: of at most bn_group rows where 2 can be kept."""
    size = rows if bn_group is None else bn_group
    count = max(1, min(-(-rows // size), rows // 2))
    edges = [n * rows // count for n in range(count + 1)]
    return [slice(*pair) for pair in pairwise(edges)]


def gradient(
    network: Network,
    loss: Loss,
    weights: Array,
    x: Array,
    goal: Array | NDArray[np.int64],
    *,
    weight: Array | None = None,
    smoothing: float = 0.0,
    kept: list[NDArray[np.bool_]] | None = None,
) -> Answer:
    """Return loss, gradient and batch statistics of one batch.

    weights [network.weight_count], x [B, D + C]; goal is labels [B] or targets [B, K]; weight [B]
    is what each row counts; kept [B, H] for each hidden layer is what dropout lets through.
    """
    if network.categories:
        place, wide = one_hot_places(network), one_hot(network, x)
        plain = replace(network, inputs=wide.shape[1], categories=())
        more: Any = {"weight": weight, "smoothing": smoothing, "kept": kept}
        answer = gradient(plain, loss, weights[place], wide, goal, **more)
        # gathering by the inverse of `place` puts every slope where its weight stands
        return answer._replace(gradient=answer.gradient[np.argsort(place)])
    means, variances = np.zeros((2, network.statistics_count), weights.dtype)
    slopes = np.zeros_like(weights)
    a, backward = x, []
    for number, layer in enumerate(network.layers[:-1]):
        there = slice(layer.statistics, layer.statistics + layer.units)
        statistics = (means[there], variances[there])
        mask = kept[number] if kept is not None else None
        hidden = Hidden(network, parts(layer, weights), parts(layer, slopes), statistics, mask)
        a = hidden.forward(a)
        backward.append(hidden)
    last, dlast = parts(network.layers[-1], weights), parts(network.layers[-1], slopes)
    outputs = r.add_bias(r.linear(a, last.w), present(last.bias))
    counts = np.ones(len(x)) if weight is None else weight
    if loss is Loss.CROSS_ENTROPY:
        value, slope = r.softmax_cross_entropy(outputs, goal, counts, smoothing)  # type: ignore[arg-type]
    else:
        value, slope = LOSSES[loss](outputs, np.asarray(goal, outputs.dtype), counts)
    present(dlast.bias)[:] = r.add_bias_backward(slope)
    dlast.w[:] = r.linear_backward_weight(slope, a)
    slope = r.linear_backward_input(slope, last.w)
    for hidden in reversed(backward):
        slope = hidden.backward(slope)
    return Answer(value, slopes, means, variances)


def one_hot(network: Network, x: Array) -> Array:
    """Return x [B, D + C] with a column of 0 and 1 for each slot in place of the categories."""
    slots = x[:, network.inputs :].astype(np.int64).T
    columns = [
        np.eye(count, dtype=x.dtype)[slot]
        for count, slot in zip(network.categories, slots, strict=True)
    ]
    return np.hstack([x[:, : network.inputs], *columns])


def one_hot_places(network: Network) -> NDArray[np.int64]:
    """Return where each weight of the network with one-hot inputs stands in the flat array."""
    numbers, dense = network.inputs * network.widths[1], network.dense_count
    edges = ((0, numbers), (dense, network.weight_count), (numbers, dense))
    return np.concatenate([np.arange(*edge) for edge in edges])


@final
class Hidden:
    """A hidden layer: forward keeps what backward needs, backward writes the slopes."""

    def __init__(
        self,
        network: Network,
        weights: Parts,
        slopes: Parts,
        statistics: tuple[Array, Array],
        kept: NDArray[np.bool_] | None,
    ) -> None:
        self.network, self.weights, self.slopes = network, weights, slopes
        self.statistics, self.kept = statistics, kept
        self.activate, self.activate_backward = r.ACTIVATIONS[network.activation]

    def forward(self, a: Array) -> Array:
        """Return the layer's output [B, H] for a [B, D]."""
        self.a = a
        y = r.linear(a, self.weights.w)
        if self.weights.bias is not None:
            y = r.add_bias(y, self.weights.bias)
        if self.weights.gamma is not None and self.network.bn_place is Place.BEFORE:
            y = self._normalise(y)
        self.y, out = y, self.activate(y)
        self.out = out
        if self.weights.gamma is not None and self.network.bn_place is Place.AFTER:
            out = self._normalise(out)
        return out if self.kept is None else r.dropout(out, self.kept, self.network.dropout)

    def backward(self, slope: Array) -> Array:
        """Return the slope by the layer's input; write those by its weights."""
        after = self.network.bn_place is Place.AFTER
        if self.kept is not None:
            slope = r.dropout(slope, self.kept, self.network.dropout)
        if self.weights.gamma is not None and after:
            slope = self._normalise_backward(slope)
        needed = self.y if self.network.activation.from_input else self.out
        slope = self.activate_backward(slope, needed)
        if self.weights.gamma is not None and not after:
            slope = self._normalise_backward(slope)
        if self.slopes.bias is not None:
            self.slopes.bias[:] = r.add_bias_backward(slope)
        self.slopes.w[:] = r.linear_backward_weight(slope, self.a)
        return r.linear_backward_input(slope, self.weights.w)

    def _normalise(self, z: Array) -> Array:
        """Normalise each group of rows on its own; keep x_hat and each group's variance."""
        gamma, beta = present(self.weights.gamma), present(self.weights.beta)
        self.groups = groups(len(z), self.network.bn_group)
        y, self.x_hat, self.variances = np.empty_like(z), np.empty_like(z), []
        for rows in self.groups:
            y[rows], self.x_hat[rows], mean, variance = r.batch_norm(
                z[rows], gamma, beta, self.network.bn_epsilon
            )
            self.variances.append(variance)
            self.statistics[0][:] += mean / len(self.groups)
            self.statistics[1][:] += variance / len(self.groups)
        return y

    def _normalise_backward(self, dy: Array) -> Array:
        gamma, dz = present(self.weights.gamma), np.empty_like(dy)
        for rows, variance in zip(self.groups, self.variances, strict=True):
            dz[rows], dgamma, dbeta = r.batch_norm_backward(
                dy[rows], self.x_hat[rows], gamma, variance, self.network.bn_epsilon
            )
            present(self.slopes.gamma)[:] += dgamma
            present(self.slopes.beta)[:] += dbeta
        return dz


def present(array: Array | None) -> Array:
    """Return a part that the layer has; ValueError if it has not."""
    if array is None:
        raise ValueError("this layer has no such part")
    return array
