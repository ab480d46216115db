"""Trials as rows of plain numbers and words, as the page's script reads them."""

import math
from collections.abc import Sequence
from typing import Any, Final

from tunesmith.study import Goal, Study
from tunesmith.trial import Trial

FIELDS: Final = (
    "number",
    "state",
    "round",
    "origin",
    "epochs",
    "trained",
    "score",
    "seconds",
    "audited",
    "reason",
    "values",
    "scores",
)
"""What the places of a row hold: `values` by param, `scores` by rung."""

Row = list[Any]


def row(study: Study, trial: Trial, rungs: Sequence[int]) -> Row:
    """Return a trial as a row; a param that is not active and a rung not measured are None."""
    return [
        trial.number,
        trial.state.value,
        trial.round,
        trial.origin.value,
        trial.epochs,
        trial.epochs_trained,
        plain(trial.metric(study.metric)) if trial.measurements else None,
        round(trial.seconds, 3),
        trial.audited,
        trial.reason,
        [trial.config.get(name) for name in study.space],
        [score_at(study, trial, rung) for rung in rungs],
    ]


def score_at(study: Study, trial: Trial, epochs: int) -> float | None:
    """Return the metric as it was measured after so many epochs; None if it was not, or is bad."""
    if epochs > trial.epochs_trained:
        return None
    loss = study.loss_at(trial, epochs)
    return score_of(study, loss) if math.isfinite(loss) else None


def score_of(study: Study, loss: float) -> float:
    """Return a loss turned back into the metric."""
    return loss if study.goal is Goal.MIN else -loss


def plain(value: float) -> float | str:
    """Return a number that JSON has: one that is not finite becomes text."""
    return float(value) if math.isfinite(value) else repr(float(value))
