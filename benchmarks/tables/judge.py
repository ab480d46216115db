"""How arms compare: scores, scores scaled per table, paired differences with their errors."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.tables.data import Part
from tunesmith.fit.metrics import METRICS

RESAMPLES: Final = 500
SEED: Final = 0

Answers = Mapping[str, NDArray[Any]]
"""Predictions of the test rows by arm."""


def score(part: Part, predictions: NDArray[Any], rows: NDArray[np.int64] | None = None) -> float:
    """Return the table's metric of predicted labels or numbers, on `rows` of its test rows."""
    right = part.y_test
    if rows is not None:
        predictions, right = predictions[rows], right[rows]
    if part.classes:
        predictions = np.eye(len(part.classes))[predictions]
    return METRICS[part.metric].of(predictions, right)


def constant(part: Part) -> float:
    """Return the score of a model that knows no feature: the most frequent class, or the mean."""
    if part.classes:
        return score(part, np.full(len(part.y_test), np.bincount(part.y_train).argmax()))
    return score(part, np.full(len(part.y_test), part.y_train.mean()))


def scaled(part: Part, answers: Answers) -> dict[str, float]:
    """Return each arm's score, 0 for a constant model and 1 for the best of the arms."""
    scores = {arm: score(part, predictions) for arm, predictions in answers.items()}
    least, most = constant(part), max(scores.values())
    return {arm: (value - least) / (most - least) for arm, value in scores.items()}


def difference(part: Part, ours: NDArray[Any], theirs: NDArray[Any]) -> tuple[float, float]:
    """Return by how much ours is better, and the standard error over resamples of the test rows."""
    chance, rows = np.random.default_rng(SEED), len(part.y_test)
    drawn = [chance.integers(0, rows, rows) for _ in range(RESAMPLES)]
    found = [score(part, ours, r) - score(part, theirs, r) for r in drawn]
    return score(part, ours) - score(part, theirs), float(np.std(found))


def interval(differences: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of the mean of paired differences over tables, by resampling."""
    chance = np.random.default_rng(SEED)
    values = np.asarray(differences)
    means = [values[chance.integers(0, len(values), len(values))].mean() for _ in range(10_000)]
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)
