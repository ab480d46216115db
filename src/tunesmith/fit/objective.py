"""A config in, a trained network and its metrics out: what a table's study is about."""

import math
import time
from collections.abc import Mapping
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
from tunesmith.fit.score import METRIC, accuracy, r2
from tunesmith.fit.space import network_of, recipe_of
from tunesmith.model.member import Member
from tunesmith.model.model import Model
from tunesmith.table.target import TaskKind
from tunesmith.table.target_scale import AS_THEY_ARE, TargetScale

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

    def __init__(self, data: Data, *, seed: int, epochs: int) -> None:
        """`epochs` are those of a full training: who is given fewer may be promoted."""
        self._seed, self._data, self._epochs = seed, data, epochs
        self._goal = goal_of(data, data.split.train)
        self._x, self._y = data.x[data.split.train], self._goal.values[data.split.train]
        self._x_valid, self._y_valid = data.x[data.split.valid], data.y[data.split.valid]

    def __call__(self, attempt: Attempt) -> None:
        """Train one trial, from where it paused; a loss that is not finite ends it."""
        data, loss = self._data, self._goal.loss
        training = Training(
            _network(attempt, data),
            recipe_of(attempt, loss),
            self._x,
            self._y,
            weight=data.weight_of(data.split.train),
            seed=self._seed,
            path=("trial", attempt.number),
        )
        if attempt.epochs.start:
            go_on(training, attempt.checkpoint, attempt.epochs.start)
        began = time.monotonic()
        for _ in attempt.epochs:
            train_loss = training.train_epoch(lambda: attempt.should_stop)
            if not math.isfinite(train_loss):
                attempt.record(**{METRIC[data.task]: math.nan, "train_loss": train_loss})
                return
            outputs = training.outputs(self._x_valid)
            attempt.record(**self._judge(outputs), train_loss=train_loss)
        again = (time.monotonic() - began) * attempt.epochs.stop / len(attempt.epochs)
        if attempt.epochs.stop < self._epochs and again >= KEPT_SECONDS:
            keep(training, attempt.checkpoint)

    def _judge(self, outputs: Floats) -> dict[str, float]:
        if self._data.task is TaskKind.CLASSIFICATION:
            return {"accuracy": accuracy(outputs, self._y_valid)}
        return {"r2": r2(self._goal.scale.values(outputs), self._y_valid)}


def refit(
    data: Data,
    config: Mapping[str, Any],
    *,
    epochs: int,
    seed: int,
    deadline: float = math.inf,
    threads: int = 1,
) -> Model:
    """Train a config on training and validation rows together; the test rows stay untouched.

    `threads` share its products; the model is the same for any number of them.
    Ends early where another epoch would pass `deadline`, a moment of time.monotonic(), but not
    before an epoch or LEAST_SECONDS.
    """
    rows = np.sort(np.concatenate([data.split.train, data.split.valid]))
    goal = goal_of(data, rows)
    training = Training(
        _network(config, data),
        recipe_of(config, goal.loss),
        data.x[rows],
        goal.values[rows],
        weight=data.weight_of(rows),
        seed=seed,
        path=("refit",),
        threads=threads,
    )
    _train(training, epochs, deadline)
    mean, variance = training.statistics()
    return Model(
        members=(
            Member(
                network=training.network,
                weights=training.weights.copy(),
                mean=mean,
                variance=variance,
            ),
        ),
        encoder=data.encoder,
        target=data.target.name,
        task=data.task,
        classes=data.target.classes,
        scale=goal.scale,
    )


def _train(training: Training, epochs: int, deadline: float) -> None:
    """Train for so many epochs, or for as many as fit; the last one may be cut."""
    before = time.monotonic()
    latest = max(deadline, before + LEAST_SECONDS)
    for _ in range(epochs):
        try:
            training.train_epoch(lambda: time.monotonic() > latest)
        except Interrupted:  # its weights are those of the last step
            return
        now = time.monotonic()
        if 2 * now - before > deadline:  # another epoch as long as this one
            return
        before = now


def _network(config: Mapping[str, Any], data: Data) -> Network:
    """Return the config's network for the data's inputs and outputs."""
    encoder = data.encoder
    return network_of(
        config, inputs=encoder.numbers, categories=encoder.categories, outputs=data.outputs
    )
