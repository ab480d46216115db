"""A network as a frozen description: widths, activation, batch norm, and where its weights lie."""

import math
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import final

import numpy as np
from numpy.typing import NDArray

from tunesmith.errors import NetworkError
from tunesmith.number import as_count, count_wanted, shown

Floats = NDArray[np.float32]

MAX_WEIGHTS = 100_000_000
"""Weights of the largest network we build: 0.4 GB, and as much again for each moment."""

MAX_SLOTS = 2**24
"""Slots up to which float32 tells each from the next."""


class Activation(Enum):
    """The non-linearity of the hidden layers."""

    SIGMOID = "sigmoid"
    TANH = "tanh"
    RELU = "relu"
    LEAKY_RELU = "leaky_relu"
    ELU = "elu"
    SELU = "selu"
    SILU = "silu"
    GELU = "gelu"
    MISH = "mish"

    @property
    def code(self) -> int:
        """Its number in the compiled code."""
        return list(Activation).index(self)

    @property
    def from_input(self) -> bool:
        """Whether its slope is computed from its input, not from its output."""
        return self in (Activation.SILU, Activation.GELU, Activation.MISH)

    def variance(self, inputs: int, units: int) -> float:
        """Return the variance of a layer's first weights.

        1 / inputs for selu (LeCun 1998), Glorot and Bengio's 2010 for sigmoid and tanh, He's 2015
        for the others, which let about half through.
        """
        if self is Activation.SELU:
            return 1 / inputs
        if self in (Activation.SIGMOID, Activation.TANH):
            return 2 / (inputs + units)
        return 2 / inputs


class Place(Enum):
    """Where a hidden layer is normalised."""

    BEFORE = "before"
    """z = a W, batch norm, activation: the notes' form."""
    AFTER = "after"
    """z = a W + b, activation, batch norm."""


class Statistics(Enum):
    """Which mean and variance batch norm uses at test time."""

    EMA = "ema"
    """Running averages over the batches, each weighing `bn_decay` times the one after it."""
    EXACT = "exact"
    """Those of all training rows, from one more pass over them."""


class Loss(Enum):
    """What training makes small: a mean over the rows of the batch."""

    CROSS_ENTROPY = "cross_entropy"
    """Softmax over the outputs, then minus the log of the right class's share."""
    SQUARED_ERROR = "squared_error"
    """Half the squared distance to the target."""
    ABSOLUTE_ERROR = "absolute_error"
    """The distance to the target."""
    HUBER = "huber"
    """Half the square of a distance up to 1, beyond it the distance less a half (Huber 1964)."""
    LOGISTIC = "logistic"
    """Cross entropy of each output's logistic share with its target in [0, 1]."""

    @property
    def code(self) -> int:
        """Its number in the compiled code."""
        return list(Loss).index(self)


