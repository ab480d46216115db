"""The best few networks of a search together, where validation says that they are better."""

import math
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tunesmith import rng
from tunesmith.engine.network import Floats
from tunesmith.fit.data import Data
from tunesmith.fit.leaders import KEPT
from tunesmith.fit.lesson import Goal, goal_of
from tunesmith.fit.metrics import METRICS, Metric
from tunesmith.fit.objective import TableObjective, refit
from tunesmith.history import History
from tunesmith.model.model import Model, averaged, from_terms, terms_of
from tunesmith.study import Study
from tunesmith.trial import Trial

MOST: Final = 8
"""Networks of an ensemble at most: each more gains less, and costs as much to train and ask."""

REFIT_SHARE: Final = 0.3
"""Share of the minutes kept for what is trained again while no trial has shown how long one takes,
and at most for an ensemble."""

RESAMPLES: Final = 100
"""Bootstrap samples for the standard error of a difference."""

MOST_RESAMPLED: Final = 4_000
"""Rows in each of them at most, so that it takes a second; the error is scaled to all rows."""

LONGER: Final = 1.5
"""A refit takes so much longer than its trial: a third more rows, and a little room."""


def reserve(study: Study, data: Data, history: History, *, together_by: int | None) -> float:
    """Return the seconds to keep for training the best again, as far as is known.

    `together_by` workers where several may be trained; None for one alone.
    """
    share = REFIT_SHARE * 60 * (study.minutes or 0.0)
    if not history.has_best:
        return share
    once = _seconds(history.best, data)
    return once if together_by is None else max(once, min(share, once * MOST / together_by))


def candidates(study: Study, history: History) -> list[Trial]:
    """Return the best trials of the full training, one of each config, the recommended one first.

    At most KEPT, those whose outputs are remembered.
    """
    best = history.best
    full = [
        trial
        for trial in history.trials
        if trial.epochs_trained == best.epochs_trained and study.usable(trial)
    ]
    found: list[Trial] = []
    for trial in [best, *sorted(full, key=lambda trial: (study.loss(trial), trial.number))]:
        if len(found) < KEPT and all(trial.config != other.config for other in found):
            found.append(trial)
    return found


def together(data: Data, goal: Goal, outputs: Sequence[Floats]) -> list[NDArray[Any]]:
    """Return what the first network predicts for the judging rows, the first two, and so on.

    `outputs` [judging rows, K] are those of trials: of networks that have not learned from them.
    """
    counts = range(1, len(outputs) + 1)
    return [goal.predictions(averaged(outputs[:n], data.task)) for n in counts]


def in_order(data: Data, metric: Metric, goal: Goal, outputs: Sequence[Floats]) -> list[int]:
    """Return the places of the networks to join, MOST in all, the first one first.

    Each is the one that makes those before it the best together, by the judging rows (forward
    selection, Caruana et al. 2004): it may be none of the best alone, but one that errs elsewhere.
    Where nothing is better than one of them again, its config is trained with another seed.
    """
    right = data.y[data.split.judging]
    terms = [terms_of(each, data.task) for each in outputs]
    chosen, total = [0], terms[0]

    def merit(k: int) -> float:
        joined = from_terms((total + terms[k]) / (len(chosen) + 1), data.task)
        return metric.merit(metric.of(goal.predictions(joined), right))

    while len(chosen) < MOST:
        best = max(range(len(outputs)), key=merit)
        chosen, total = [*chosen, best], total + terms[best]
    return chosen


def how_many(
    metric: Metric, predictions: Sequence[NDArray[Any]], right: NDArray[Any], *, seed: int
) -> int:
    """Return how many networks are to be joined, by `together`'s predictions and what is right.

    The most that are not worse than the best number of them by more than a standard error: the
    first was chosen by these very rows, so that few look better here than they are.
    """
    merits = np.array([metric.merit(metric.of(each, right)) for each in predictions])
    best = int(merits.argmax())
    if not np.isfinite(merits[best]):
        return 1
    chance, rows = rng.stream(seed, "ensemble"), min(len(right), MOST_RESAMPLED)
    gaps = np.empty((RESAMPLES, len(merits)))
    for gap in gaps:
        drawn = chance.integers(0, len(right), rows)
        found = [metric.merit(metric.of(each[drawn], right[drawn])) for each in predictions]
        gap[:] = found[best] - np.array(found) if np.isfinite(found[best]) else 0.0
    finite = np.isfinite(merits)
    errors = np.zeros(len(merits))
    errors[finite] = gaps[:, finite].std(axis=0) * math.sqrt(rows / len(right))
    return int(np.flatnonzero(merits[best] - merits <= errors)[-1]) + 1


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
    """Choose the best few by the rows of `data` that judge, train each again, and join them.

    They learn from all rows of `known` but the test rows; it may be the same data. As many as can
    be trained by `deadline`, a moment of time.monotonic(), one thread each; those whose outputs are
    to be made again first, as many as that leaves time for. With KeyboardInterrupt all of them stop
    within a second.
    """
    stopping, metric = Event(), METRICS[study.metric]
    with ThreadPoolExecutor(workers) as pool:
        try:
            tried = candidates(study, history)
            made = [0.0 if objective.remembered(t) is not None else t.seconds for t in tried]
            tried = tried[: _in_time(made, deadline, workers)]
            outputs = list(pool.map(lambda t: objective.outputs(t, stopping.is_set), tried))
            goal, right = goal_of(data, data.split.train), data.y[data.split.judging]
            order = in_order(data, metric, goal, outputs)
            predictions = together(data, goal, [outputs[k] for k in order])
            count = how_many(metric, predictions, right, seed=study.seed)
            members = [tried[k] for k in order[:count]]
            seconds = [_seconds(trial, data) for trial in members]
            members = members[: _in_time(seconds, deadline, workers)]

            def again(n: int) -> Model:
                trial = members[n]
                times = members[:n].count(trial)
                return refit(
                    known,
                    trial.config,
                    epochs=trial.epochs_trained,
                    full=study.epochs,
                    seed=study.seed,
                    path=("refit", trial.number, *([times] if times else [])),
                    deadline=deadline,
                    should_stop=stopping.is_set,
                )

            models = list(pool.map(again, range(len(members))))
        finally:
            stopping.set()
    return replace(models[0], members=tuple(model.members[0] for model in models))


def _seconds(trial: Trial, data: Data) -> float:
    """Return how long one network of a trial's config is trained again."""
    return LONGER * trial.seconds / len(data.split.lessons)


def _in_time(seconds: Sequence[float], deadline: float, workers: int) -> int:
    """Return how many trainings, of so many seconds each, can be made in time: one at least."""
    left = (deadline - time.monotonic()) * workers
    return max(1, int(np.searchsorted(np.cumsum(seconds), left, side="right")))
