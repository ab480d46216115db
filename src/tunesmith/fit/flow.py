"""The whole flow: search, refit of the best, an honest score, files."""

import math
import os
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol, final

import msgspec
import numpy as np

from tunesmith import __version__
from tunesmith.blas import one_blas_thread
from tunesmith.driver import drive
from tunesmith.engine.train import warm_up
from tunesmith.errors import FileError, NothingFound
from tunesmith.fit.data import Data
from tunesmith.fit.objective import TableObjective, refit
from tunesmith.fit.score import Score, baselines, score_classes, score_numbers
from tunesmith.history import History
from tunesmith.ledger import seconds_driven
from tunesmith.model.file import save_model
from tunesmith.model.model import Model
from tunesmith.store.event import Draft
from tunesmith.store.memory import MemoryStore
from tunesmith.store.store import Store
from tunesmith.study import Study
from tunesmith.table.target import TaskKind
from tunesmith.trial import State, Trial
from tunesmith.tuning import make_executor, opened, work_folder

CLOSING_SECONDS = 1.0
"""Kept for the final score and for writing the files."""

CLOSING_SECONDS_A_ROW = 2e-5
"""For each row of the final score, which is predicted and drawn a thousand times for the interval;
a busy core takes a little longer."""

REFIT_FACTOR = 1.5
"""A refit has a third more rows than the trial it repeats, and a little room."""

ADVICE_SECONDS_A_TRIAL = 1e-3
"""For each trial when the search ends, and all are looked at once more for what to recommend and
advise: 0.6 ms where nothing else runs."""

REFIT_SHARE = 0.3
"""Share of the minutes kept for the refit while no trial has shown how long one takes."""


@final
class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it; the object that --json prints."""

    metric: str
    score: float
    interval: list[float]
    """95 %."""
    rows: int
    """Untouched rows it was scored on."""
    baseline: dict[str, float]
    trials: int
    epochs: int
    """Trained in all."""
    seconds: float
    digest: str
    study: str
    model: str
    config: dict[str, Any]
    finished: str
    """Why the search ended."""


class Watch(Protocol):
    """What may be shown while it runs."""

    def phase(self, text: str) -> None:
        """Show that something which may take seconds begins."""

    def progress(self, history: History) -> None:
        """Show how far the search is."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a table's study: what is asked, of what, where it is kept, and for how long."""

    study: Study
    data: Data
    store: Path
    model: Path
    workers: int
    began: float
    """The moment of time.monotonic() that this run began; earlier runs of the study count too."""
    watch: Watch

    @property
    def end(self) -> float:
        """The moment by which everything must be over."""
        minutes = self.study.minutes
        closing = CLOSING_SECONDS + CLOSING_SECONDS_A_ROW * len(self.data.split.test)
        return math.inf if minutes is None else self.began + 60 * minutes - closing


def run_fit(run: Run) -> Result:
    """Run, or go on with, a table's study to its end; refit the best config, score it, save it.

    Raises NothingFound if no network could be trained, FileError for files that cannot be written;
    KeyboardInterrupt leaves a study that can be resumed.
    """
    _check_writable(run.model)
    with opened(run.store, run.study) as events:
        run = replace(run, began=run.began - seconds_driven(events.replay()))
        run.watch.phase("compiling the engine (the first time only)")
        warm_up()
        with one_blas_thread():
            run.watch.phase("fitting a linear model to compare with")
            compared = baselines(*_parts(run.data), run.data.task, run.data.encoder.categories)
            history = _search(run, events)
            best = _best(history)
            run.watch.phase("training the best config on training and validation rows together")
            fitted = refit(
                run.data,
                best.config,
                epochs=best.epochs_trained,
                seed=run.study.seed,
                deadline=run.end,
                threads=run.workers,
            )
        score = final_score(fitted, run.data, seed=run.study.seed)
        save_model(replace(fitted, about=_about(run.study, history, score, compared)), run.model)
        result = _result(run, history, score, compared)
        events.append(Draft(kind="result", body=msgspec.to_builtins(result)))
    return result


def _result(run: Run, history: History, score: Score, baseline: dict[str, float]) -> Result:
    return Result(
        metric=score.metric,
        score=score.value,
        interval=[score.low, score.high],
        rows=score.rows,
        baseline=baseline,
        trials=len(history.trials),
        epochs=history.epochs,
        seconds=round(time.monotonic() - run.began, 2),
        digest=history.digest,
        study=str(run.store),
        model=str(run.model),
        config=dict(history.best.config),
        finished=history.finished,
    )


def final_score(model: Model, data: Data, *, seed: int) -> Score:
    """Return the model's score on the test rows, which nothing has looked at before.

    Raises NothingFound for a model whose outputs are not finite.
    """
    test = data.split.test
    outputs = model.outputs(data.x[test])
    if not np.isfinite(outputs).all():
        raise NothingFound(
            "the best config diverged when it was trained again, on training and validation rows "
            "together: run another --seed"
        )
    if data.task is TaskKind.CLASSIFICATION:
        return score_classes(outputs, data.y[test])
    return score_numbers(model.scale.values(outputs), data.y[test], seed=seed)


def _search(run: Run, events: Store | MemoryStore) -> History:
    objective = TableObjective(run.data, seed=run.study.seed, epochs=run.study.epochs)
    with (
        work_folder(run.store) as folder,
        make_executor(objective, "threads", run.workers) as executor,
    ):
        return drive(
            run.study,
            executor,
            events,
            folder,
            deadline=lambda history: run.end - _reserve(run.study, history),
            watch=run.watch.progress,
        )


def _reserve(study: Study, history: History) -> float:
    """Return the seconds that follow upon the search: for its advice, and for the refit."""
    advice = ADVICE_SECONDS_A_TRIAL * len(history.trials)
    if not history.has_best:
        return advice + REFIT_SHARE * 60 * (study.minutes or 0.0)
    return advice + REFIT_FACTOR * history.best.seconds


def _best(history: History) -> Trial:
    in_time = bool(history.trials) and all(t.state is not State.STOPPED for t in history.trials)
    if not history.has_best and not in_time:
        raise NothingFound(
            "the time was up before one network had trained for an epoch: give more --minutes, "
            "and another --out, since this study is over"
        )
    return history.best


def _about(
    study: Study, history: History, score: Score, baseline: dict[str, float]
) -> dict[str, Any]:
    """Say how a model came about, as plain data."""
    return {
        "tunesmith": __version__,
        "score": asdict(score),
        "baseline": baseline,
        "seed": study.seed,
        "digest": history.digest,
        "trial": history.best.number,
        "config": dict(history.best.config),
    }


def _parts(data: Data) -> tuple[Any, Any, Any, Any]:
    """Return x and y of the rows known, and of the test rows."""
    known = np.sort(np.concatenate([data.split.train, data.split.valid]))
    test = data.split.test
    return data.x[known], data.y[known], data.x[test], data.y[test]


def _check_writable(path: Path) -> None:
    """Raise FileError now rather than after the search."""
    folder = path.parent
    try:
        folder_exists, exists, is_folder = folder.is_dir(), path.exists(), path.is_dir()
    except OSError as error:  # such as a name that is too long
        raise FileError(
            f"{path} cannot be used ({error.strerror}): choose another name with --out"
        ) from error
    if not folder_exists:
        raise FileError(f"there is no folder {folder}: make it, or choose another with --out")
    if is_folder:
        raise FileError(f"{path} is a folder: choose another name with --out")
    if not os.access(folder, os.W_OK) or (exists and not os.access(path, os.W_OK)):
        raise FileError(f"{path} may not be written: choose another place with --out")
