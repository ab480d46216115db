"""Random search: every config drawn by itself over the whole space."""

from dataclasses import dataclass
from typing import ClassVar, final

from tunesmith import rng
from tunesmith.history import History
from tunesmith.search.ladder.full import Full
from tunesmith.search.protocol import Ladder, Search
from tunesmith.study import Start, Study
from tunesmith.trial import Config


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RandomSearch(Search):
    """Draw each config uniformly on the params' own scales (Bergstra and Bengio 2012)."""

    name: ClassVar[str] = "random"
    looks_back: ClassVar[bool] = False
    ladder: Ladder = Full()

    def propose(self, study: Study, history: History, epochs: int) -> Start:
        """Return a config that depends on the seed and the trial's number alone."""
        chance = rng.stream(study.seed, "trial", len(history.trials), "config")
        return Start(Config(study.space.draw(chance)), epochs)
