"""Training: a resumable state. Batches, epochs, running averages, prediction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from tunesmith import rng
from tunesmith.engine import kernels, loop
from tunesmith.engine.arrays import Rows, groups, make_arrays
from tunesmith.engine.network import Floats, Loss, Network, Place, check_count, fold
from tunesmith.engine.optimizers import Optimizer
from tunesmith.engine.passes import Settings
from tunesmith.engine.reference import corrected
from tunesmith.engine.schedules import Schedule
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
    schedule: Schedule = Schedule()
    batch_size: int = 64
    """Rows of a mini-batch; sizes differ by one row where the table does not divide evenly."""
    label_smoothing: float = 0.0
    """Share of each label spread over all classes, for cross entropy (Szegedy et al. 2016)."""

    def __post_init__(self) -> None:
        check_count("batch_size", self.batch_size)
        if not 0 <= self.label_smoothing < 1:
            raise NetworkError(f"label_smoothing must lie in [0, 1), got {self.label_smoothing!r}")


def batch_count(rows: int, batch_size: int, *, batch_norm: bool) -> int:
    """Return into how many batches `rows` are cut: none larger than batch_size where possible.

    Under batch norm no batch is left with one row, whose variance would be 0.
    """
    count = -(-rows // int(batch_size))  # NumPy's integers would be compiled for anew
    return max(1, min(count, rows // 2)) if batch_norm else count


@final
class Training:
    """One network being trained on one table. Not for use by two threads at once.

    x [N, D] float32, goal: labels [N] int64 in 0..K-1 for cross entropy, or targets [N, K]
    float32 for the other losses; weight [N]: what each row counts, scaled to a mean of 1.

    Chance comes from rng.stream(seed, *path): the same address gives the same network, bit for
    bit, also when training stops and goes on from `state()`. Raises NetworkError for data that
    cannot be trained on.
    """

    def __init__(
        self,
        network: Network,
        recipe: Recipe,
        x: Floats,
        goal: NDArray[Any],
        *,
        weight: NDArray[Any] | None = None,
        seed: int,
        path: tuple[int | str, ...] = (),
    ) -> None:
        self.network, self.recipe = network, recipe
        self.epoch = 0
        self.step = 0
        self._address = (seed, *path)
        self._data = _rows(network, recipe, x, goal, weight)
        self._batches = batch_count(
            len(x), recipe.batch_size, batch_norm=network.statistics_count > 0
        )
        self._arrays = make_arrays(network, -(-len(x) // self._batches))
        self._arrays.weights[:] = network.initial_weights(self._stream("weights"))
        self._order = np.empty(len(x), dtype=np.int64)
        self._order_key = int(self._stream("order").integers(2**62))
        dropout_key = int(self._stream("dropout").integers(2**62))
        self._settings = _settings(network, recipe, dropout_key)
        self._predictor: Predictor | None = None

    def _stream(self, *path: int | str) -> np.random.Generator:
        seed, *start = self._address
        return rng.stream(int(seed), *start, *path)

    def train_epoch(self, should_stop: Callable[[], bool] = lambda: False) -> float:
        """Train for one epoch and return the mean loss over its batches (not finite: diverged).

        `should_stop` is asked between compiled calls, about twice a second; if it says yes,
        Interrupted is raised, and this training must not go on but from an earlier `state`.
        """
        order = self._order
        kernels.shuffle(order, self._order_key, self.epoch)
        rates = self.recipe.schedule.rates(self.recipe.optimizer.learning_rate, self.epoch)
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
                (float(rates[0]), float(rates[1])),
            )
            self.step += last - first
        self.epoch += 1
        return total / len(order)

    def statistics(self) -> tuple[Floats, Floats]:
        """Return the mean and variance [H of all layers] used at test time."""
        return corrected(
            self._arrays.means, self._arrays.variances, self.network.bn_decay, self.step
        )

    def exact_statistics(self) -> tuple[Floats, Floats]:
        """Return mean and variance over all training rows, in one pass over them."""
        mean, variance = np.zeros((2, self.network.statistics_count))
        order = np.arange(len(self._data.x))
        # a batch of several groups would lose how far their means lie apart
        batches = max(self._batches, groups(len(order), self.network.bn_group))
        loop.exact_statistics(
            self._arrays, self._settings, self._data, order, batches, mean, variance
        )
        return mean.astype(np.float32), variance.astype(np.float32)

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
        mean, variance = self.statistics()
        loop.fold(self._arrays, self._settings, mean, variance, self._predictor.weights)
        return self._predictor.outputs(self._predictor.weights, x)

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
        self.network = replace(network, batch_norm=False, dropout=0.0)
        self._arrays = make_arrays(self.network, PREDICTION_ROWS)
        self._settings = _settings(self.network, Recipe(), 0)
        self.weights = self._arrays.weights
        """Room for the folded weights."""

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


def _rows(
    network: Network,
    recipe: Recipe,
    x: NDArray[Any],
    goal: NDArray[Any],
    weight: NDArray[Any] | None,
) -> Rows:
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
    counts = _weight(len(x), weight)
    if recipe.loss is not Loss.CROSS_ENTROPY:
        targets = _matrix(goal.reshape(len(goal), -1))
        if targets.shape[1] != network.outputs:
            raise NetworkError(
                f"targets must have {network.outputs} columns, got {targets.shape[1]}"
            )
        _check_finite("targets", targets)
        return Rows(x, np.empty(0, dtype=np.int64), targets, counts)
    labels = _labels(network, goal)
    return Rows(x, labels, np.empty((0, network.outputs), dtype=np.float32), counts)


def _weight(rows: int, weight: NDArray[Any] | None) -> Floats:
    if weight is None:
        return np.ones(rows, dtype=np.float32)
    if weight.shape != (rows,) or not np.isfinite(weight).all() or weight.min() < 0:
        raise NetworkError(f"weight must be {rows} finite numbers of 0 or more, one for each row")
    if weight.sum() == 0:
        raise NetworkError("every row has weight 0: nothing can be learned")
    return _matrix(weight / weight.mean(dtype=np.float64))


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


def _settings(network: Network, recipe: Recipe, dropout_key: int) -> Settings:
    optimizer = recipe.optimizer
    return Settings(
        activation=network.activation.code,
        loss=recipe.loss.code,
        rule=optimizer.rule.code,
        momentum=float(optimizer.momentum),
        beta1=float(optimizer.beta1),
        beta2=float(optimizer.beta2),
        epsilon=float(optimizer.epsilon),
        weight_decay=float(optimizer.weight_decay),
        clip_norm=float(optimizer.clip_norm or 0.0),
        smoothing=float(recipe.label_smoothing),
        bn_after=network.batch_norm and network.bn_place is Place.AFTER,
        bn_group=int(network.bn_group or 0),
        bn_decay=float(network.bn_decay),
        bn_epsilon=float(network.bn_epsilon),
        dropout=float(network.dropout),
        dropout_key=dropout_key,
    )


def warm_up() -> None:
    """Compile everything, or load it from the cache, before any worker starts."""
    x = np.zeros((4, 3), dtype=np.float32)
    network = Network(inputs=3, hidden=(2,), outputs=2)
    training = Training(network, Recipe(batch_size=2), x, np.array([0, 1, 0, 1]), seed=0)
    training.train_epoch()
    training.exact_statistics()
    training.outputs(x)
