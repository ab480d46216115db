"""Another tuner, compared with ours."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

from benchmarks.contest.runs import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer(ABC):
    """One of the other tuners."""

    name: str
    package: str
    """As it is imported."""
    place: str
    """MODULE:FUNCTION of its search, below `benchmarks`."""
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

    @property
    def search(self) -> Callable[..., Any]:
        """Its search; only this imports the package."""
        module, function = self.place.split(":")
        found: Callable[..., Any] = getattr(import_module(f"benchmarks.{module}"), function)
        return found

    @abstractmethod
    def run(self, table: str, seed: int, budgets: Sequence[int]) -> Run:
        """Search a table for each budget."""
