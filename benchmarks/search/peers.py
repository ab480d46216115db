"""The other tuners, at their defaults, with the same ranges and scales.

Each is judged by the config that it returns itself: Optuna and Hyperopt return the one whose loss
was smallest, SMAC3 its incumbent, which it trains several times, Nevergrad its recommendation.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import final

from benchmarks.search.runs import Run, Trainings
from benchmarks.search.tables import Config, load
from tunesmith.space import Space

Loss = Callable[[Config], float]

Search = Callable[[Space, Loss, int, int], Config | None]
"""Called with space, loss, seed and budget; None returns the config whose loss was smallest."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One of the other tuners."""

    name: str
    package: str
    """As it is installed, which is also how it is imported."""
    place: str
    """MODULE:FUNCTION of its `Search`, below this package."""
    looks_ahead: bool = False
    """Whether its choices depend on the budget, so that every budget is a run of its own."""
    seeds: int | None = None
    """With how many it is run, if it is slow: then its runs are stored."""

    @property
    def installed(self) -> bool:
        """Whether its package is there."""
        return find_spec(self.package) is not None

    @property
    def version(self) -> str:
        """Its package and version."""
        return f"{self.package} {version(self.package)}"

    def run(self, table: str, seed: int, budgets: Sequence[int]) -> Run:
        """Search a table, once for all budgets unless it looks ahead."""
        task = load(table)
        returned: dict[int, Config] = {}
        for budget in sorted(budgets) if self.looks_ahead else [max(budgets)]:
            trainings = Trainings(task, seed)
            answer = self._search(task.space, trainings.loss, seed, budget)
            for end in [budget] if self.looks_ahead else budgets:
                returned[end] = trainings.best(end) if answer is None else task.space.check(answer)
        return Run(
            table=table,
            method=self.name,
            seed=seed,
            returned=returned,
            milliseconds=trainings.milliseconds,
        )

    @property
    def _search(self) -> Search:
        module, function = self.place.split(":")
        search: Search = getattr(import_module(f"benchmarks.search.{module}"), function)
        return search


SLOW = 10
"""Seeds of a slow peer."""

PEERS = {
    peer.name: peer
    for peer in (
        Peer(name="Optuna random", package="optuna", place="in_optuna:random"),
        Peer(name="Optuna TPE", package="optuna", place="in_optuna:tpe"),
        Peer(name="Optuna GP", package="optuna", place="in_optuna:gaussian_process", seeds=SLOW),
        Peer(name="Hyperopt", package="hyperopt", place="in_hyperopt:tpe", seeds=SLOW),
        Peer(
            name="Nevergrad",
            package="nevergrad",
            place="in_nevergrad:ngopt",
            looks_ahead=True,
            seeds=SLOW,
        ),
        Peer(name="SMAC3", package="smac", place="in_smac:forest", looks_ahead=True, seeds=SLOW),
    )
}
