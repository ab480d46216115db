"""Hyperband: brackets that start ever fewer trials ever higher."""

from dataclasses import dataclass
from typing import ClassVar, final

from tunesmith.history import History
from tunesmith.search.ladder.audit import audited
from tunesmith.search.ladder.brackets import Bracket, decide
from tunesmith.search.ladder.closing import within_budget
from tunesmith.search.ladder.levels import check_halving, levels
from tunesmith.search.protocol import Ladder
from tunesmith.study import Promote, Study


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Hyperband(Ladder):
    """Halve in brackets: the first begins on the lowest rung, the last trains in full at once.

    All cost about the same (Li et al. 2018, algorithm 1), so that a study whose short trainings
    mislead loses little. Then they begin anew. `audit`: see AsyncHalving.
    """

    name: ClassVar[str] = "hyperband"
    looks_back: ClassVar[bool] = True
    eta: int = 3
    least: int = 1
    audit: int = 0

    def __post_init__(self) -> None:
        check_halving(self.eta, self.least, self.audit)

    def next(self, study: Study, history: History) -> Promote | int | None:
        """Return a promotion, or the epochs of a new trial, or None to wait for an outcome."""
        rungs = levels(study.epochs, self.eta, self.least)
        answer = decide(study, history, _cycle(rungs, self.eta), self.eta)
        answer = within_budget(study, history, rungs, answer)
        return audited(study, history, answer, self.audit)


def _cycle(rungs: tuple[int, ...], eta: int) -> list[Bracket]:
    """Return the brackets: of n rungs, ceil(all / n * eta ** (n - 1)) trials."""
    found, first = [], 0
    for start in range(len(rungs)):
        climbed = len(rungs) - start
        size = -(-len(rungs) * eta ** (climbed - 1) // climbed)
        found.append(Bracket(first=first, size=size, rungs=rungs[start:]))
        first += size
    return found
