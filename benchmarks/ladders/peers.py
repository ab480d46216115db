"""The other tuners, at their defaults, with the same ranges and scales, one trial at a time.

What counts of each is the best last loss among the trials that were trained the longest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from benchmarks.contest.peers import Peer
from benchmarks.contest.runs import Run
from benchmarks.ladders.curves import load
from benchmarks.ladders.spending import Spending


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LadderPeer(Peer):
    """A tuner whose choices do not depend on the budget: one run serves all of them."""

    def run(self, table: str, seed: int, budgets: Sequence[int]) -> Run:
        """Search the curves of a task once, for the largest budget."""
        search, spending = self.search, Spending(load(table), max(budgets))
        search(spending, seed)
        return spending.run(self.name, table, seed, budgets)


PEERS = {
    peer.name: peer
    for peer in (
        LadderPeer(
            name="Optuna TPE Hyperband",
            package="optuna",
            place="ladders.in_optuna:hyperband",
            seeds=10,
        ),
        LadderPeer(
            name="Optuna TPE halving",
            package="optuna",
            place="ladders.in_optuna:halving",
            seeds=10,
        ),
        LadderPeer(
            name="Syne Tune ASHA",
            package="syne_tune",
            place="ladders.in_syne_tune:asha",
            seeds=20,
        ),
        LadderPeer(
            name="Syne Tune BOHB",
            package="syne_tune",
            place="ladders.in_syne_tune:bohb",
            seeds=5,
        ),
    )
}
