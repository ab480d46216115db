"""Successive halving: many a little, the best on, rung by rung."""

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
class SuccessiveHalving(Ladder):
    """Train eta ** (rungs - 1) trials for `least` epochs, the best 1 / eta of them on, and so on.

    One of each such bracket is trained in full (Jamieson and Talwalkar 2016). A rung is decided
    when all its trials have come; meanwhile the next bracket begins. `audit`: see AsyncHalving.
    """

    name: ClassVar[str] = "successive_halving"
    looks_back: ClassVar[bool] = True
    eta: int = 3
    least: int = 1
    audit: int = 0

    def __post_init__(self) -> None:
        check_halving(self.eta, self.least, self.audit)

    def next(self, study: Study, history: History) -> Promote | int | None:
        """Return a promotion, or the epochs of a new trial, or None to wait for an outcome."""
        rungs = levels(study.epochs, self.eta, self.least)
        bracket = Bracket(first=0, size=self.eta ** (len(rungs) - 1), rungs=rungs)
        answer = decide(study, history, [bracket], self.eta)
        answer = within_budget(study, history, rungs, answer)
        return audited(study, history, answer, self.audit)
