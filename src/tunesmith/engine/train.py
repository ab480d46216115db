"""Training: a resumable state. Batches, epochs, running averages, prediction."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from tunesmith import rng
from tunesmith.engine import loop
from tunesmith.engine.network import Floats, Loss, Network, check_count, fold
from tunesmith.engine.optimizers import Optimizer
from tunesmith.engine.product import panel_size
from tunesmith.engine.reference import corrected
from tunesmith.engine.schedules import inverse_decay
from tunesmith.errors import Interrupted, NetworkError

PREDICTION_ROWS = 256
"""Rows predicted at a time: their intermediate values stay in the core's cache."""

FLOPS_PER_CALL = 2e10
"""Operations in one compiled call at most: about half a second, after which Ctrl-C is heard."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a network is trained."""

    loss: Loss = Loss.CROSS_ENTROPY
    optimizer: Optimizer = Optimizer()
    decay: float = 0.0
    """The learning rate is divided by 1 + decay * epoch."""
    batch_size: int = 64
    """Rows of a mini-batch; sizes differ by one row where the table does not divide evenly."""

    def __post_init__(self) -> None:
        check_count("batch_size", self.batch_size)
        if not 0 <= self.decay < math.inf:
            raise NetworkError(f"decay must be a finite number of 0 or more, got {self.decay!r}")


