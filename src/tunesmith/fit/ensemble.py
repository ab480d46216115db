"""The best few networks of a search together, where validation says that they are better."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import inf, isfinite
from threading import Event
from typing import Final

import numpy as np

from tunesmith.fit.data import Data
from tunesmith.fit.objective import Refit, TableObjective, refit
from tunesmith.fit.pace import Pace
from tunesmith.fit.remembered import KEPT
from tunesmith.fit.retraining import (
    Retrained,
    as_trained,
    from_search,
    stored_model,
    unfinished,
    worse_than_trial,
)
from tunesmith.fit.selection import MOST, chosen
from tunesmith.history import History
from tunesmith.model.model import Model
from tunesmith.study import Study
from tunesmith.trial import Trial

REFIT_SHARE: Final = 0.3
"""Share of the minutes kept at most for training several networks of an ensemble again."""

LONGER: Final = 2.0
"""A refit may take so much longer than its trial would now: a third more rows, and half of the
time that this takes to spare."""

ADVICE_SECONDS_A_TRIAL: Final = 1e-3
"""For each trial when the search ends, and all are looked at once more for what to recommend and
advise: 0.6 ms where nothing else runs."""


def reserve(
    study: Study, data: Data, history: History, pace: Pace, *, together_by: int | None
) -> float:
    """Return the seconds to keep for training the best again, as far as is known.

    By `pace`, that of the trials so far: the busier the machine was lately, the more.
    `together_by` workers where several may be trained; None for one alone.
    """
    if not history.has_best:  # its first network may be all that the time is enough for
        return 0.0
    share = REFIT_SHARE * 60 * (study.minutes or 0.0)
    once = _seconds(history.best, data, pace)
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
) -> Retrained:
    """Choose the best few by the rows of `data` that judge, train each again, and join them.

    They learn from all rows of `known` but the test rows; it may be the same data. As many as can
    be trained by `deadline`, a moment of time.monotonic(), one thread each; those whose outputs are
    to be made again first, as many as that leaves time for. Where one of them does not end in time
    after all, or together they are worse than the best trial, the networks that the search has are
    joined; see `retrain`. With KeyboardInterrupt all of them stop within a second.
    """
    stopping = Event()
    with ThreadPoolExecutor(workers) as pool:
        try:
            tried = candidates(study, history)
            made = [0.0 if objective.remembered(t) is not None else t.seconds for t in tried]
            tried = tried[: _in_time(made, deadline, workers)]
            outputs = list(pool.map(lambda t: objective.outputs(t, stopping.is_set), tried))
            picked = [tried[k] for k in chosen(study, data, outputs)]
            stored = _stored(objective, history, picked)
            if stored and time.monotonic() >= deadline:
                return from_search(stored, "no time was left to train them again")
            seconds = [_seconds(trial, data, objective.pace) for trial in picked]
            members = picked[: _in_time(seconds, deadline, workers)]
            end = deadline if stored else inf

            def again(n: int) -> Refit:
                return _member(study, known, members, n, end, stopping.is_set)

            trained = list(pool.map(again, range(len(members))))
            networks = tuple(each.model.members[0] for each in trained)
            joined = replace(trained[0].model, members=networks)
            fault = next(filter(None, (unfinished(each, data, known) for each in trained)), "")
            fault = fault or worse_than_trial(
                joined, study, data, history.best, timed=isfinite(deadline)
            )
            if not fault:
                return as_trained(joined, trained, study, history.best)
            stored = stored or [objective.model(t, stopping.is_set) for t in _each_once(picked)]
            return from_search(stored, fault)
        finally:
            stopping.set()


def _member(
    study: Study,
    known: Data,
    members: Sequence[Trial],
    n: int,
    deadline: float,
    should_stop: Callable[[], bool],
) -> Refit:
    """Train the n-th member again; where it comes again, with another seed."""
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
        should_stop=should_stop,
    )


def _each_once(trials: Sequence[Trial]) -> list[Trial]:
    """Return trials without those that come again."""
    return list({trial.number: trial for trial in trials}.values())


def _stored(objective: TableObjective, history: History, trials: Sequence[Trial]) -> list[Model]:
    """Return the models that the search has of trials, each once; [] where one is missing."""
    models = [stored_model(objective, history, trial) for trial in _each_once(trials)]
    return [] if None in models else [model for model in models if model is not None]


def _seconds(trial: Trial, data: Data, pace: Pace) -> float:
    """Return how long one network of a trial's config is trained again."""
    return LONGER * pace.expected(trial) / len(data.split.lessons)


def _in_time(seconds: Sequence[float], deadline: float, workers: int) -> int:
    """Return how many trainings, of so many seconds each, can be made in time: one at least."""
    left = max(0.0, deadline - time.monotonic()) * workers  # what costs nothing always can
    return max(1, int(np.searchsorted(np.cumsum(seconds), left, side="right")))