@final
@dataclass(frozen=True, slots=True)
class Layer:
    """Where one layer's weights lie in the flat array; -1 for what it does not have.

    D wide at its input, H at its output.
    """

    inputs: int
    units: int
    weight: int
    """First entry of W [D, H], row by row."""
    bias: int
    """First entry of the bias [H]; none where batch norm would cancel it."""
    gamma: int
    """First entry of gamma [H]."""
    beta: int
    """First entry of beta [H]."""
    statistics: int
    """First entry of the running mean and variance [H]."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A dense network: z = a W, batch norm (or a bias), activation; a plain last layer.

    Under batch norm a layer has no bias: the mean that is subtracted would cancel it.
    Ioffe and Szegedy 2015, algorithm 1; normalised before the activation unless said otherwise.
    """

    inputs: int
    """Numbers at the input."""
    hidden: tuple[int, ...]
    outputs: int
    categories: tuple[int, ...] = ()
    """Slots of each category at the input, the last one for values not seen in training."""
    activation: Activation = Activation.RELU
    batch_norm: bool = True
    bn_place: Place = Place.BEFORE
    bn_group: int | None = None
    """Rows that share statistics (ghost batch norm, Hoffer et al. 2017); None: the whole batch."""
    bn_decay: float = 0.9
    """Weight of the old value in the running averages (PyTorch's momentum is 1 - bn_decay)."""
    bn_stats: Statistics = Statistics.EMA
    bn_epsilon: float = 1e-5
    """Added to the variance, so that a unit that never changes does not divide by 0."""
    dropout: float = 0.0
    """Share of each hidden layer's outputs held at 0 while training (Srivastava et al. 2014)."""

    def __post_init__(self) -> None:
        for width in self.widths[1:] if self.categories and self.inputs == 0 else self.widths:
            check_count(f"every width of {self.widths}", width)
        for slots in self.categories:
            check_count(f"every count of slots of {self.categories}", slots)
            if slots > MAX_SLOTS:
                raise NetworkError(
                    f"a category has {slots:,} slots, more than {MAX_SLOTS:,}: keep the most "
                    "frequent values and give the others one slot together"
                )
        if not 0 <= self.bn_decay < 1:
            raise NetworkError(f"bn_decay must lie in [0, 1), got {self.bn_decay!r}")
        if not 0 < self.bn_epsilon < math.inf:
            raise NetworkError(
                f"bn_epsilon must be a finite number above 0, got {self.bn_epsilon!r}"
            )
        if not 0 <= self.dropout < 1:
            raise NetworkError(f"dropout must lie in [0, 1), got {self.dropout!r}")
        if self.bn_group is not None:
            check_count("bn_group", self.bn_group)
            if self.bn_group < 2:
                raise NetworkError("bn_group must be 2 rows or more: one row has no variance")
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
    def columns(self) -> int:
        """Columns of the input x: the numbers, then one slot for each category."""
        return self.inputs + len(self.categories)

    @property
    def category_rows(self) -> int:
        """Weight rows of all categories together, one for each slot."""
        return sum(self.categories)

    @property
    def dense_count(self) -> int:
        """Weights of the layers; those of the categories' rows follow in the flat array."""
        per_unit = 1 if not self.batch_norm else 2 if self.bn_place is Place.BEFORE else 3
        products = sum(a * b for a, b in pairwise(self.widths))
        return products + per_unit * sum(self.hidden) + self.outputs

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Every layer's place in the flat array of weights, in order."""
        layers, end, statistics = [], 0, 0
        for number, (inputs, units) in enumerate(pairwise(self.widths)):
            normalised = self.batch_norm and number < len(self.hidden)
            weight, end = end, end + inputs * units
            bias = gamma = beta = -1
            if not normalised or self.bn_place is Place.AFTER:
                bias, end = end, end + units
            if normalised:
                gamma, beta, end = end, end + units, end + 2 * units
            place = statistics if normalised else -1
            layers.append(Layer(inputs, units, weight, bias, gamma, beta, place))
            statistics += units * normalised
        return tuple(layers)

    @property
    def weight_count(self) -> int:
        """Length of the flat array: weights, biases, gammas, betas, rows of the categories."""
        return self.dense_count + self.category_rows * self.widths[1]

    @property
    def statistics_count(self) -> int:
        """How many running means there are (as many as variances)."""
        return sum(self.hidden) if self.batch_norm else 0

    def initial_weights(self, rng: np.random.Generator) -> Floats:
        """Draw the first weights, normal with `Activation.variance`; gamma 1, biases, betas 0.

        A category counts as one input, since one of its rows is taken at a time; the row of its
        last slot, which training may never meet, begins at 0.
        """
        weights = np.zeros(self.weight_count, dtype=np.float32)
        for number, layer in enumerate(self.layers):
            size = layer.inputs * layer.units
            weights[layer.weight : layer.weight + size] = rng.normal(0, self._spread(number), size)
            if layer.gamma >= 0:
                weights[layer.gamma : layer.gamma + layer.units] = 1
        rows = weights[self.dense_count :].reshape(self.category_rows, self.widths[1])
        rows[:] = rng.normal(0, self._spread(0), rows.shape)
        rows[np.cumsum(self.categories, dtype=np.int64) - 1] = 0
        return weights

    def _spread(self, number: int) -> float:
        """Return the standard deviation of a layer's first weights."""
        # the last layer has no activation; Glorot's compromise suits it
        kind = self.activation if number < len(self.hidden) else Activation.SIGMOID
        inputs = self.columns if number == 0 else self.widths[number]
        return math.sqrt(kind.variance(inputs, self.widths[number + 1]))


def check_count(name: str, number: object) -> None:
    """Raise NetworkError for what is no whole number of 1 or more; NumPy's integers are."""
    if as_count(number) is None:
        raise NetworkError(f"{name} must be {count_wanted(number)}, got {shown(number)}")


def fold(network: Network, weights: Floats, mean: Floats, variance: Floats) -> Floats:
    """Return the weights of the network that does the same at test time without batch norm.

    With s = gamma / sqrt(variance + epsilon) and t = beta - mean s, batch norm is y = s z + t at
    test time: linear, so that it goes into the weights before it (W s, and t as the bias) or,
    where it follows the activation, into those after it (s W, and t W added to the bias). In
    float64, then rounded. weights [network.weight_count]; mean and variance
    [network.statistics_count].
    """

    def read(start: int, *shape: int) -> NDArray[np.float64]:
        return weights[start : start + math.prod(shape)].astype(np.float64).reshape(shape)

    rows = read(network.dense_count, network.category_rows, network.widths[1])
    folded: list[NDArray[np.float64]] = []
    scale, shift = np.ones(network.inputs), np.zeros(network.inputs)
    for layer in network.layers:
        w = read(layer.weight, layer.inputs, layer.units)
        bias = shift @ w
        w = scale[:, None] * w
        if layer.bias >= 0:
            bias = bias + read(layer.bias, layer.units)
        scale, shift = np.ones(layer.units), np.zeros(layer.units)
        if layer.gamma >= 0:
            there = slice(layer.statistics, layer.statistics + layer.units)
            s = read(layer.gamma, layer.units) / np.sqrt(variance[there] + network.bn_epsilon)
            t = read(layer.beta, layer.units) - mean[there] * s
            if network.bn_place is Place.BEFORE:
                w, bias = w * s, bias * s + t
                rows = rows * s if layer.weight == 0 else rows
            else:
                scale, shift = s, t
        folded += [w.ravel(), bias]
    return np.concatenate([*folded, rows.ravel()]).astype(np.float32)