def batch_count(rows: int, batch_size: int, *, batch_norm: bool) -> int:
    """Return into how many batches `rows` are cut: none larger than batch_size where possible.

    Under batch norm no batch is left with one row, whose variance would be 0.
    """
    count = -(-rows // batch_size)
    return max(1, min(count, rows // 2)) if batch_norm else count


@final
class Training:
    """One network being trained on one table. Not for use by two threads at once.

    x [N, D] float32, goal: labels [N] int64 in 0..K-1 for cross entropy, or targets [N, K]
    float32 for squared error. Chance comes from rng.stream(seed, *path): the same address gives
    the same network, bit for bit, also when training stops and goes on from `state()`.
    Raises NetworkError for data that cannot be trained on.
    """

    def __init__(
        self,
        network: Network,
        recipe: Recipe,
        x: Floats,
        goal: NDArray[Any],
        *,
        seed: int,
        path: tuple[int | str, ...] = (),
    ) -> None:
        self.network, self.recipe = network, recipe
        self.epoch = 0
        self.step = 0
        self._address = (seed, *path)
        self._data = _rows(network, recipe, x, goal)
        self._batches = batch_count(
            len(x), recipe.batch_size, batch_norm=network.statistics_count > 0
        )
        self._arrays = _arrays(network, capacity=-(-len(x) // self._batches))
        self._arrays.weights[:] = network.initial_weights(self._stream("weights"))
        self._settings = _settings(network, recipe)
        self._predictor: Predictor | None = None

    def _stream(self, *path: int | str) -> np.random.Generator:
        seed, *start = self._address
        return rng.stream(int(seed), *start, *path)

    def train_epoch(self, should_stop: Callable[[], bool] = lambda: False) -> float:
        """Train for one epoch and return the mean loss over its batches (not finite: diverged).

        `should_stop` is asked between compiled calls, about twice a second; if it says yes,
        Interrupted is raised, and this training must not go on but from an earlier `state`.
        """
        order = self._stream("order", self.epoch).permutation(len(self._data.x))
        rate = inverse_decay(self.recipe.optimizer.learning_rate, self.recipe.decay, self.epoch)
        total, batches = 0.0, self._batches
        per_batch = 6 * self.network.weight_count * len(order) / batches
        at_once = max(1, int(FLOPS_PER_CALL / per_batch))
        for first in range(0, batches, at_once):
            if first and should_stop():
                raise Interrupted
            last = min(first + at_once, batches)
            total += loop.train(
                self._arrays,
                self._settings,
                self._data,
                order,
                batches,
                first,
                last,
                self.step,
                rate,
            )
            self.step += last - first
        self.epoch += 1
        return total / len(order)

    def statistics(self) -> tuple[Floats, Floats]:
        """Return the mean and variance [H of all layers] used at test time."""
        return corrected(
            self._arrays.means, self._arrays.variances, self.network.bn_decay, self.step
        )

    @property
    def weights(self) -> Floats:
        """The flat array of weights as it is now; see Network.layers."""
        return self._arrays.weights

    def folded(self) -> Floats:
        """Return the weights of the same network without batch norm, for test time."""
        return fold(self.network, self.weights, *self.statistics())

    def outputs(self, x: Floats) -> Floats:
        """Return the network's outputs [N, K] at test time for x [N, D]."""
        if self._predictor is None:
            self._predictor = Predictor(self.network)
        return self._predictor.outputs(self.folded(), x)

    def state(self) -> dict[str, NDArray[Any]]:
        """Return copies of all that training needs to go on."""
        a = self._arrays
        return {
            "weights": a.weights.copy(),
            "first": a.first.copy(),
            "second": a.second.copy(),
            "means": a.means.copy(),
            "variances": a.variances.copy(),
            "progress": np.array([self.epoch, self.step], dtype=np.int64),
        }

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go on from what `state` gave; NetworkError if it belongs to another network."""
        arrays = self._arrays._asdict()
        for name in ("weights", "first", "second", "means", "variances"):
            if name not in state or state[name].shape != arrays[name].shape:
                raise NetworkError(f"this state is of another network or recipe: {name} differs")
        if "progress" not in state or state["progress"].shape != (2,):
            raise NetworkError("this state is of another network or recipe: progress differs")
        for name in ("weights", "first", "second", "means", "variances"):
            arrays[name][:] = state[name]
        self.epoch, self.step = (int(count) for count in state["progress"])


@final
class Predictor:
    """Outputs of networks of one shape at test time. Not for use by two threads at once."""

    def __init__(self, network: Network) -> None:
        self.network = replace(network, batch_norm=False)
        self._arrays = _arrays(self.network, capacity=PREDICTION_ROWS)
        self._settings = _settings(self.network, Recipe())

    def outputs(self, folded: Floats, x: Floats) -> Floats:
        """Return [N, K] for x [N, D]; `folded` is what `fold` gave."""
        inputs = _inputs(self.network, x)
        result = np.empty((len(x), self.network.outputs), dtype=np.float32)
        arrays = self._arrays._replace(weights=_matrix(folded))
        loop.outputs(arrays, self._settings, inputs, PREDICTION_ROWS, result)
        return result


def _matrix(x: NDArray[Any]) -> Floats:
    """Return x as the compiled code knows it; other kinds of arrays would be compiled for anew."""
    return np.require(x, np.float32, ["C", "A", "W"])


def _inputs(network: Network, x: NDArray[Any]) -> Floats:
    if x.ndim != 2 or x.shape[1] != network.inputs:
        raise NetworkError(f"x must have shape [N, {network.inputs}], got {list(x.shape)}")
    return _matrix(x)


def _rows(network: Network, recipe: Recipe, x: NDArray[Any], goal: NDArray[Any]) -> loop.Rows:
    """Check the data and lay it out for the compiled code."""
    x = _inputs(network, x)
    if len(x) == 0:
        raise NetworkError("there are no rows to train on: give one at least")
    if len(x) == 1 and network.statistics_count:
        raise NetworkError(
            "batch norm needs at least 2 rows to train on, got 1: add rows, or set batch_norm=False"
        )
    if len(goal) != len(x):
        raise NetworkError(f"x has {len(x)} rows but there are {len(goal)} targets")
    _check_finite("x", x)
    if recipe.loss is Loss.SQUARED_ERROR:
        targets = _matrix(goal.reshape(len(goal), -1))
        if targets.shape[1] != network.outputs:
            raise NetworkError(
                f"targets must have {network.outputs} columns, got {targets.shape[1]}"
            )
        _check_finite("targets", targets)
        return loop.Rows(x, np.empty(0, dtype=np.int64), targets)
    labels = _labels(network, goal)
    return loop.Rows(x, labels, np.empty((0, network.outputs), dtype=np.float32))


def _labels(network: Network, goal: NDArray[Any]) -> NDArray[np.int64]:
    if goal.ndim != 1:
        raise NetworkError(f"labels must have shape [N], got {list(goal.shape)}")
    right = (goal >= 0) & (goal < network.outputs) & (goal % 1 == 0)
    if not right.all():
        row = int(np.argmin(right))
        raise NetworkError(
            f"labels must be whole numbers from 0 to {network.outputs - 1}, "
            f"got {goal[row]} at row {row}"
        )
    return np.require(goal, np.int64, ["C", "A", "W"])


def _check_finite(name: str, values: Floats) -> None:
    if not np.isfinite(values).all():
        row, column = np.argwhere(~np.isfinite(values))[0]
        raise NetworkError(
            f"{name} holds {values[row, column]} at row {row}, column {column}: "
            "fill in missing values first"
        )


def _arrays(network: Network, *, capacity: int) -> loop.Arrays:
    """Make every array that training needs, for batches of up to `capacity` rows."""
    table, work = loop.plan(network, capacity)
    weights, units = network.weight_count, network.statistics_count

    def zeros(*shape: int) -> Floats:
        return np.zeros(shape, dtype=np.float32)

    return loop.Arrays(
        plan=table,
        weights=zeros(weights),
        gradient=zeros(weights),
        first=zeros(weights),
        second=zeros(weights),
        means=zeros(units),
        variances=zeros(units),
        batch=zeros(3, units),
        slopes=zeros(2, capacity * max(network.widths)),
        work=zeros(work),
        panel=zeros(panel_size(max(*network.widths, capacity))),
        labels=np.zeros(capacity, dtype=np.int64),
        targets=zeros(capacity, network.outputs),
    )


def _settings(network: Network, recipe: Recipe) -> loop.Settings:
    optimizer = recipe.optimizer
    return loop.Settings(
        activation=network.activation.code,
        loss=list(Loss).index(recipe.loss),
        rule=optimizer.rule.code,
        momentum=float(optimizer.momentum),
        beta1=float(optimizer.beta1),
        beta2=float(optimizer.beta2),
        epsilon=float(optimizer.epsilon),
        bn_decay=float(network.bn_decay),
        bn_epsilon=float(network.bn_epsilon),
    )


def warm_up() -> None:
    """Compile everything, or load it from the cache, before any worker starts."""
    x = np.zeros((4, 3), dtype=np.float32)
    network = Network(inputs=3, hidden=(2,), outputs=2)
    training = Training(network, Recipe(batch_size=2), x, np.array([0, 1, 0, 1]), seed=0)
    training.train_epoch()
    training.outputs(x)
