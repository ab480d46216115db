"""The whole flow: search, refit of the best, an honest score, files."""

import math
import os
import time
from collections.abc import Mapping
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
from tunesmith.fit.conditions import conditions
from tunesmith.fit.data import Data
from tunesmith.fit.ensemble import refit_together, reserve
from tunesmith.fit.metrics import METRICS
from tunesmith.fit.objective import TableObjective, refit
from tunesmith.fit.optimism import optimism
from tunesmith.fit.score import Score, baselines, scored
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

CLOSING_SECONDS_A_CELL = 2e-5
"""For each output of each row of the final score, which are predicted, and drawn up to a thousand
times for the interval; of classes by accuracy, which needs no draws, for each row. A busy core
takes a little longer."""

ADVICE_SECONDS_A_TRIAL = 1e-3
"""For each trial when the search ends, and all are looked at once more for what to recommend and
advise: 0.6 ms where nothing else runs."""


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
    members: int = 1
    """Networks whose answers are averaged."""
    validation: float | None = None
    """What the recommended trial had on the validation rows, by which it was chosen."""
    optimism: float | None = None
    """How much of that was probably luck; see fit/optimism.py."""
    conditions: Mapping[str, str] = {}
    """What the columns were taken for, the split, the model's size, the machine; in words."""


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
    ensemble: bool = False
    """Whether the best few networks may be joined; see fit/ensemble.py."""
    amend: bool = False
    """Whether the stored study may have another budget, and gets this one."""

    @property
    def end(self) -> float:
        """The moment by which everything must be over."""
        minutes = self.study.minutes
        columns = 1 if self.study.metric == "accuracy" else self.data.outputs
        cells = columns * len(self.data.split.test)
        closing = CLOSING_SECONDS + CLOSING_SECONDS_A_CELL * cells
        return math.inf if minutes is None else self.began + 60 * minutes - closing


def run_fit(run: Run) -> Result:
    """Run, or go on with, a table's study to its end; refit the best config, score it, save it.

    Raises NothingFound if no network could be trained, FileError for files that cannot be written;
    KeyboardInterrupt leaves a study that can be resumed.
    """
    _check_writable(run.model)
    with opened(run.store, run.study, amend=run.amend) as events:
        run = replace(run, began=run.began - seconds_driven(events.replay()))
        run.watch.phase("compiling the engine (the first time only)")
        warm_up()
        with one_blas_thread():
            run.watch.phase("fitting a linear model to compare with")
            compared = _baselines(run)
            objective = TableObjective(
                run.data,
                metric=METRICS[run.study.metric],
                seed=run.study.seed,
                epochs=run.study.epochs,
                remember=run.ensemble,
            )
            history = _search(run, events, objective)
            fitted = _trained_again(run, history, _best(history), objective)
        score = final_score(fitted, run.data, run.study)
        save_model(replace(fitted, about=_about(run.study, history, score, compared)), run.model)
        result = _result(run, history, score, compared, fitted)
        events.append(Draft(kind="result", body=msgspec.to_builtins(result)))
    return result


def _baselines(run: Run) -> dict[str, float]:
    data = run.data
    known, test = data.split.known, data.split.test
    return baselines(
        data.x[known],
        data.y[known],
        data.x[test],
        data.y[test],
        METRICS[run.study.metric],
        data.encoder.categories,
        classes=data.outputs,
        weight=data.weight_of(known),
    )


def _trained_again(run: Run, history: History, best: Trial, objective: TableObjective) -> Model:
    """Train the best config, or the best few where that was asked for, on all rows but the test."""
    study, data = run.study, run.data
    if run.ensemble:
        run.watch.phase("training the best configs on training and validation rows together")
        return refit_together(
            study, data, data, history, objective, deadline=run.end, workers=run.workers
        )
    run.watch.phase("training the best config on training and validation rows together")
    return refit(
        data,
        best.config,
        epochs=best.epochs_trained,
        full=study.epochs,
        seed=study.seed,
        deadline=run.end,
        threads=run.workers,
    )


def _result(
    run: Run, history: History, score: Score, baseline: dict[str, float], model: Model
) -> Result:
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
        members=len(model.members),
        validation=history.best.metric(run.study.metric),
        optimism=optimism(run.study, history.trials),
        conditions=conditions(run.data, model),
    )


def final_score(model: Model, data: Data, study: Study) -> Score:
    """Return the model's score on the test rows, which nothing has looked at before.

    Raises NothingFound for a model whose outputs are not finite.
    """
    test = data.split.test
    with np.errstate(invalid="ignore", over="ignore"):  # a model that diverged: said below
        outputs = model.outputs(data.x[test])
    if not np.isfinite(outputs).all():
        raise NothingFound(
            "the best config diverged when it was trained again, on training and validation rows "
            "together: run another --seed"
        )
    numbers = data.task is TaskKind.REGRESSION
    predictions = model.scale.values(outputs) if numbers else outputs
    return scored(METRICS[study.metric], predictions, data.y[test], seed=study.seed)


def _search(run: Run, events: Store | MemoryStore, objective: TableObjective) -> History:
    with (
        work_folder(run.store) as folder,
        make_executor(objective, "threads", run.workers) as executor,
    ):
        return drive(
            run.study,
            executor,
            events,
            folder,
            deadline=lambda history: run.end - _reserve(run, history),
            watch=run.watch.progress,
        )


def _reserve(run: Run, history: History) -> float:
    """Return the seconds that follow upon the search: for its advice, and for what is refitted."""
    advice = ADVICE_SECONDS_A_TRIAL * len(history.trials)
    workers = run.workers if run.ensemble else None
    return advice + reserve(run.study, run.data, history, together_by=workers)


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
