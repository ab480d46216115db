"""The other tuners, at their defaults, with the same ranges and scales.

Each is judged by the config that it returns itself: Optuna and Hyperopt return the one whose loss
was smallest, SMAC3 its incumbent, which it trains several times, Nevergrad its recommendation.
A search is called with space, loss, seed and budget; if it returns None, the config whose loss was
smallest counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

from benchmarks.contest.peers import Peer
from benchmarks.contest.runs import Run
from benchmarks.search.runs import Trainings
from benchmarks.search.tables import Config, load

Loss = Callable[[Config], float]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TablePeer(Peer):
    """One of the other tuners."""

    looks_ahead: bool = False
    """Whether its choices depend on the budget, so that every budget is a run of its own."""

    def run(self, table: str, seed: int, budgets: Sequence[int]) -> Run:
        """Search a table, once for all budgets unless it looks ahead."""
        task, search = load(table), self.search
        returned: dict[int, Config] = {}
        for budget in sorted(budgets) if self.looks_ahead else [max(budgets)]:
            trainings = Trainings(task, seed)
            answer = search(task.space, trainings.loss, seed, budget)
            for end in [budget] if self.looks_ahead else budgets:
                returned[end] = trainings.best(end) if answer is None else task.space.check(answer)
        return Run(
            table=table,
            method=self.name,
            seed=seed,
            returned=returned,
            milliseconds=trainings.milliseconds,
        )


SLOW = 10
"""Seeds of a slow peer."""

PEERS = {
    peer.name: peer
    for peer in (
        TablePeer(name="Optuna random", package="optuna", place="search.in_optuna:random"),
        TablePeer(name="Optuna TPE", package="optuna", place="search.in_optuna:tpe"),
        TablePeer(
            name="Optuna GP",
            package="optuna",
            place="search.in_optuna:gaussian_process",
            seeds=SLOW,
        ),
        TablePeer(name="Hyperopt", package="hyperopt", place="search.in_hyperopt:tpe", seeds=SLOW),
        TablePeer(
            name="Nevergrad",
            package="nevergrad",
            place="search.in_nevergrad:ngopt",
            looks_ahead=True,
            seeds=SLOW,
        ),
        TablePeer(
            name="SMAC3",
            package="smac",
            place="search.in_smac:forest",
            looks_ahead=True,
            seeds=SLOW,
        ),
    )
}
