"""Asynchronous halving: whoever is among the best so far goes on at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, final

from tunesmith.history import History
from tunesmith.search.ladder.halving import Halving
from tunesmith.search.ladder.standings import standings
from tunesmith.study import Promote, Study


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AsyncHalving(Halving):
    """Train new trials for `least` epochs; who is in the best 1 / eta of a rung goes on.

    Nobody waits for a rung to fill (ASHA, Li et al. 2020): a promotion is decided from what is
    there, in virtual time, so that the same seed gives the same study. What was promoted too early
    costs one rung. `audit`: see Halving.
    """

    name: ClassVar[str] = "async_halving"
    eta: int = 4

    def _wanted(self, study: Study, history: History, rungs: Sequence[int]) -> Promote | int | None:  # noqa: ARG002  the protocol's arguments
        """Return a promotion, the highest rung first, or else the epochs of a new trial."""
        return self._promotion(history, rungs) or rungs[0]

    def _promotion(self, history: History, rungs: Sequence[int]) -> Promote | None:
        """Return who goes on: the best that waits, where it is in the best 1 / eta of its rung."""
        here = standings(history)
        for rung, above in reversed(list(pairwise(rungs))):
            best = here[rung].best(history) if rung in here else None
            if best is not None and here[rung].rank(best) < len(here[rung].places) // self.eta:
                return Promote(best[1], above)
        return None
