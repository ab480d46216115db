"""The whole flow: search, refit of the best, an honest score, files."""

import math
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, Protocol, final

import msgspec
import numpy as np

from tunesmith import __version__
from tunesmith.blas import one_blas_thread
from tunesmith.driver import drive
from tunesmith.engine.compiled import is_compiled
from tunesmith.engine.train import warm_up
from tunesmith.errors import FileError, NothingFound
from tunesmith.fit.conditions import conditions
from tunesmith.fit.data import Data
from tunesmith.fit.ensemble import ADVICE_SECONDS_A_TRIAL, refit_together, reserve
from tunesmith.fit.metrics import METRICS
from tunesmith.fit.objective import TableObjective
from tunesmith.fit.optimism import optimism
from tunesmith.fit.pace import Pace
from tunesmith.fit.retraining import Retrained, retrain
from tunesmith.fit.score import Score, baselines, better_baselines, scored
from tunesmith.fit.search_networks import SearchNetworks
from tunesmith.history import History
from tunesmith.ledger import seconds_driven, study_now
from tunesmith.model.file import save_model
from tunesmith.model.model import Model
from tunesmith.store.event import Draft
from tunesmith.store.memory import MemoryStore
from tunesmith.store.store import Store
from tunesmith.study import Study
from tunesmith.table.target import TaskKind
from tunesmith.trial import State
from tunesmith.tuning import make_executor, opened, work_folder

CLOSING_SECONDS = 1.0
"""Kept for the final score and for writing the files."""

CLOSING_SECONDS_A_CELL = 2e-5
"""For each output of each row of the final score, which are predicted, and drawn up to a thousand
times for the interval; of classes by accuracy, which needs no draws, for each row. A busy core
takes a little longer."""


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
    refit: Literal["full", "shortened", "kept"] = "full"
    """Whether the best config was trained again for all its epochs, for fewer of them, or not, so
    that the model is the search's own network; see fit/retraining.py."""
    refit_reason: str = ""
    """Why that is not as planned, in plain words; "" if it is."""
    worse_than: list[str] = []
    """The baselines that are better than the model on the untouched rows."""
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

    def end(self, slowdown: float = 1.0) -> float:
        """Return the moment by which the last training must be over.

        What follows it takes `slowdown` times as long as on an idle machine.
        """
        minutes = self.study.minutes
        columns = 1 if self.study.metric == "accuracy" else self.data.outputs
        cells = columns * len(self.data.split.test)
        closing = slowdown * (CLOSING_SECONDS + CLOSING_SECONDS_A_CELL * cells)
        return math.inf if minutes is None else self.began + 60 * minutes - closing


def stored_result(store: Path, study: Study) -> Result | None:
    """Return the result of a study that is finished and asks what `study` does; None if not."""
    if not store.exists():
        return None
    found = None
    with Store.read(store) as stored:
        events = list(stored.replay())
    for event in events:
        if event.kind == "result":
            found = event.body
        elif event.kind == "amend":
            found = None
    if found is None or study_now(events).difference(study):
        return None
    try:
        return msgspec.convert(dict(found), Result)
    except msgspec.ValidationError:  # of a version that stored other figures
        return None


def run_fit(run: Run) -> Result:
    """Run, or go on with, a table's study to its end; refit the best config, score it, save it.

    A finished study whose model is there is left as it is, and its stored result returned.

    Raises NothingFound if no network could be trained, FileError for files that cannot be written;
    KeyboardInterrupt leaves a study that can be resumed.
    """
    earlier = stored_result(run.store, run.study)
    if earlier is not None and run.model.exists():
        return earlier
    check_writable(run.model)
    with opened(run.store, run.study, amend=run.amend) as events:
        run = replace(run, began=run.began - seconds_driven(events.replay()))
        if not is_compiled():
            run.watch.phase("compiling the engine (the first time only)")
        warm_up()
        with one_blas_thread(), work_folder(run.store) as folder:
            run.watch.phase("fitting a linear model to compare with")
            compared = _baselines(run)
            objective = _objective(run, folder)
            history = _search(run, events, objective, folder)
            _check_best(history)
            retrained = _trained_again(run, history, objective, earlier)
            objective.networks.clear()
        score = final_score(retrained.model, run.data, run.study)
        about = _about(run.study, history, score, compared) | retrained.about
        save_model(replace(retrained.model, about=about), run.model)
        result = _result(run, history, score, compared, retrained)
        events.append(Draft(kind="result", body=msgspec.to_builtins(result)))
    return result


def _objective(run: Run, folder: Path) -> TableObjective:
    """Return what trains a trial; with minutes, the best networks are stored for the end."""
    metric = METRICS[run.study.metric]
    timed = run.study.minutes is not None
    return TableObjective(
        run.data,
        metric=metric,
        seed=run.study.seed,
        epochs=run.study.epochs,
        remember=run.ensemble,
        networks=SearchNetworks(metric, folder if timed else None),
    )


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


def _trained_again(
    run: Run, history: History, objective: TableObjective, earlier: Result | None
) -> Retrained:
    """Train the best config, or the best few where that was asked for, on all rows but the test.

    Where only the model of an `earlier` result is missing, that takes the time that it needs.
    """
    if earlier is not None and earlier.refit == "kept" and not run.ensemble:
        model = replace(objective.model(history.best), about={})
        return Retrained(model=model, kind="kept", reason=earlier.refit_reason)
    best = "the best configs" if run.ensemble else "the best config"
    run.watch.phase(f"training {best} on training and validation rows together")
    train = refit_together if run.ensemble else retrain
    return train(
        run.study,
        run.data,
        run.data,
        history,
        objective,
        deadline=run.end(objective.pace.slowdown) if earlier is None else math.inf,
        workers=run.workers,
    )


def _result(
    run: Run, history: History, score: Score, baseline: dict[str, float], retrained: Retrained
) -> Result:
    model = retrained.model
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
        refit=retrained.kind,
        refit_reason=retrained.reason,
        worse_than=better_baselines(score.metric, score.value, baseline),
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


def _search(
    run: Run, events: Store | MemoryStore, objective: TableObjective, folder: Path
) -> History:
    with make_executor(objective, "threads", run.workers) as executor:
        return drive(
            run.study,
            executor,
            events,
            folder,
            deadline=lambda history: _search_end(run, history, objective.pace),
            watch=run.watch.progress,
        )


def _search_end(run: Run, history: History, pace: Pace) -> float:
    """Return the moment at which the search must end, for its advice and for what is refitted."""
    slowdown = pace.slowdown
    advice = slowdown * ADVICE_SECONDS_A_TRIAL * len(history.trials)
    workers = run.workers if run.ensemble else None
    refitted = reserve(run.study, run.data, history, pace, together_by=workers)
    return run.end(slowdown) - advice - refitted


def _check_best(history: History) -> None:
    """Raise NothingFound unless a network was trained."""
    in_time = bool(history.trials) and all(t.state is not State.STOPPED for t in history.trials)
    if not history.has_best and not in_time:
        raise NothingFound(
            "the time was up before one network had trained for an epoch: give more --minutes, "
            "and another --out, since this study is over"
        )


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


def check_writable(path: Path) -> None:
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
