"""Our searches, through what users call."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import tunesmith as ts
from benchmarks.contest.runs import Run
from benchmarks.search.runs import Trainings
from benchmarks.search.tables import Config, load
from tunesmith.search.protocol import Search


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """One of our searches; a budget is a study of its own."""

    name: str
    search: Search
    factor: int = 1
    """How many trainings it has for each of the others'."""

    def run(self, table: str, seed: int, budgets: Sequence[int]) -> Run:
        """Search a table once for each budget; the study's own recommendation is returned."""
        task, milliseconds = load(table), 0.0
        returned: dict[int, Config] = {}
        for budget in sorted(budgets):
            trainings = Trainings(task, seed)
            history = ts.tune(
                trainings.loss,
                task.space,
                search=self.search,
                trials=self.factor * budget,
                seed=seed,
            )
            returned[budget] = task.space.check(history.best.config)
            milliseconds = trainings.milliseconds
        return Run(
            table=table,
            method=self.name,
            seed=seed,
            returned=returned,
            milliseconds=milliseconds,
        )


OURS = {
    ours.name: ours
    for ours in (
        Ours(name="coarse to fine", search=ts.CoarseToFine()),
        Ours(name="coarse to fine, no model", search=ts.CoarseToFine(model=None)),
        Ours(name="Sobol", search=ts.SobolSearch()),
        Ours(name="random", search=ts.RandomSearch()),
        Ours(name="random, twice the budget", search=ts.RandomSearch(), factor=2),
    )
}
"""The first is what the others are compared with."""
