"""The best few networks of a search together, where validation says that they are better."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import Final

import numpy as np

from tunesmith.fit.data import Data
from tunesmith.fit.objective import TableObjective, refit
from tunesmith.fit.remembered import KEPT
from tunesmith.fit.selection import MOST, chosen
from tunesmith.history import History
from tunesmith.model.model import Model
from tunesmith.study import Study
from tunesmith.trial import Trial

REFIT_SHARE: Final = 0.3
"""Share of the minutes kept for what is trained again while no trial has shown how long one takes,
and at most for an ensemble."""

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
    stopping = Event()
    with ThreadPoolExecutor(workers) as pool:
        try:
            tried = candidates(study, history)
            made = [0.0 if objective.remembered(t) is not None else t.seconds for t in tried]
            tried = tried[: _in_time(made, deadline, workers)]
            outputs = list(pool.map(lambda t: objective.outputs(t, stopping.is_set), tried))
            members = [tried[k] for k in chosen(study, data, outputs)]
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
