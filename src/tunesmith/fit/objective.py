"""A config in, a trained network and its metrics out: what a table's study is about."""

import math
import time
from collections.abc import Callable, Mapping
from typing import Any, final

from tunesmith.engine.network import Floats
from tunesmith.engine.train import Training
from tunesmith.errors import Interrupted
from tunesmith.executors.attempt import Attempt
from tunesmith.fit.checkpoint import go_on, keep
from tunesmith.fit.data import Data
from tunesmith.fit.fold_training import FoldTraining
from tunesmith.fit.lesson import Lesson, Targets, targets_of
from tunesmith.fit.metrics import Metric
from tunesmith.fit.optimism import half_names, halves
from tunesmith.fit.remembered import Remembered
from tunesmith.fit.space import recipe_of
from tunesmith.model.member import Member
from tunesmith.model.model import Model
from tunesmith.trial import Trial

KEPT_SECONDS = 0.2
"""A training that is made again sooner is not kept when it pauses. Small tables have thousands of
these, one in four of which goes on, and some disks need milliseconds for a folder."""

LEAST_SECONDS = 3.0
"""What a refit gets at least, though the time is up: a slow trial may be the best when the search
has just ended. It is less than what a run may take too long."""

ROUNDING = 1e-9
"""Epochs by which hurried ones may miss the end."""


@final
class TableObjective:
    """Trains a config's network, judged on rows that it does not learn from; see Split.lessons."""

    def __init__(
        self, data: Data, *, metric: Metric, seed: int, epochs: int, remember: bool = False
    ) -> None:
        """`epochs` are those of a full training: who is given fewer may be promoted.

        `remember`: whether the outputs of the best are kept, for an ensemble.
        """
        self._seed, self._data, self._metric, self._epochs = seed, data, metric, epochs
        self._targets = targets_of(data, data.split.train)
        self._right = data.y[data.split.judging]
        self._halves = halves(len(self._right), seed)
        self._remembered = Remembered(metric) if remember else None

    def __call__(self, attempt: Attempt) -> None:
        """Train one trial, from where it paused; a loss that is not finite ends it."""
        training = self._begin(attempt, attempt.number)
        if attempt.epochs.start:
            go_on(training, attempt.checkpoint, attempt.epochs.start)
        began = time.monotonic()
        for epoch in attempt.epochs:
            train_loss = training.train_epoch(lambda: attempt.should_stop)
            if not math.isfinite(train_loss):
                attempt.record(**{self._metric.name: math.nan, "train_loss": train_loss})
                return
            last = epoch + 1 == self._epochs
            outputs = training.outputs()
            judged = self._judge(outputs, last=last)
            if last and self._remembered:
                self._remembered.add(attempt.number, judged[self._metric.name], outputs)
            attempt.record(**judged, train_loss=train_loss)
        again = (time.monotonic() - began) * attempt.epochs.stop / len(attempt.epochs)
        if attempt.epochs.stop < self._epochs and again >= KEPT_SECONDS:
            keep(training, attempt.checkpoint)

    def remembered(self, trial: Trial) -> Floats | None:
        """Return the outputs of a trial's network where they were kept; see `outputs`."""
        return self._remembered.outputs(trial.number) if self._remembered else None

    def outputs(self, trial: Trial, should_stop: Callable[[], bool]) -> Floats:
        """Return the outputs [judging rows, K] of a trial's network after its last epoch.

        From memory, or from training it again: the same address of chance gives the same network.
        Raises Interrupted where `should_stop` says so.
        """
        known = self.remembered(trial)
        if known is not None:
            return known
        training = self._begin(trial.config, trial.number)
        for _ in range(trial.epochs_trained):
            if should_stop():  # an epoch may be one compiled call, in which nothing is asked
                raise Interrupted
            training.train_epoch(should_stop)
        return training.outputs()

    def _begin(self, config: Mapping[str, Any], number: int) -> FoldTraining:
        """Return a trial's training before its first epoch."""
        return FoldTraining(
            self._data,
            config,
            self._targets,
            epochs=self._epochs,
            seed=self._seed,
            path=("trial", number),
        )

    def _judge(self, outputs: Floats, *, last: bool) -> dict[str, float]:
        """Return the metric, and after the `last` epoch that of each half of the rows."""
        predictions, name = self._targets.predictions(outputs), self._metric.name
        judged = {name: self._metric.of(predictions, self._right)}
        if last and len(self._right) > 1:
            for half, rows in zip(half_names(name), self._halves, strict=True):
                judged[half] = self._metric.of(predictions[rows], self._right[rows])
        return judged


def refit(
    data: Data,
    config: Mapping[str, Any],
    *,
    epochs: int,
    full: int,
    seed: int,
    path: tuple[int | str, ...] = ("refit",),
    deadline: float = math.inf,
    threads: int = 1,
    should_stop: Callable[[], bool] = lambda: False,
) -> Model:
    """Train a config on training and validation rows together; the test rows stay untouched.

    For `epochs` of the `full` training. Chance comes from rng.stream(seed, *path). `threads` share
    its products; the model is the same for any number of them. Where not all epochs would end by
    `deadline`, a moment of time.monotonic(), fewer take the rate to its end, but one at least, and
    LEAST_SECONDS. Ends early where `should_stop` says so.
    """
    rows = data.split.known
    targets, lesson = targets_of(data, rows), Lesson.of(data, config, rows)
    training = Training(
        lesson.network,
        recipe_of(config, targets.loss, full),
        lesson.x,
        targets.values[rows],
        weight=data.weight_of(rows),
        seed=seed,
        path=path,
        threads=threads,
    )
    _train(training, epochs, deadline, should_stop)
    return _model(data, training, lesson, targets)


def _model(data: Data, training: Training, lesson: Lesson, targets: Targets) -> Model:
    """Return what was trained, with all that it needs to read a table."""
    return Model(
        members=(Member.of(training, lesson.bins),),
        encoder=data.encoder,
        target=data.target.name,
        task=data.task,
        classes=data.target.classes,
        scale=targets.scale,
    )


def _train(
    training: Training, epochs: int, deadline: float, should_stop: Callable[[], bool]
) -> None:
    """Train for so many epochs, or hurry where they do not all fit; the last one may be cut."""
    before, pace = time.monotonic(), 1.0
    latest = max(deadline, before + LEAST_SECONDS)
    while (left := epochs - training.place) > ROUNDING:
        try:
            training.train_epoch(
                lambda: time.monotonic() > latest or should_stop(), min(pace, left)
            )
        except Interrupted:  # its weights are those of the last step
            return
        now = time.monotonic()
        once, seconds = now - before, deadline - now
        if once > seconds or should_stop():  # another epoch as long as this one does not fit
            return
        left = epochs - training.place
        pace = left / (seconds // once) if once * left > seconds else 1.0
        before = now
