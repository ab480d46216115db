"""How good predictions are, how sure that is, and what one would have without a network."""

import math
import warnings
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from tunesmith import rng
from tunesmith.table.target import TaskKind

Numbers = NDArray[np.float64]

METRIC = {TaskKind.CLASSIFICATION: "accuracy", TaskKind.REGRESSION: "r2"}
"""The metric of each kind of task; larger is better for both."""

Z95 = 1.959963984540054
"""Standard deviations that hold 95 % of a normal distribution."""

BASELINE_CELLS = 200_000_000
"""Cells of the table times classes that a logistic regression is fitted on at most: seconds."""

RESAMPLES = 1000
"""Bootstrap samples for the interval of R2."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A metric on rows that nothing was learned from, with its 95 % interval."""

    metric: str
    value: float
    low: float
    high: float
    rows: int


def accuracy(outputs: NDArray[Any], labels: NDArray[np.int64]) -> float:
    """Return the share of rows whose largest output [N, K] is the right one; labels [N].

    NaN where an output is not finite: such a network has no largest output.
    """
    if not np.isfinite(outputs).all():
        return math.nan
    return float(np.mean(outputs.argmax(axis=1) == labels))


def r2(predictions: NDArray[Any], targets: Numbers) -> float:
    """Return 1 - squared error / squared distance from the mean; both [N]."""
    error = float(np.sum((targets - predictions) ** 2))
    spread = float(np.sum((targets - targets.mean()) ** 2))
    return 1 - error / spread if spread > 0 else math.nan


def score_classes(outputs: NDArray[Any], labels: NDArray[np.int64]) -> Score:
    """Return the accuracy with Wilson's interval (1927): right also near 0 and 1."""
    n, p = len(labels), accuracy(outputs, labels)
    middle = (p + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    half = Z95 / (1 + Z95**2 / n) * math.sqrt(p * (1 - p) / n + Z95**2 / (4 * n**2))
    # p lies between; rounding alone could leave it out at 0 and 1.
    low, high = max(0.0, min(p, middle - half)), min(1.0, max(p, middle + half))
    return Score(metric="accuracy", value=p, low=low, high=high, rows=n)


def score_numbers(predictions: NDArray[Any], targets: Numbers, *, seed: int) -> Score:
    """Return R2 with the interval that its bootstrap resamples span (Efron 1979, percentiles)."""
    chance = rng.stream(seed, "interval")
    rows = len(targets)
    squares = (targets - predictions) ** 2
    values = []
    for _ in range(RESAMPLES):
        drawn = chance.integers(0, rows, rows)
        spread = targets[drawn].var() * rows
        if spread > 0:
            values.append(1 - squares[drawn].sum() / spread)
    low, high = np.quantile(values, (0.025, 0.975)) if values else (math.nan, math.nan)
    value = r2(predictions, targets)
    return Score(metric="r2", value=value, low=float(low), high=float(high), rows=rows)


def baselines(
    x: NDArray[np.float32],
    y: NDArray[Any],
    x_test: NDArray[np.float32],
    y_test: NDArray[Any],
    task: TaskKind,
    categories: tuple[int, ...] = (),
) -> dict[str, float]:
    """Return what a linear model and a constant score on the test rows, fitted on the others.

    x [N, D + C]: numbers, then the slot of each category, of which there are `categories`.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression, Ridge

    if categories:
        x, x_test = (_one_hot(part, categories) for part in (x, x_test))
    if task is TaskKind.REGRESSION:
        # Standardised: scikit-learn would turn y into float32, where large numbers lose digits.
        middle, spread = y.mean(), y.std() or 1.0
        ridge = Ridge().fit(x, (y - middle) / spread)
        predictions = middle + spread * ridge.predict(x_test).astype(np.float64)
        constant = np.full(len(y_test), middle)
        return {"linear": r2(predictions, y_test), "constant": r2(constant, y_test)}
    most = np.bincount(y).argmax()
    classes, first = np.unique(y, return_index=True)
    if len(classes) < 2:
        return {"constant": float(np.mean(y_test == most))}
    step = -(-x.size * len(classes) // BASELINE_CELLS)
    rows = np.union1d(np.arange(0, len(y), step), first)  # a row of each class at least
    with warnings.catch_warnings():
        # A few steps short of the optimum make no difference to a baseline.
        warnings.simplefilter("ignore", ConvergenceWarning)
        linear = LogisticRegression(max_iter=100).fit(x[rows], y[rows])
    return {
        "linear": float(np.mean(linear.predict(x_test) == y_test)),
        "constant": float(np.mean(y_test == most)),
    }


def _one_hot(x: NDArray[np.float32], categories: tuple[int, ...]) -> Any:
    """Return x with a column for each slot, sparse: to a linear model a slot is no number."""
    from scipy.sparse import csr_array, hstack
    from sklearn.preprocessing import OneHotEncoder

    first = x.shape[1] - len(categories)
    encoder = OneHotEncoder(categories=[np.arange(n) for n in categories], dtype=np.float32)
    slots = encoder.fit_transform(x[:, first:])
    return hstack([csr_array(x[:, :first]), slots], format="csr")
