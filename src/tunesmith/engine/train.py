"""Training: a resumable state. Batches, epochs, running averages."""

from collections.abc import Callable, Mapping
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from tunesmith import rng
from tunesmith.engine import kernels, loop
from tunesmith.engine.arrays import groups, make_arrays
from tunesmith.engine.compiled import note_compiled
from tunesmith.engine.network import Floats, Network, Statistics, check_count, fold
from tunesmith.engine.predict import Predictor
from tunesmith.engine.recipe import Recipe, batch_count, settings_of
from tunesmith.engine.reference import corrected
from tunesmith.engine.rows import make_rows
from tunesmith.engine.team import shared
from tunesmith.errors import Interrupted, NetworkError

FLOPS_PER_CALL = 2e10
"""Operations in one compiled call at most: about half a second, after which Ctrl-C is heard."""


@final
class Training:
    """One network being trained on one table. Not for use by two threads at once.

    x [N, D + C] float32: numbers, then each category's slot; goal: labels [N] int64 in 0..K-1 for
    cross entropy, or targets [N, K] float32 for the other losses; weight [N]: what each row
    counts, scaled to a mean of 1.

    `threads` share its products: for a network that is trained alone. The bits stay the same.

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
        threads: int = 1,
    ) -> None:
        check_count("threads", threads)
        self.network, self.recipe = network, recipe
        self.epoch = 0
        self.step = 0
        self.place = 0.0
        """How far the schedule of the rate has come, in epochs: `epoch`, unless one was hurried."""
        self._address = (seed, *path)
        self._data = make_rows(network, recipe.loss, x, goal, weight)
        self._batches = batch_count(
            len(x), recipe.batch_size, batch_norm=network.statistics_count > 0
        )
        self._threads = threads
        self._arrays = make_arrays(network, -(-len(x) // self._batches), threads=threads)
        self._arrays.weights[:] = network.initial_weights(self._stream("weights"))
        self._order = np.empty(len(x), dtype=np.int64)
        self._order_key = int(self._stream("order").integers(2**62))
        dropout_key = int(self._stream("dropout").integers(2**62))
        self._settings = settings_of(network, recipe, dropout_key)
        self._predictor: Predictor | None = None

    def _stream(self, *path: int | str) -> np.random.Generator:
        seed, *start = self._address
        return rng.stream(int(seed), *start, *path)

    def train_epoch(
        self, should_stop: Callable[[], bool] = lambda: False, pace: float = 1.0
    ) -> float:
        """Train for one epoch and return the mean loss over its batches (not finite: diverged).

        Meanwhile the schedule of the rate goes on by `pace` epochs: by more than one where there
        is no time for all of them.

        `should_stop` is asked between compiled calls, about twice a second; if it says yes,
        Interrupted is raised, and this training must not go on but from an earlier `state`.
        """
        order = self._order
        kernels.shuffle(order, self._order_key, self.epoch)
        rates = self.recipe.schedule.rates(
            self.recipe.optimizer.learning_rate, self.place, self.place + pace
        )
        total, batches = 0.0, self._batches
        per_batch = 6 * self.network.weight_count * len(order) / batches
        at_once = max(1, int(FLOPS_PER_CALL / per_batch))
        for first in range(0, batches, at_once):
            if first and should_stop():
                raise Interrupted
            last = min(first + at_once, batches)
            with shared(self._arrays.panel, self._arrays.team, self._threads):
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
        self.place += pace
        return total / len(order)

    def statistics(self) -> tuple[Floats, Floats]:
        """Return the mean and variance [H of all layers] used at test time.

        The running averages, or those of `exact_statistics` where the network says so.
        """
        if self.network.bn_stats is Statistics.EXACT:
            return self.exact_statistics()
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
        copies = {name: array.copy() for name, array in self._changing.items()}
        return copies | {"progress": np.array([self.epoch, self.step], dtype=np.int64)}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go on from what `state` gave; NetworkError if it belongs to another network."""
        progress = np.zeros(2, dtype=np.int64)
        mine = self._changing | {"progress": progress}
        for name, array in mine.items():
            if name not in state or state[name].shape != array.shape:
                raise NetworkError(f"this state is of another network or recipe: {name} differs")
        for name, array in mine.items():
            array[:] = state[name]
        self.epoch, self.step = map(int, progress)
        self.place = float(self.epoch)

    @property
    def _changing(self) -> dict[str, NDArray[Any]]:
        """The arrays that a training that goes on needs."""
        names = ("weights", "first", "second", "means", "variances")
        arrays = {name: getattr(self._arrays, name) for name in names}
        return arrays | {"category_steps": self._arrays.categories.steps}


def warm_up() -> None:
    """Compile everything, or load it from the cache, before any worker starts."""
    x = np.zeros((4, 3), dtype=np.float32)
    network = Network(inputs=3, hidden=(2,), outputs=2)
    training = Training(network, Recipe(batch_size=2), x, np.array([0, 1, 0, 1]), seed=0)
    training.train_epoch()
    training.exact_statistics()
    training.outputs(x)
    note_compiled()
