"""The best few networks of a search together, where validation says that they are better."""

import math
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import Final

import numpy as np

from tunesmith.engine.network import Floats
from tunesmith.fit.data import Data
from tunesmith.fit.metrics import METRICS, Metric
from tunesmith.fit.objective import Goal, TableObjective, goal_of, refit
from tunesmith.history import History
from tunesmith.model.model import Model, averaged
from tunesmith.study import Goal as Direction
from tunesmith.study import Study
from tunesmith.trial import Trial

MOST: Final = 8
"""Networks of an ensemble at most: each more gains less, and costs as much to train and ask."""

REFIT_SHARE: Final = 0.3
"""Share of the minutes kept for what is trained again while no trial has shown how long one takes,
and at most for an ensemble."""

LONGER: Final = 1.5
"""A refit takes so much longer than its trial: a third more rows, and a little room."""


def reserve(study: Study, history: History, *, together_by: int | None) -> float:
    """Return the seconds to keep for training the best again, as far as is known.

    `together_by` workers where several may be trained; None for one alone.
    """
    share = REFIT_SHARE * 60 * (study.minutes or 0.0)
    if not history.has_best:
        return share
    once = LONGER * history.best.seconds
    return once if together_by is None else max(once, min(share, once * MOST / together_by))


def candidates(study: Study, history: History) -> list[Trial]:
    """Return the best trials of the full training, one of each config, the recommended one first.

    At most MOST.
    """
    best = history.best
    full = [
        trial
        for trial in history.trials
        if trial.epochs_trained == best.epochs_trained and study.usable(trial)
    ]
    found: list[Trial] = []
    for trial in [best, *sorted(full, key=lambda trial: (study.loss(trial), trial.number))]:
        if len(found) < MOST and all(trial.config != other.config for other in found):
            found.append(trial)
    return found


def together(data: Data, metric: Metric, goal: Goal, outputs: Sequence[Floats]) -> list[float]:
    """Return the metric of the first network on the validation rows, of the first two, and so on.

    `outputs` [validation rows, K] are those of networks trained on the training rows alone.
    """
    right = data.y[data.split.valid]
    counts = range(1, len(outputs) + 1)
    return [metric.of(goal.predictions(averaged(outputs[:n], data.task)), right) for n in counts]


def how_many(metric: Metric, scores: Sequence[float]) -> int:
    """Return how many networks are best together, by `together`'s scores; of equals the fewest."""
    sign = 1 if metric.goal is Direction.MAX else -1
    merits = [sign * score if math.isfinite(score) else -math.inf for score in scores]
    return int(np.argmax(merits)) + 1


def refit_together(
    study: Study,
    data: Data,
    known: Data,
    history: History,
    objective: TableObjective,
    *,
    deadline: float,
    workers: int,
) -> Model:
    """Choose the best few by `data`'s validation rows, train each again, and join them.

    On all training and validation rows of `known`, which may be the same data.

    As many as can be trained by `deadline`, a moment of time.monotonic(), one thread each. With
    KeyboardInterrupt all of them stop within a second.
    """
    stopping, metric = Event(), METRICS[study.metric]
    with ThreadPoolExecutor(workers) as pool:
        try:
            tried = candidates(study, history)
            outputs = list(pool.map(lambda t: objective.outputs(t, stopping.is_set), tried))
            scores = together(data, metric, goal_of(data, data.split.train), outputs)
            members = tried[: how_many(metric, scores)]
            members = members[: _in_time(members, deadline, workers)]

            def again(trial: Trial) -> Model:
                return refit(
                    known,
                    trial.config,
                    epochs=trial.epochs_trained,
                    full=study.epochs,
                    seed=study.seed,
                    path=("refit", trial.number),
                    deadline=deadline,
                    should_stop=stopping.is_set,
                )

            models = list(pool.map(again, members))
        finally:
            stopping.set()
    return replace(models[0], members=tuple(model.members[0] for model in models))


def _in_time(members: Sequence[Trial], deadline: float, workers: int) -> int:
    """Return how many of the members can be trained again in time: one at least."""
    left = (deadline - time.monotonic()) * workers
    needed = LONGER * np.cumsum([trial.seconds for trial in members])
    return max(1, int(np.searchsorted(needed, left, side="right")))
