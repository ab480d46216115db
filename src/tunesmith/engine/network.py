"""A network as a frozen description: widths, activation, batch norm, and where its weights lie."""

import math
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import final

import numpy as np
from numpy.typing import NDArray

from tunesmith.errors import NetworkError

Floats = NDArray[np.float32]

MAX_WEIGHTS = 100_000_000
"""Weights of the largest network we build: 0.4 GB, and as much again for each moment."""


class Activation(Enum):
    """The non-linearity of the hidden layers."""

    SIGMOID = "sigmoid"
    TANH = "tanh"
    RELU = "relu"

    @property
    def code(self) -> int:
        """Its number in the compiled code."""
        return list(Activation).index(self)


class Loss(Enum):
    """What training makes small."""

    CROSS_ENTROPY = "cross_entropy"
    """Softmax over the outputs, then minus the log of the right class's share."""
    SQUARED_ERROR = "squared_error"
    """Half the squared distance to the target."""


@final
@dataclass(frozen=True, slots=True)
class Layer:
    """Where one layer's weights lie in the flat array; D wide at its input, H at its output."""

    inputs: int
    units: int
    weight: int
    """First entry of W [D, H], row by row."""
    gamma: int
    """First entry of gamma [H], or -1 for a layer without batch norm."""
    shift: int
    """First entry of beta [H] under batch norm, of the bias [H] without."""
    statistics: int
    """First entry of the running mean and variance [H], or -1."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A dense network: z = a W, batch norm (or a bias), activation; a plain last layer.

    Under batch norm a layer has no bias: the mean that is subtracted would cancel it.
    Ioffe and Szegedy 2015, algorithm 1; normalised before the activation.
    """

    inputs: int
    hidden: tuple[int, ...]
    outputs: int
    activation: Activation = Activation.RELU
    batch_norm: bool = True
    bn_decay: float = 0.9
    """Weight of the old value in the running averages (PyTorch's momentum is 1 - bn_decay)."""
    bn_epsilon: float = 1e-5
    """Added to the variance, so that a unit that never changes does not divide by 0."""

    def __post_init__(self) -> None:
        for width in self.widths:
            check_count(f"every width of {self.widths}", width)
        if not 0 <= self.bn_decay < 1:
            raise NetworkError(f"bn_decay must lie in [0, 1), got {self.bn_decay!r}")
        if not 0 < self.bn_epsilon < math.inf:
            raise NetworkError(
                f"bn_epsilon must be a finite number above 0, got {self.bn_epsilon!r}"
            )
        if self.weight_count > MAX_WEIGHTS:
            raise NetworkError(
                f"a network {'-'.join(map(str, self.widths))} has {self.weight_count:,} weights, "
                f"more than {MAX_WEIGHTS:,}: use fewer units or layers"
            )

    @property
    def widths(self) -> tuple[int, ...]:
        """Units of every layer, the inputs first."""
        return (self.inputs, *self.hidden, self.outputs)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Every layer's place in the flat array of weights, in order."""
        layers, offset, statistics = [], 0, 0
        for number, (inputs, units) in enumerate(pairwise(self.widths)):
            normalised = self.batch_norm and number < len(self.hidden)
            gamma = offset + inputs * units
            shift = gamma + units * normalised
            layers.append(
                Layer(
                    inputs,
                    units,
                    offset,
                    gamma if normalised else -1,
                    shift,
                    statistics if normalised else -1,
                )
            )
            offset, statistics = shift + units, statistics + units * normalised
        return tuple(layers)

    @property
    def weight_count(self) -> int:
        """Length of the flat array: weights, gammas, betas, biases."""
        scales = 2 if self.batch_norm else 1
        return (
            sum(a * b for a, b in pairwise(self.widths)) + scales * sum(self.hidden) + self.outputs
        )

    @property
    def statistics_count(self) -> int:
        """How many running means there are (as many as variances)."""
        return sum(self.hidden) if self.batch_norm else 0

    def initial_weights(self, rng: np.random.Generator) -> Floats:
        """Draw the first weights: He 2015 for relu, Glorot 2010 otherwise; gamma 1, the rest 0."""
        weights = np.zeros(self.weight_count, dtype=np.float32)
        for layer in self.layers:
            last = layer == self.layers[-1]
            he = self.activation is Activation.RELU and not last
            variance = 2 / layer.inputs if he else 2 / (layer.inputs + layer.units)
            size = layer.inputs * layer.units
            weights[layer.weight : layer.weight + size] = rng.normal(0, math.sqrt(variance), size)
            if layer.gamma >= 0:
                weights[layer.gamma : layer.gamma + layer.units] = 1
        return weights


def check_count(name: str, number: object) -> None:
    """Raise NetworkError for what is no whole number of 1 or more; NumPy's integers are."""
    whole = isinstance(number, int | np.integer) and not isinstance(number, bool)
    if not whole or number < 1:  # type: ignore[operator]
        raise NetworkError(f"{name} must be a whole number of 1 or more, got {number!r}")


def fold(network: Network, weights: Floats, mean: Floats, variance: Floats) -> Floats:
    """Return the weights of the network that does the same at test time without batch norm.

    gamma (a W - mean) / sqrt(variance + epsilon) + beta is linear in a: W' = W s with
    s = gamma / sqrt(variance + epsilon), and a bias beta - mean s. In float64, then rounded.
    weights [network.weight_count]; mean and variance [network.statistics_count].
    """
    parts = []
    for layer in network.layers:
        end = layer.weight + layer.inputs * layer.units
        w = weights[layer.weight : end].astype(np.float64).reshape(layer.inputs, layer.units)
        shift = weights[layer.shift : layer.shift + layer.units].astype(np.float64)
        if layer.gamma >= 0:
            there = slice(layer.statistics, layer.statistics + layer.units)
            gamma = weights[layer.gamma : layer.gamma + layer.units].astype(np.float64)
            scale = gamma / np.sqrt(variance[there] + network.bn_epsilon)
            w, shift = w * scale, shift - mean[there] * scale
        parts += [w.ravel(), shift]
    return np.concatenate(parts).astype(np.float32)
