"""A config in, a trained network and its metrics out: what a table's study is about."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from tunesmith.engine.network import Floats, Loss, Network
from tunesmith.engine.train import Training
from tunesmith.errors import Interrupted
from tunesmith.executors.attempt import Attempt
from tunesmith.fit.checkpoint import go_on, keep
from tunesmith.fit.data import Data
from tunesmith.fit.leaders import Leaders
from tunesmith.fit.metrics import Metric
from tunesmith.fit.optimism import half_names, halves
from tunesmith.fit.space import bin_count, network_of, recipe_of
from tunesmith.model.member import Member
from tunesmith.model.model import Model
from tunesmith.table.bins import Bins
from tunesmith.table.target import TaskKind
from tunesmith.table.target_scale import AS_THEY_ARE, TargetScale
from tunesmith.trial import Trial

KEPT_SECONDS = 0.2
"""A training that is made again sooner is not kept when it pauses. Small tables have thousands of
these, one in four of which goes on, and some disks need milliseconds for a folder."""

LEAST_SECONDS = 3.0
"""What a refit gets at least, though the time is up: a slow trial may be the best when the search
has just ended. It is less than what a run may take too long."""


@final
@dataclass(frozen=True, slots=True, eq=False)
class Goal:
    """What networks learn from a task's numbers: labels, or the standardised target."""

    loss: Loss
    values: NDArray[Any]
    """[rows of the table]: labels int64, or float32 [.., 1]."""
    scale: TargetScale = AS_THEY_ARE
    """How outputs become numbers again, for regression."""

    def predictions(self, outputs: Floats) -> NDArray[Any]:
        """Return what a metric judges: logits [N, K] as they are, or numbers [N]."""
        return outputs if self.loss is Loss.CROSS_ENTROPY else self.scale.values(outputs)


def goal_of(data: Data, rows: NDArray[np.int64]) -> Goal:
    """Return the goal, standardised on `rows`, which are those trained on.

    Predictions are kept within the range of these rows, in trials as in the final model.
    """
    if data.task is TaskKind.CLASSIFICATION:
        return Goal(Loss.CROSS_ENTROPY, data.y)
    scale = TargetScale.of(data.y[rows])
    return Goal(Loss.SQUARED_ERROR, scale.targets(data.y), scale)


@final
class TableObjective:
    """Trains a config's network on the training rows, judged on the validation rows."""

    def __init__(self, data: Data, *, metric: Metric, seed: int, epochs: int) -> None:
        """`epochs` are those of a full training: who is given fewer may be promoted."""
        self._seed, self._data, self._metric, self._epochs = seed, data, metric, epochs
        self._goal = goal_of(data, data.split.train)
        self._halves = halves(len(data.split.valid), seed)
        self._leaders = Leaders(metric)

    def __call__(self, attempt: Attempt) -> None:
        """Train one trial, from where it paused; a loss that is not finite ends it."""
        training, x_valid = self._begin(attempt, attempt.number)
        if attempt.epochs.start:
            go_on(training, attempt.checkpoint, attempt.epochs.start)
        began = time.monotonic()
        for epoch in attempt.epochs:
            train_loss = training.train_epoch(lambda: attempt.should_stop)
            if not math.isfinite(train_loss):
                attempt.record(**{self._metric.name: math.nan, "train_loss": train_loss})
                return
            last = epoch + 1 == self._epochs
            outputs = training.outputs(x_valid)
            judged = self._judge(outputs, last=last)
            if last:
                self._leaders.add(attempt.number, judged[self._metric.name], outputs)
            attempt.record(**judged, train_loss=train_loss)
        again = (time.monotonic() - began) * attempt.epochs.stop / len(attempt.epochs)
        if attempt.epochs.stop < self._epochs and again >= KEPT_SECONDS:
            keep(training, attempt.checkpoint)

    def outputs(self, trial: Trial, should_stop: Callable[[], bool]) -> Floats:
        """Return the outputs [validation rows, K] of a trial's network after its last epoch.

        From memory, or from training it again: the same address of chance gives the same network.
        Raises Interrupted where `should_stop` says so.
        """
        known = self._leaders.outputs(trial.number)
        if known is not None:
            return known
        training, x_valid = self._begin(trial.config, trial.number)
        for _ in range(trial.epochs_trained):
            training.train_epoch(should_stop)
        return training.outputs(x_valid)

    def _begin(self, config: Mapping[str, Any], number: int) -> tuple[Training, Floats]:
        """Return a trial's training before its first epoch, and the validation rows it reads."""
        data, rows = self._data, self._data.split.train
        lesson = Lesson.of(data, config, rows)
        training = Training(
            lesson.network,
            recipe_of(config, self._goal.loss, self._epochs),
            lesson.x,
            self._goal.values[rows],
            weight=data.weight_of(rows),
            seed=self._seed,
            path=("trial", number),
        )
        return training, lesson.bins.spread(data.x[data.split.valid])

    def _judge(self, outputs: Floats, *, last: bool) -> dict[str, float]:
        """Return the metric, and after the `last` epoch that of each half of the rows."""
        predictions = self._goal.predictions(outputs)
        right, name = self._data.y[self._data.split.valid], self._metric.name
        judged = {name: self._metric.of(predictions, right)}
        if last:
            for half, rows in zip(half_names(name), self._halves, strict=True):
                judged[half] = self._metric.of(predictions[rows], right[rows])
        return judged


@final
@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What a config's network learns from: rows, with their numbers spread over its bins."""

    network: Network
    bins: Bins
    x: Floats

    @classmethod
    def of(cls, data: Data, config: Mapping[str, Any], rows: NDArray[np.int64]) -> "Lesson":
        """Return the config's network, and bins fitted on `rows`, those trained on."""
        x, encoder = data.x[rows], data.encoder
        bins = Bins.of(x[:, : encoder.numbers], bin_count(config))
        network = network_of(
            config,
            inputs=encoder.numbers + bins.width,
            categories=encoder.categories,
            outputs=data.outputs,
        )
        return cls(network, bins, bins.spread(x))


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
    its products; the model is the same for any number of them. Ends early where another epoch
    would pass `deadline`, a moment of time.monotonic(), but not before an epoch or LEAST_SECONDS;
    and where `should_stop` says so.
    """
    rows = np.sort(np.concatenate([data.split.train, data.split.valid]))
    goal, lesson = goal_of(data, rows), Lesson.of(data, config, rows)
    training = Training(
        lesson.network,
        recipe_of(config, goal.loss, full),
        lesson.x,
        goal.values[rows],
        weight=data.weight_of(rows),
        seed=seed,
        path=path,
        threads=threads,
    )
    _train(training, epochs, deadline, should_stop)
    mean, variance = training.statistics()
    member = Member(
        network=training.network,
        weights=training.weights.copy(),
        mean=mean,
        variance=variance,
        bins=lesson.bins,
    )
    return Model(
        members=(member,),
        encoder=data.encoder,
        target=data.target.name,
        task=data.task,
        classes=data.target.classes,
        scale=goal.scale,
    )


def _train(
    training: Training, epochs: int, deadline: float, should_stop: Callable[[], bool]
) -> None:
    """Train for so many epochs, or for as many as fit; the last one may be cut."""
    before = time.monotonic()
    latest = max(deadline, before + LEAST_SECONDS)
    for _ in range(epochs):
        try:
            training.train_epoch(lambda: time.monotonic() > latest or should_stop())
        except Interrupted:  # its weights are those of the last step
            return
        now = time.monotonic()
        if 2 * now - before > deadline or should_stop():  # another epoch as long as this one
            return
        before = now
