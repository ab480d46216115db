"""The yardstick: asynchronous halving of random configs in a few lines, by one worker.

Li et al. 2020, algorithm 2, with the top rung's trials kept; not our ladder, but what it is
checked against.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import final

from benchmarks.contest.runs import Run
from benchmarks.ladders.curves import EPOCHS, load
from benchmarks.ladders.spending import Spending
from tunesmith.rng import stream

ETA = 4
RUNGS = (1, 4, 16, EPOCHS)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PlainHalving:
    """Promote a trial in the top quarter of its rung, from the highest rung down, or start one."""

    name: str

    def run(self, table: str, seed: int, budgets: Sequence[int]) -> Run:
        """Search a table, once for all budgets."""
        task = load(table)
        spending = Spending(task, max(budgets))
        fresh = iter(stream(seed, "plain").permutation(len(task.losses)).tolist())
        rungs: list[dict[int, float]] = [{} for _ in RUNGS]
        while spending.left:
            level, row = next_up(rungs, fresh)
            epochs = RUNGS[level] - (RUNGS[level - 1] if level else 0)
            for _ in range(min(epochs, spending.left)):
                rungs[level][row] = spending.train(row)
        return spending.run(self.name, table, seed, budgets)


def next_up(rungs: Sequence[dict[int, float]], fresh: Iterator[int]) -> tuple[int, int]:
    """Return the rung to be trained to, and the row."""
    for level in reversed(range(1, len(rungs))):
        below = rungs[level - 1]
        top = sorted(below, key=below.__getitem__)[: len(below) // ETA]
        for row in top:
            if row not in rungs[level]:
                return level, row
    return 0, next(fresh)
