"""The epochs that a search spends on the configs of a pool, one by one, and its incumbent."""

from collections.abc import Sequence
from time import process_time
from typing import final

from benchmarks.contest.runs import Returned, Run
from benchmarks.ladders.curves import EPOCHS, Curves
from benchmarks.ladders.stand_in import StandIns
from tunesmith.trial import Config


@final
class Spending:
    """The trainings of one search that can go on as long as there are epochs."""

    def __init__(self, task: Curves, total_epochs: int) -> None:
        self.task, self._stand_ins = task, StandIns(task.pool)
        self._total = total_epochs
        self._measured: list[tuple[int, float, int]] = []
        """For every epoch spent: minus the epoch of its trial, the loss, the row."""
        self._trained: dict[int, int] = {}
        self._began, self._spent = process_time(), 0.0

    @property
    def left(self) -> int:
        """How many epochs may still be spent."""
        return self._total - len(self._measured)

    def take(self, units: Sequence[float]) -> int:
        """Return the row to train for a proposal, given by its units [D] in [0, 1]."""
        began = process_time()
        row = self._stand_ins.take(Config(self.task.pool.space.decode(units)))
        self._spent += process_time() - began
        return row

    def train(self, row: int) -> float:
        """Train a row by one more epoch; return its loss then."""
        epoch = self._trained.get(row, 0) + 1
        self._trained[row] = epoch
        loss = self.task.losses[row][epoch - 1]
        self._measured.append((-epoch, loss, row))
        return loss

    def full(self, row: int) -> bool:
        """Return whether a row had its full training."""
        return self._trained.get(row, 0) == EPOCHS

    def returned(self, total_epochs: int) -> Returned:
        """Return what counts after so many epochs: the best among those trained the longest."""
        measured = self._measured[:total_epochs]
        return {"row": min(measured)[2], "epochs": len(measured), "reached": -min(measured)[0]}

    def run(self, name: str, table: str, seed: int, budgets: Sequence[int]) -> Run:
        """Return what came of it after each budget."""
        passed = 1e3 * (process_time() - self._began - self._spent)
        return Run(
            table=table,
            method=name,
            seed=seed,
            returned={budget: self.returned(budget) for budget in budgets},
            milliseconds=passed / len(self._trained),
        )
