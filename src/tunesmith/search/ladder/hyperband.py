"""Hyperband: brackets that start ever fewer trials ever higher."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, final

from tunesmith.history import History
from tunesmith.search.ladder.brackets import Bracket, decide
from tunesmith.search.ladder.halving import Halving
from tunesmith.study import Promote, Study


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Hyperband(Halving):
    """Halve in brackets: the first begins on the lowest rung, the last trains in full at once.

    All cost about the same (Li et al. 2018, algorithm 1), so that a study whose short trainings
    mislead loses little. Then they begin anew. `audit`: see Halving.
    """

    name: ClassVar[str] = "hyperband"

    def _wanted(self, study: Study, history: History, rungs: Sequence[int]) -> Promote | int | None:
        """Return what the brackets at hand decide; None while their trials are awaited."""
        return decide(study, history, _cycle(tuple(rungs), self.eta), self.eta)


def _cycle(rungs: tuple[int, ...], eta: int) -> list[Bracket]:
    """Return the brackets: of n rungs, ceil(all / n * eta ** (n - 1)) trials."""
    found, first = [], 0
    for start in range(len(rungs)):
        climbed = len(rungs) - start
        size = -(-len(rungs) * eta ** (climbed - 1) // climbed)
        found.append(Bracket(first=first, size=size, rungs=rungs[start:]))
        first += size
    return found
