"""What every search and every ladder is."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Final

from tunesmith.history import History
from tunesmith.search.advise.advise import advise
from tunesmith.study import Action, Finish, Promote, Recommendation, Start, Study, Wait
from tunesmith.trial import Config, Origin

SPENT: Final = "nothing was left to promote"
"""Why a study is over whose ladder starts no more and promotes none."""


@dataclass(frozen=True, slots=True)
class Ladder(ABC):
    """Decides who trains on, and how far a new trial is trained first."""

    name: ClassVar[str]
    looks_back: ClassVar[bool]
    """Whether its answers depend on what was measured."""

    @abstractmethod
    def next(self, study: Study, history: History) -> Promote | int | None:
        """Return a promotion, or the epochs of a new trial, or None to wait for an outcome.

        None while no trial runs ends the study; so does a new trial where all were made.
        """

    def settings(self) -> dict[str, Any]:
        """Return it as plain data; `read_ladder` reads it back."""
        return {"name": self.name} | {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Search(ABC):
    """Decides what to do next: it proposes configs itself, and its ladder says who trains on.

    `next` is pure: the same study and history give the same action, however often it is asked.
    """

    name: ClassVar[str]
    looks_back: ClassVar[bool]
    """Whether a proposal depends on what was measured."""
    follows: ClassVar[bool] = True
    """Whether it goes on where ranges were amended."""

    ladder: Ladder

    @abstractmethod
    def propose(self, study: Study, history: History, epochs: int) -> Start | None:
        """Return the next trial, whose number will be len(history.trials), trained to `epochs`.

        None if every config was tried.
        """

    def at_once(self, study: Study, _history: History, /) -> int:
        """Return how many trials may train at a time now: from 1 to the slots of the study."""
        return study.slots

    def enough(self, _study: Study, _history: History, /) -> str:
        """Say why no new trial is worth its time; "" while one is."""
        return ""

    def recommend(self, _study: Study, _history: History, /) -> Recommendation | None:
        """Return what to recommend now; None to leave it to the history."""
        return None

    def finish(self, study: Study, history: History, reason: str) -> Finish:
        """Return the end of the study, with what is recommended and what else can be said."""
        chosen = self.recommend(study, history)
        return Finish(reason, chosen, advise(study, history, chosen))

    def next(self, study: Study, history: History) -> Action:
        """Return the next action."""
        end, anchor = epochs_end(study, history), next_anchor(study, history)
        answer = study.epochs if anchor else None if end else self.ladder.next(study, history)
        full = trials_end(study, history)
        if not end and answer is not None:
            left = math.inf if study.total_epochs is None else study.total_epochs - history.epochs
            if cost(answer, history) > left:
                end = f"only {left} epochs were left"
            elif isinstance(answer, Promote):
                return answer
            elif not full and anchor:
                return Start(anchor, answer, Origin.ANCHOR)
            elif not full and history.queued:
                return Start(history.queued[0], answer, Origin.GIVEN)
            elif not full:
                end = self.enough(study, history)
                start = None if end else self.propose(study, history, answer)
                if start is not None:
                    return start
                end = end or "every config was tried"
        return Wait() if history.running else self.finish(study, history, end or full or SPENT)

    @property
    def blind(self) -> bool:
        """Whether no answer depends on what was measured, so that trials may start early."""
        return not (self.looks_back or self.ladder.looks_back)

    def settings(self) -> dict[str, Any]:
        """Return it as plain data; `read_search` reads it back."""
        own = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "ladder"}
        return {"name": self.name, **own, "ladder": self.ladder.settings()}


def next_anchor(study: Study, history: History) -> Config | None:
    """Return the anchor whose turn it is: they are the first trials, in order."""
    number = len(history.trials)
    return study.anchors[number] if number < len(study.anchors) else None


def cost(answer: Promote | int, history: History) -> int:
    """Return the epochs that a ladder's answer takes."""
    if isinstance(answer, Promote):
        return answer.epochs - history.trials[answer.number].epochs_trained
    return answer


def budget_end(study: Study, history: History) -> str:
    """Say which budget is spent; "" while a new trial may start. Minutes are the loop's affair."""
    return trials_end(study, history) or epochs_end(study, history)


def trials_end(study: Study, history: History) -> str:
    """Say that all trials were made, which may be promoted yet; "" while more may start."""
    if study.trials is not None and len(history.trials) >= study.trials:
        return f"all {study.trials} trials were made"
    return ""


def epochs_end(study: Study, history: History) -> str:
    """Say that all epochs were given out; "" while there are some left."""
    if study.total_epochs is not None and history.epochs >= study.total_epochs:
        return f"all {study.total_epochs} epochs were given out"
    return ""
