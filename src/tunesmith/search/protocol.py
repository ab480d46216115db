"""What every search and every ladder is."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from tunesmith.study import Action, Finish, History, Promote, Start, Study, Wait
from tunesmith.trial import Config


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
    def propose(self, study: Study, history: History) -> Config:
        """Return the config of the next trial, whose number will be len(history.trials)."""

    def next(self, study: Study, history: History) -> Action:
        """Return the next action."""
        end = budget_end(study, history)
        if end:
            return Wait() if history.running else Finish(end)
        answer = self.ladder.next(study, history)
        if answer is None:
            return Wait()
        if study.total_epochs is not None:
            left = study.total_epochs - history.epochs
            if cost(answer, history) > left:
                return Wait() if history.running else Finish(f"only {left} epochs were left")
        if isinstance(answer, Promote):
            return answer
        return Start(self.propose(study, history), answer)

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
