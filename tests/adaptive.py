"""A search and a ladder that look back as far as can be, for the tests of the loop.

Whatever the search could see is in its address: a decision made a moment too early or too late
gives another config.
"""

from dataclasses import dataclass
from typing import ClassVar, final

from tunesmith import rng
from tunesmith.search.ladder.full import Full
from tunesmith.search.protocol import Ladder, Search
from tunesmith.study import Promote, Start
from tunesmith.trial import Config, State


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Watchful(Search):
    """Draw each config from an address that holds all that was seen so far."""

    name: ClassVar[str] = "watchful"
    looks_back: ClassVar[bool] = True
    ladder: Ladder = Full()

    def propose(self, study, history, epochs):
        chance = rng.stream(study.seed, "watchful", history.digest)
        return Start(Config(study.space.draw(chance)), epochs)


@final
@dataclass(frozen=True, slots=True)
class BetterHalf(Ladder):
    """Train new trials for `first` epochs, and the better half of them in full."""

    name: ClassVar[str] = "better_half"
    looks_back: ClassVar[bool] = True
    first: int = 2

    def next(self, study, history):
        done = [t for t in history.trials if (t.state, t.epochs) == (State.PAUSED, self.first)]
        promoted = sum(t.epochs > self.first for t in history.trials)
        if done and (len(done) + promoted) // 2 > promoted:
            best = min(done, key=lambda t: (study.loss(t), t.number))
            return Promote(best.number, study.epochs)
        return self.first


def register(monkeypatch):
    """Let studies name them for the length of a test."""
    from tunesmith.search import settings

    monkeypatch.setitem(settings.SEARCHES, Watchful.name, Watchful)
    monkeypatch.setitem(settings.LADDERS, BetterHalf.name, BetterHalf)
