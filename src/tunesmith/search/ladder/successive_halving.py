"""Successive halving: many a little, the best on, rung by rung."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, final

from tunesmith.history import History
from tunesmith.search.ladder.brackets import Bracket, decide
from tunesmith.search.ladder.halving import Halving
from tunesmith.study import Promote, Study


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SuccessiveHalving(Halving):
    """Train eta ** (rungs - 1) trials for `least` epochs, the best 1 / eta of them on, and so on.

    One of each such bracket is trained in full (Jamieson and Talwalkar 2016). A rung is decided
    when all its trials have come; meanwhile the next bracket begins. `audit`: see Halving.
    """

    name: ClassVar[str] = "successive_halving"

    def _wanted(self, study: Study, history: History, rungs: Sequence[int]) -> Promote | int | None:
        """Return what the bracket at hand decides; None while its trials are awaited."""
        bracket = Bracket(first=0, size=self.eta ** (len(rungs) - 1), rungs=tuple(rungs))
        return decide(study, history, [bracket], self.eta)
