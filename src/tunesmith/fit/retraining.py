"""The last training: the best config on all rows, or the search's own network where that fails."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, final

import numpy as np

from tunesmith import rng
from tunesmith.fit.data import Data
from tunesmith.fit.metrics import METRICS
from tunesmith.fit.objective import Refit, TableObjective, refit
from tunesmith.fit.selection import RESAMPLES
from tunesmith.history import History
from tunesmith.model.model import Model
from tunesmith.study import Study
from tunesmith.table.target import TaskKind
from tunesmith.text import figure
from tunesmith.trial import Trial

Kind = Literal["full", "shortened", "kept"]
"""Trained again for all epochs, for fewer of them, or not: then it is the search's network."""

BUSY: Final = 1.3
"""Slowdown above which one thread trains alone: threads that share a product spin while they wait
for one that has no core."""

MAX_JUDGED_ROWS: Final = 10_000
"""Rows by which a refit is compared with its trial: enough to tell, and predicted in a moment."""

STANDARD_ERRORS: Final = 2.0
"""By which a refit must be worse than its trial, so that chance is no reason: an interval of 95 %.
It has learned from the rows that judge it, and the trial has not."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Retrained:
    """The final model, and how it came about."""

    model: Model
    kind: Kind
    reason: str = ""
    """Why it is not what was planned, in plain words; "" if it is."""

    @property
    def about(self) -> dict[str, str]:
        """What a model says of it: nothing where all went as planned."""
        return {"refit": self.kind, "refit_reason": self.reason} if self.reason else {}


def retrain(
    study: Study,
    data: Data,
    known: Data,
    history: History,
    objective: TableObjective,
    *,
    deadline: float,
    workers: int,
) -> Retrained:
    """Train the best config again on all rows of `known` but the test rows.

    `data` are the rows as the search divided them; it may be the same data. Where the training
    cannot end by `deadline`, a moment of time.monotonic(), or its network is worse than the one
    that the search has, that one is returned. Where the search's network is not stored, which only
    a resumed study can lack, the training takes the time that it needs.
    """
    best = history.best
    stored = stored_model(objective, history, best)
    if stored is not None and time.monotonic() >= deadline:
        return from_search([stored], "no time was left to train it again")
    again = refit(
        known,
        best.config,
        epochs=best.epochs_trained,
        full=study.epochs,
        seed=study.seed,
        deadline=math.inf if stored is None else deadline,
        threads=workers if objective.pace.slowdown < BUSY else 1,
    )
    fault = unfinished(again, data, known)
    if not fault:
        timed = math.isfinite(deadline)
        fault = worse_than_trial(again.model, study, data, best, timed=timed)
    if fault:
        return from_search([stored or objective.model(best)], fault)
    return as_trained(again.model, [again], study, best)


def as_trained(model: Model, trained: Sequence[Refit], study: Study, best: Trial) -> Retrained:
    """Describe a model whose networks were trained again, as far as they were."""
    reasons = []
    shortened = [each for each in trained if each.hurried]
    if shortened:
        least = min(shortened, key=lambda each: each.epochs)
        reasons.append(
            f"trained again for {least.epochs} of {least.planned} epochs, since time was short"
        )
    if best.epochs_trained < study.epochs:
        reasons.append(
            f"no network was trained for all {study.epochs} epochs in time: the best one had "
            f"{best.epochs_trained}"
        )
    kind: Kind = "shortened" if shortened else "full"
    return Retrained(model=model, kind=kind, reason="; ".join(reasons))


def from_search(models: Sequence[Model], fault: str) -> Retrained:
    """Join the networks of the search, and say why it is these."""
    members = tuple(member for model in models for member in model.members)
    names = "the network" if len(members) == 1 else f"the average of the {len(members)} networks"
    return Retrained(
        model=Model(
            members=members,
            encoder=models[0].encoder,
            target=models[0].target,
            task=models[0].task,
            classes=models[0].classes,
            scale=models[0].scale,
        ),
        kind="kept",
        reason=f"the model is {names} that the search trained: {fault}",
    )


def stored_model(objective: TableObjective, history: History, trial: Trial) -> Model | None:
    """Return the stored model of a trial, or of another one of the same config and epochs."""
    alike = [
        other
        for other in history.trials
        if other.config == trial.config
        and other.epochs_trained == trial.epochs_trained
        and history.study.usable(other)
    ]
    for other in [trial, *alike]:
        model = objective.networks.model(other)
        if model is not None:
            return model
    return None


def unfinished(trained: Refit, data: Data, known: Data) -> str:
    """Say why a refit is not to be used; "" if it is.

    A hurried one must have learned from at least as many rows, each epoch of each counted, as the
    search's network had.
    """
    if not trained.complete:
        return (
            f"training it again was cut after {trained.epochs} of {trained.planned} epochs, as "
            "the time was up"
        )
    rows = max(len(rows) for rows, _ in data.split.lessons)
    if trained.hurried and trained.epochs * len(known.split.known) < trained.planned * rows:
        return (
            f"there was time for only {trained.epochs} of {trained.planned} epochs to train it "
            "again"
        )
    if not all(np.isfinite(member.weights).all() for member in trained.model.members):
        return "it diverged when it was trained again"
    return ""


def worse_than_trial(model: Model, study: Study, data: Data, trial: Trial, *, timed: bool) -> str:
    """Say why a model is worse than the trial that it comes from; "" if it is not.

    Only where a budget of minutes (`timed`) decides how it was trained; a budget of trials gives
    the same model each time.
    """
    if not timed:
        return ""
    metric = METRICS[study.metric]
    rows = data.split.judging
    rows = rows[:: -(-len(rows) // MAX_JUDGED_ROWS)]
    with np.errstate(invalid="ignore", over="ignore"):  # a model that diverged: below
        outputs = model.outputs(data.x[rows])
    if not np.isfinite(outputs).all():
        return "it diverged when it was trained again"
    numbers = data.task is TaskKind.REGRESSION
    predictions: Any = model.scale.values(outputs) if numbers else outputs
    right = data.y[rows]
    value, trial_value = metric.of(predictions, right), trial.metric(study.metric)
    lost = metric.merit(trial_value) - metric.merit(value)
    if not lost > 0:
        return ""
    generator = rng.stream(study.seed, "refit", "judged")
    draws = [generator.integers(0, len(rows), len(rows)) for _ in range(RESAMPLES)]
    values = [metric.of(predictions[drawn], right[drawn]) for drawn in draws]
    error = np.nanstd(values)
    if lost <= STANDARD_ERRORS * error:
        return ""
    return (
        f"trained again it had {metric.name} {figure(value)} on the rows that chose it, after "
        f"{figure(trial_value)} in the search"
    )
