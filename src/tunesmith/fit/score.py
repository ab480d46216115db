"""How good predictions are, how sure that is, and what one would have without a network."""

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from tunesmith import rng
from tunesmith.fit.metrics import METRICS, Metric
from tunesmith.model.model import LEAST_LOG
from tunesmith.search.advise.proportion import Proportion
from tunesmith.table.target import TaskKind

Numbers = NDArray[np.float64]

BASELINE_CELLS = 200_000_000
"""Cells of the table times classes that a logistic regression is fitted on at most: seconds."""

RESAMPLES = 1000
"""Bootstrap samples for an interval, at most."""

FEWEST_RESAMPLES = 200
"""At least: where there are many rows, a percentile needs fewer samples than seconds."""

RESAMPLED_CELLS = 20_000_000
"""Outputs of rows that are drawn for an interval in all: a second or two."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A metric on rows that nothing was learned from, with its 95 % interval."""

    metric: str
    value: float
    low: float
    high: float
    rows: int


def scored(metric: Metric, predictions: NDArray[Any], right: NDArray[Any], *, seed: int) -> Score:
    """Return the metric of predictions, see `Metric.of`, with its 95 % interval.

    Wilson's (1927) for accuracy: right also near 0 and 1. For the others what bootstrap resamples
    of the rows span (Efron 1979, percentiles).
    """
    value = metric.of(predictions, right)
    if metric.name == "accuracy":
        counted = Proportion(count=round(value * len(right)), of=len(right))
        low, high = counted.low, counted.high
    else:
        low, high = _resampled(metric, predictions, right, seed)
    return Score(metric=metric.name, value=value, low=low, high=high, rows=len(right))


def _resampled(
    metric: Metric, predictions: NDArray[Any], right: NDArray[Any], seed: int
) -> tuple[float, float]:
    chance, rows = rng.stream(seed, "interval"), len(right)
    samples = min(RESAMPLES, max(FEWEST_RESAMPLES, RESAMPLED_CELLS // predictions.size))
    values = []
    for _ in range(samples):
        drawn = chance.integers(0, rows, rows)
        value = metric.of(predictions[drawn], right[drawn])
        if not math.isnan(value):  # such as R2 of rows that are all the same
            values.append(value)
    low, high = np.quantile(values, (0.025, 0.975)) if values else (math.nan, math.nan)
    return float(low), float(high)


def baselines(
    x: NDArray[np.float32],
    y: NDArray[Any],
    x_test: NDArray[np.float32],
    y_test: NDArray[Any],
    metric: Metric,
    categories: tuple[int, ...] = (),
    *,
    classes: int = 0,
    weight: Numbers | None = None,
) -> dict[str, float]:
    """Return what a linear model and a constant score on the test rows, fitted on the others.

    x [N, D + C]: numbers, then the slot of each category, of which there are `categories`. y [N]:
    numbers, or labels of so many `classes`. weight [N]: what each row counts. The constant is the
    mean, or each class's share.
    """
    if categories:
        x, x_test = (_one_hot(part, categories) for part in (x, x_test))
    if metric.task is TaskKind.REGRESSION:
        found = _numbers(x, y, x_test, weight)
    else:
        found = _classes(x, y, x_test, weight, classes)
    return {name: metric.of(predictions, y_test) for name, predictions in found.items()}


def better_baselines(metric: str, score: float, baseline: Mapping[str, float]) -> list[str]:
    """Return the names of the baselines that are better than a score of that metric."""
    merit = METRICS[metric].merit
    return [name for name, value in baseline.items() if merit(value) > merit(score)]


def _numbers(x: Any, y: Numbers, x_test: Any, weight: Numbers | None) -> dict[str, NDArray[Any]]:
    """Return the numbers that a linear model and a constant predict."""
    from sklearn.linear_model import Ridge

    # Standardised: scikit-learn would turn y into float32, where large numbers lose digits.
    middle, spread = y.mean(), y.std() or 1.0
    ridge = Ridge().fit(x, (y - middle) / spread, weight)
    return {
        "linear": middle + spread * ridge.predict(x_test).astype(np.float64),
        "constant": np.full(x_test.shape[0], middle),
    }


def _classes(
    x: Any, y: NDArray[np.int64], x_test: Any, weight: Numbers | None, count: int
) -> dict[str, NDArray[Any]]:
    """Return the logits [N, K] that a linear model and a constant predict."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    shares = np.bincount(y, weights=weight, minlength=count) / len(y)
    with np.errstate(divide="ignore"):
        logs = np.maximum(np.log(shares), LEAST_LOG)
    constant = {"constant": np.tile(logs, (x_test.shape[0], 1))}
    known, first = np.unique(y, return_index=True)
    if len(known) < 2:
        return constant
    step = -(-x.shape[0] * x.shape[1] * count // BASELINE_CELLS)
    rows = np.union1d(np.arange(0, len(y), step), first)  # a row of each class at least
    with warnings.catch_warnings():
        # A few steps short of the optimum make no difference to a baseline.
        warnings.simplefilter("ignore", ConvergenceWarning)
        linear = LogisticRegression(max_iter=100)
        linear.fit(x[rows], y[rows], None if weight is None else weight[rows])
    logits = np.full((x_test.shape[0], len(shares)), LEAST_LOG)
    with np.errstate(divide="ignore"):  # a share may be too small for a float
        logits[:, known] = linear.predict_log_proba(x_test)
    return {"linear": np.maximum(logits, LEAST_LOG), **constant}


def _one_hot(x: NDArray[np.float32], categories: tuple[int, ...]) -> Any:
    """Return x with a column for each slot, sparse: to a linear model a slot is no number."""
    from scipy.sparse import csr_array, hstack
    from sklearn.preprocessing import OneHotEncoder

    first = x.shape[1] - len(categories)
    encoder = OneHotEncoder(categories=[np.arange(n) for n in categories], dtype=np.float32)
    slots = encoder.fit_transform(x[:, first:])
    return hstack([csr_array(x[:, :first]), slots], format="csr")
