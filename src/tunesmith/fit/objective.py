"""A config in, a trained network and its metrics out: what a table's study is about."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
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
from tunesmith.fit.pace import Pace, Stopwatch
from tunesmith.fit.remembered import Remembered
from tunesmith.fit.search_networks import SearchNetworks, about_trial
from tunesmith.fit.space import recipe_of
from tunesmith.model.member import Member
from tunesmith.model.model import Model
from tunesmith.trial import Trial

KEPT_SECONDS = 0.2
"""A training that is made again sooner is not kept when it pauses. Small tables have thousands of
these, one in four of which goes on, and some disks need milliseconds for a folder."""

LAST_EPOCHS = 5
"""Epochs of a refit whose median says how long the next one takes: one hiccup is none of these."""

ROUNDING = 1e-9
"""Epochs by which hurried ones may miss the end."""


@final
class TableObjective:
    """Trains a config's network, judged on rows that it does not learn from; see Split.lessons."""

    def __init__(
        self,
        data: Data,
        *,
        metric: Metric,
        seed: int,
        epochs: int,
        remember: bool = False,
        networks: SearchNetworks | None = None,
    ) -> None:
        """`epochs` are those of a full training: who is given fewer may be promoted.

        `remember`: whether the outputs of the best are kept, for an ensemble. `networks`: where
        the networks of the best go; in memory alone for None.
        """
        self._seed, self._data, self._metric, self._epochs = seed, data, metric, epochs
        self._targets = targets_of(data, data.split.train)
        self._right = data.y[data.split.judging]
        self._halves = halves(len(self._right), seed)
        self._remembered = Remembered(metric) if remember else None
        self.networks = networks or SearchNetworks(metric)
        self.pace = Pace()

    def __call__(self, attempt: Attempt) -> None:
        """Train one trial, from where it paused; a loss that is not finite ends it."""
        training = self._begin(attempt, attempt.number)
        if attempt.epochs.start:
            go_on(training, attempt.checkpoint, attempt.epochs.start)
        began = time.monotonic()
        try:
            self._train(training, attempt)
        finally:  # a trial that is stopped may be the best one
            self.networks.write(attempt.number)
        again = (time.monotonic() - began) * attempt.epochs.stop / len(attempt.epochs)
        if attempt.epochs.stop < self._epochs and again >= KEPT_SECONDS:
            keep(training, attempt.checkpoint)

    def _train(self, training: FoldTraining, attempt: Attempt) -> None:
        """Train the epochs of an attempt and measure each."""
        watch = Stopwatch(self.pace, attempt.number)
        for epoch in attempt.epochs:
            train_loss = training.train_epoch(lambda: attempt.should_stop)
            if not math.isfinite(train_loss):
                attempt.record(**{self._metric.name: math.nan, "train_loss": train_loss})
                return
            last = epoch + 1 == self._epochs
            outputs = training.outputs()
            judged = self._judge(outputs, last=last)
            value = judged[self._metric.name]
            if last and self._remembered:
                self._remembered.add(attempt.number, value, outputs)
            if math.isfinite(value) and self.networks.wants(attempt.number, epoch + 1, value):
                model = self._model(training, attempt, attempt.number, epoch + 1)
                self.networks.add(attempt.number, epoch + 1, value, model)
            watch.lap()
            attempt.record(**judged, train_loss=train_loss)

    def _model(
        self, training: FoldTraining, config: Mapping[str, Any], number: int, epoch: int
    ) -> Model:
        """Return the networks of a trial as they are now, one for each fold."""
        return _model(
            self._data, training.members(), self._targets, about_trial(number, epoch, dict(config))
        )

    def model(self, trial: Trial, should_stop: Callable[[], bool] = lambda: False) -> Model:
        """Return the model that a trial ended with: stored, or trained again.

        Raises Interrupted where `should_stop` says so.
        """
        stored = self.networks.model(trial)
        if stored is not None:
            return stored
        training = self._trained(trial, should_stop)
        return self._model(training, trial.config, trial.number, trial.epochs_trained)

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
        return self._trained(trial, should_stop).outputs()

    def _trained(self, trial: Trial, should_stop: Callable[[], bool]) -> FoldTraining:
        """Return a trial's training after its last epoch, made again."""
        training = self._begin(trial.config, trial.number)
        for _ in range(trial.epochs_trained):
            if should_stop():  # an epoch may be one compiled call, in which nothing is asked
                raise Interrupted
            training.train_epoch(should_stop)
        return training

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


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Refit:
    """A config trained again, and how far that came."""

    model: Model
    epochs: int
    """Trained in full."""
    planned: int
    complete: bool
    """Whether the schedule of the rate came to its end, hurried or not."""

    @property
    def hurried(self) -> bool:
        """Whether it has fewer epochs than planned."""
        return self.epochs < self.planned


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
) -> Refit:
    """Train a config on training and validation rows together; the test rows stay untouched.

    For `epochs` of the `full` training. Chance comes from rng.stream(seed, *path). `threads` share
    its products; the model is the same for any number of them. Where not all epochs would end by
    `deadline`, a moment of time.monotonic(), fewer take the rate to its end; where that cannot be
    either, it is left incomplete. Ends early where `should_stop` says so.
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
    return Refit(
        model=_model(data, (Member.of(training, lesson.bins),), targets),
        epochs=training.epoch,
        planned=epochs,
        complete=epochs - training.place <= ROUNDING,
    )


def _model(
    data: Data,
    members: tuple[Member, ...],
    targets: Targets,
    about: Mapping[str, Any] | None = None,
) -> Model:
    """Return what was trained, with all that it needs to read a table."""
    return Model(
        members=members,
        encoder=data.encoder,
        target=data.target.name,
        task=data.task,
        classes=data.target.classes,
        scale=targets.scale,
        about=about or {},
    )


def _train(
    training: Training, epochs: int, deadline: float, should_stop: Callable[[], bool]
) -> None:
    """Train for `epochs`, or hurry where they do not all fit; the last one may be cut."""
    before, pace = time.monotonic(), 1.0
    taken: list[float] = []
    while (left := epochs - training.place) > ROUNDING:
        try:
            training.train_epoch(
                lambda: time.monotonic() > deadline or should_stop(), min(pace, left)
            )
        except Interrupted:  # its weights are those of the last step
            return
        now = time.monotonic()
        taken.append(now - before)
        once, seconds = median(taken[-LAST_EPOCHS:]), deadline - now
        if once > seconds or should_stop():  # another epoch does not fit
            return
        left = epochs - training.place
        pace = left / (seconds // once) if once * left > seconds else 1.0
        before = now
