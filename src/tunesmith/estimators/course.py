"""A training from its first epoch to its last: judged, stopped early, told to callbacks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from tunesmith.engine.early_stopping import EarlyStopping
from tunesmith.engine.network import Floats
from tunesmith.engine.train import Training
from tunesmith.errors import NetworkError
from tunesmith.estimators.answers import Answers
from tunesmith.estimators.callbacks import Reporter


class Course(NamedTuple):
    """What was measured after each epoch; nothing on validation rows where there are none."""

    losses: list[float]
    """Of training, as a mean over the epoch's batches."""
    validation_losses: list[float]
    validation_scores: list[float]


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judge:
    """Validation rows, as a network's input x [N, D + C] and what is known of them [N]."""

    answers: Answers
    x: Floats
    known: NDArray[Any]

    def __call__(self, training: Training) -> tuple[float, float]:
        """Return the loss and the score of a training as it is now."""
        return self.answers.judge(training.outputs(self.x), self.known)


def train(
    training: Training,
    *,
    epochs: int,
    judge: Judge | None,
    patience: int | None,
    reporter: Reporter,
    fitted: Callable[[], dict[str, Any]],
) -> Course:
    """Train for `epochs` at most.

    With a patience, training ends once the judge's loss has not fallen for so many epochs, and
    goes back to its best one. Raises NetworkError for a training that diverges.
    """
    course = Course([], [], [])
    stopping = EarlyStopping(training, patience=patience) if judge and patience else None
    for _ in range(epochs):
        reporter.begin_epoch()
        course.losses.append(train_epoch(training))
        over = judge is not None and _judged(training, judge, stopping, course)
        if reporter.end_epoch(fitted) or over:
            break
    if stopping is not None:
        stopping.restore()
    reporter.end(fitted)
    return course


def _judged(
    training: Training, judge: Judge, stopping: EarlyStopping | None, course: Course
) -> bool:
    """Measure on the validation rows; return whether to stop."""
    loss, score = judge(training)
    course.validation_losses.append(loss)
    course.validation_scores.append(score)
    return stopping is not None and stopping.watch(loss)


def train_epoch(training: Training) -> float:
    """Train for one epoch and return its loss; NetworkError if that is not finite."""
    loss = training.train_epoch()
    if np.isfinite(loss):
        return loss
    rate = training.recipe.optimizer.learning_rate
    raise NetworkError(
        f"training diverged in epoch {training.epoch} with learning_rate={rate:g}: lower it"
    )
