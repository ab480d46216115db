"""The trainings of one search on one table."""

from collections import Counter
from operator import itemgetter
from time import process_time
from typing import final

from benchmarks.search.tables import Config, Table
from tunesmith.rng import stream


@final
class Trainings:
    """The trainings of one study, looked up in a table.

    A config that is trained again gets another of the table's seeds, until all were used; which
    comes first depends on the study's seed and the config, and so is the same for every method.
    """

    def __init__(self, table: Table, seed: int) -> None:
        self.tried: list[tuple[float, Config]] = []
        """Every loss and its config, in order."""
        self._table, self._seed = table, seed
        self._times: Counter[str] = Counter()
        self._began = process_time()
        self._spent = 0.0

    def loss(self, config: Config) -> float:
        """Train a config, whose values may be in any order; return its loss."""
        began = process_time()
        config = self._table.space.check(config)
        address = repr(tuple(config.values()))
        order = stream(self._seed, "training", address).permutation(self._table.seeds)
        again = self._times[address]
        self._times[address] += 1
        loss = self._table.loss(config, int(order[again % len(order)]))
        self.tried.append((loss, config))
        self._spent += process_time() - began
        return loss

    def best(self, budget: int) -> Config:
        """Return the config whose loss was smallest among the first `budget`."""
        return min(self.tried[:budget], key=itemgetter(0))[1]

    @property
    def milliseconds(self) -> float:
        """Processor time a trial since the beginning, all but the trainings."""
        return 1e3 * (process_time() - self._began - self._spent) / len(self.tried)
