"""What every search and every ladder is."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from tunesmith.history import History
from tunesmith.study import Action, Finish, Promote, Recommendation, Start, Study, Wait


@dataclass(frozen=True, slots=True)
class Ladder(ABC):
    """Decides who trains on, and how far a new trial is trained first."""

    name: ClassVar[str]
    looks_back: ClassVar[bool]
    """Whether its answers depend on what was measured."""

    @abstractmethod
    def next(self, study: Study, history: History) -> Promote | int | None:
        """Return a promotion, or the epochs of a new trial, or None to wait for an outcome."""

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

    ladder: Ladder

    @abstractmethod
    def propose(self, study: Study, history: History, epochs: int) -> Start | None:
        """Return the next trial, whose number will be len(history.trials), trained to `epochs`.

        None if every config was tried.
        """

    def recommend(self, _study: Study, _history: History, /) -> Recommendation | None:
        """Return what to recommend now; None to leave it to the history."""
        return None

    def finish(self, study: Study, history: History, reason: str) -> Finish:
        """Return the end of the study, with what is recommended."""
        return Finish(reason, self.recommend(study, history))

    def next(self, study: Study, history: History) -> Action:
        """Return the next action."""
        end = budget_end(study, history)
        if end:
            return Wait() if history.running else self.finish(study, history, end)
        answer = self.ladder.next(study, history)
        if answer is None:
            return Wait()
        if study.total_epochs is not None:
            left = study.total_epochs - history.epochs
            if cost(answer, history) > left:
                short = f"only {left} epochs were left"
                return Wait() if history.running else self.finish(study, history, short)
        if isinstance(answer, Promote):
            return answer
        start = self.propose(study, history, answer)
        if start is not None:
            return start
        return Wait() if history.running else self.finish(study, history, "every config was tried")

    @property
    def blind(self) -> bool:
        """Whether no answer depends on what was measured, so that trials may start early."""
        return not (self.looks_back or self.ladder.looks_back)

    def settings(self) -> dict[str, Any]:
        """Return it as plain data; `read_search` reads it back."""
        own = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "ladder"}
        return {"name": self.name, **own, "ladder": self.ladder.settings()}


def cost(answer: Promote | int, history: History) -> int:
    """Return the epochs that a ladder's answer takes."""
    if isinstance(answer, Promote):
        return answer.epochs - history.trials[answer.number].epochs_trained
    return answer


def budget_end(study: Study, history: History) -> str:
    """Say which budget is spent; "" while there is some left. Minutes are the loop's affair."""
    if study.trials is not None and len(history.trials) >= study.trials:
        return f"all {study.trials} trials were made"
    if study.total_epochs is not None and history.epochs >= study.total_epochs:
        return f"all {study.total_epochs} epochs were given out"
    return ""
