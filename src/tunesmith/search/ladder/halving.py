"""Halving: what every ladder does alike that trains the best on, rung by rung."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tunesmith.history import History
from tunesmith.search.ladder.audit import audited
from tunesmith.search.ladder.closing import within_budget
from tunesmith.search.ladder.rungs import rungs_of
from tunesmith.search.protocol import Ladder
from tunesmith.study import Promote, Study, count_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Halving(Ladder, ABC):
    """Train new trials for `least` epochs or more; of each rung the best 1 / eta go on.

    The rungs above lie at the full training divided by eta, again and again. `audit` trials that
    were stopped are trained to the end all the same, before the budget ends, to know whether
    stopping them was fair. Raises StudyError for numbers that make no rungs.
    """

    looks_back: ClassVar[bool] = True
    eta: int = 3
    least: int = 1
    audit: int = 0

    def __post_init__(self) -> None:
        for name, least in (("eta", 2), ("least", 1), ("audit", 0)):
            count = count_of(name, getattr(self, name), least=least)
            object.__setattr__(self, name, count)

    def next(self, study: Study, history: History) -> Promote | int | None:
        """Return a promotion, or the epochs of a new trial, or None to wait for an outcome."""
        rungs = rungs_of(study.epochs, self.eta, self.least)
        answer = within_budget(study, history, rungs, self._wanted(study, history, rungs))
        return audited(study, history, answer, self.audit)

    @abstractmethod
    def _wanted(self, study: Study, history: History, rungs: Sequence[int]) -> Promote | int | None:
        """Return what would be next if the budget had no end."""
