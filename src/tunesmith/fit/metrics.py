"""What networks are judged by, each under the name and with the sign that the field knows."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from tunesmith.errors import StudyError
from tunesmith.model.model import shares_of
from tunesmith.study import Goal
from tunesmith.table.target import TaskKind
from tunesmith.table.wording import nearest

Numbers = NDArray[np.float64]
Measure = Callable[[NDArray[Any], NDArray[Any]], float]


@final
@dataclass(frozen=True, slots=True)
class Metric:
    """A number that says how good predictions are."""

    name: str
    task: TaskKind
    goal: Goal
    of: Measure
    """From predictions, which are logits [N, K] or numbers [N], and what is right, which are
    labels [N] in 0..K-1 or numbers [N]. NaN for predictions that are not finite, and where the
    right answers do not differ as the metric needs."""

    def merit(self, value: float) -> float:
        """Return a value turned so that larger is better; minus infinity where it is not finite."""
        if not math.isfinite(value):
            return -math.inf
        return value if self.goal is Goal.MAX else -value


def accuracy(logits: NDArray[Any], labels: NDArray[np.int64]) -> float:
    """Return the share of rows whose largest output is the right one."""
    if not np.isfinite(logits).all():
        return math.nan
    return float(np.mean(logits.argmax(axis=1) == labels))


def balanced_accuracy(logits: NDArray[Any], labels: NDArray[np.int64]) -> float:
    """Return the mean over the classes that occur of the share of their rows that is right."""
    if not np.isfinite(logits).all():
        return math.nan
    rows = np.bincount(labels)
    right = np.bincount(labels[logits.argmax(axis=1) == labels], minlength=len(rows))
    return float(np.mean(right[rows > 0] / rows[rows > 0]))


def log_loss(logits: NDArray[Any], labels: NDArray[np.int64]) -> float:
    """Return the mean of minus the logarithm of the right class's probability, in nats."""
    if not np.isfinite(logits).all():
        return math.nan
    wide = logits.astype(np.float64)
    top = wide.max(axis=1)
    total = top + np.log(np.exp(wide - top[:, None]).sum(axis=1))
    return float(np.mean(total - wide[np.arange(len(labels)), labels]))


def auc(logits: NDArray[Any], labels: NDArray[np.int64]) -> float:
    """Return the area under the ROC curve; of more than two classes, the mean over them.

    Each against the rest: the probability that one of its rows has more of it than another row.
    """
    if not np.isfinite(logits).all():
        return math.nan
    shares = shares_of(logits)
    classes = [1] if shares.shape[1] == 2 else list(range(shares.shape[1]))
    areas = [_area(shares[:, k], labels == k) for k in classes]
    known = [area for area in areas if not math.isnan(area)]
    return float(np.mean(known)) if known else math.nan


def _area(share: Numbers, own: NDArray[np.bool_]) -> float:
    """Return the area by ranks (Mann and Whitney 1947); ties count half."""
    from scipy.stats import rankdata

    inside = int(own.sum())
    outside = len(own) - inside
    if not inside or not outside:
        return math.nan
    ranks = rankdata(share)
    return float((ranks[own].sum() - inside * (inside + 1) / 2) / (inside * outside))


def r2(predictions: NDArray[Any], targets: Numbers) -> float:
    """Return 1 - squared error / squared distance from the mean."""
    error = float(np.sum((targets - predictions) ** 2))
    spread = float(np.sum((targets - targets.mean()) ** 2))
    return 1 - error / spread if spread > 0 else math.nan


def rmse(predictions: NDArray[Any], targets: Numbers) -> float:
    """Return the root of the mean squared error, in the target's unit."""
    return math.sqrt(float(np.mean((targets - predictions) ** 2)))


def mae(predictions: NDArray[Any], targets: Numbers) -> float:
    """Return the mean distance to the target, in the target's unit."""
    return float(np.mean(np.abs(targets - predictions)))


_CLASSES, _NUMBERS = TaskKind.CLASSIFICATION, TaskKind.REGRESSION

METRICS: Final = {
    metric.name: metric
    for metric in (
        Metric("accuracy", _CLASSES, Goal.MAX, accuracy),
        Metric("balanced_accuracy", _CLASSES, Goal.MAX, balanced_accuracy),
        Metric("log_loss", _CLASSES, Goal.MIN, log_loss),
        Metric("auc", _CLASSES, Goal.MAX, auc),
        Metric("r2", _NUMBERS, Goal.MAX, r2),
        Metric("rmse", _NUMBERS, Goal.MIN, rmse),
        Metric("mae", _NUMBERS, Goal.MIN, mae),
    )
}
"""By name; the first of a task is the one it has by default."""


def check_known(name: str | None) -> None:
    """Raise StudyError for a metric of no task, before it is known which task it is."""
    if name is None or name in METRICS:
        return
    near = nearest(name, METRICS)
    hint = f"did you mean {near!r}? There are" if near else "choose"
    raise StudyError(f"no metric {name!r}; {hint} {', '.join(METRICS)}")


def metric_of(task: TaskKind, name: str | None = None) -> Metric:
    """Return a task's metric of that name, or its first; StudyError for one it does not have."""
    own = {metric.name: metric for metric in METRICS.values() if metric.task is task}
    if name is None:
        return next(iter(own.values()))
    if name in own:
        return own[name]
    if name in METRICS:
        why = f"{name} judges {METRICS[name].task.value}, and this is {task.value}: choose"
    else:
        near = nearest(name, own)
        why = f"no metric {name!r}; " + (f"did you mean {near!r}? There are" if near else "choose")
    raise StudyError(f"{why} {', '.join(own)}")
