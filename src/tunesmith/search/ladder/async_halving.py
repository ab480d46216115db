"""Asynchronous halving: whoever is among the best so far goes on at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, final

from tunesmith.history import History
from tunesmith.search.ladder.audit import audited
from tunesmith.search.ladder.closing import within_budget
from tunesmith.search.ladder.levels import check_halving, levels
from tunesmith.search.ladder.standings import standings
from tunesmith.search.protocol import Ladder
from tunesmith.study import Promote, Study


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AsyncHalving(Ladder):
    """Train new trials for `least` epochs; who is in the best 1 / eta of a rung goes on.

    The rungs above lie at the full training divided by eta, again and again (ASHA, Li et al. 2020).
    Nobody waits for a rung to fill: a promotion is decided from what is there, in virtual time, so
    that the same seed gives the same study. What was promoted too early costs one rung.

    `audit` trials that were stopped are trained to the end all the same, before the budget ends, to
    know whether stopping them was fair.
    """

    name: ClassVar[str] = "async_halving"
    looks_back: ClassVar[bool] = True
    eta: int = 4
    least: int = 1
    audit: int = 0

    def __post_init__(self) -> None:
        check_halving(self.eta, self.least, self.audit)

    def next(self, study: Study, history: History) -> Promote | int | None:
        """Return a promotion, the highest rung first, or else the epochs of a new trial."""
        rungs = levels(study.epochs, self.eta, self.least)
        wanted = self._promotion(history, rungs) or rungs[0]
        answer = within_budget(study, history, rungs, wanted)
        return audited(study, history, answer, self.audit)

    def _promotion(self, history: History, rungs: Sequence[int]) -> Promote | None:
        """Return who goes on: the best that waits, where it is in the best 1 / eta of its rung."""
        here = standings(history)
        for rung, above in reversed(list(pairwise(rungs))):
            best = here[rung].best(history) if rung in here else None
            if best is not None and here[rung].rank(best) < len(here[rung].places) // self.eta:
                return Promote(best[1], above)
        return None
