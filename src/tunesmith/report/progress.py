"""Progress: the best so far on each rung, against what was spent for it."""

from dataclasses import dataclass, field
from typing import Any, Final, final
from weakref import WeakKeyDictionary

from tunesmith.history import History
from tunesmith.report.rows import score_of
from tunesmith.study import Study


@final
@dataclass(frozen=True, slots=True)
class Step:
    """A trial became the best on its rung."""

    spent: int
    """Epochs that all trials had been trained for together."""
    epochs: int
    """The rung."""
    trial: int
    loss: float
    training: int
    """How many trainings the trial had had before this one."""

    def to_builtins(self, study: Study) -> list[Any]:
        """Return it as plain JSON data."""
        return [self.spent, self.epochs, self.trial, score_of(study, self.loss), self.training]


@final
@dataclass(frozen=True, slots=True, eq=False)
class _Account:
    """How far the endings of a history have been looked at; it grows with them."""

    steps: list[Step] = field(default_factory=list)
    trained: dict[int, int] = field(default_factory=dict)
    """Epochs by trial, as of its last ending that was looked at."""
    trainings: dict[int, int] = field(default_factory=dict)
    """How often each trial has ended."""
    best: dict[int, float] = field(default_factory=dict)
    """The smallest loss by rung."""
    totals: list[int] = field(default_factory=lambda: [0])
    """Epochs spent after so many endings."""


_KEPT: Final[WeakKeyDictionary[History, _Account]] = WeakKeyDictionary()


def steps(study: Study, history: History) -> list[Step]:
    """Return every improvement on a rung, in the order the search saw them.

    What is new since the last call alone is looked at.
    """
    return _account(study, history).steps


def spent(study: Study, history: History) -> int:
    """Return the epochs that were trained in what has ended."""
    return _account(study, history).totals[-1]


def _account(study: Study, history: History) -> _Account:
    account = _KEPT.setdefault(history, _Account())
    for ending in history.endings[len(account.totals) - 1 :]:
        trial = history.trials[ending.number]
        reached = min(ending.epochs, trial.epochs_trained)
        total = account.totals[-1] + reached - account.trained.get(ending.number, 0)
        account.trained[ending.number] = reached
        account.totals.append(total)
        before = account.trainings.get(ending.number, 0)
        account.trainings[ending.number] = before + 1
        loss = study.loss_at(trial, reached)
        if reached == ending.epochs and loss < account.best.get(reached, float("inf")):
            account.best[reached] = loss
            account.steps.append(Step(total, reached, ending.number, loss, before))
    return account
