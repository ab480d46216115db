"""Which networks are better together, by the rows that judge."""

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tunesmith import rng
from tunesmith.engine.network import Floats
from tunesmith.fit.data import Data
from tunesmith.fit.lesson import Targets, targets_of
from tunesmith.fit.metrics import METRICS, Metric
from tunesmith.model.model import averaged, from_terms, terms_of
from tunesmith.study import Study

MOST: Final = 8
"""Networks of an ensemble at most: each more gains less, and costs as much to train and ask."""

RESAMPLES: Final = 100
"""Bootstrap samples for the standard error of a difference."""

MOST_RESAMPLED: Final = 4_000
"""Rows in each of them at most, so that it takes a second; the error is scaled to all rows."""


def chosen(study: Study, data: Data, outputs: Sequence[Floats]) -> list[int]:
    """Return the places of the networks to join, the first one first.

    `outputs` [judging rows, K] are those of networks that have not learned from these rows.
    """
    metric, targets = METRICS[study.metric], targets_of(data, data.split.train)
    order = in_order(data, metric, targets, outputs)
    predictions = together(data, targets, [outputs[k] for k in order])
    right = data.y[data.split.judging]
    return order[: how_many(metric, predictions, right, seed=study.seed)]


def together(data: Data, targets: Targets, outputs: Sequence[Floats]) -> list[NDArray[Any]]:
    """Return what the first network predicts for the judging rows, the first two, and so on.

    `outputs` [judging rows, K] are those of trials: of networks that have not learned from them.
    """
    counts = range(1, len(outputs) + 1)
    return [targets.predictions(averaged(outputs[:n], data.task)) for n in counts]


def in_order(data: Data, metric: Metric, targets: Targets, outputs: Sequence[Floats]) -> list[int]:
    """Return the places of the networks to join, MOST in all, the first one first.

    Each is the one that makes those before it the best together, by the judging rows (forward
    selection, Caruana et al. 2004): it may be none of the best alone, but one that errs elsewhere.
    Where nothing is better than one of them again, its config is trained with another seed.
    """
    right = data.y[data.split.judging]
    terms = [terms_of(each, data.task) for each in outputs]
    picked, total = [0], terms[0]

    def merit(k: int) -> float:
        joined = from_terms((total + terms[k]) / (len(picked) + 1), data.task)
        return metric.merit(metric.of(targets.predictions(joined), right))

    while len(picked) < MOST:
        best = max(range(len(outputs)), key=merit)
        picked, total = [*picked, best], total + terms[best]
    return picked


def how_many(
    metric: Metric, predictions: Sequence[NDArray[Any]], right: NDArray[Any], *, seed: int
) -> int:
    """Return how many networks are to be joined, by `together`'s predictions and what is right.

    The most that are not worse than the best number of them by more than a standard error: the
    first was chosen by these very rows, so that few look better here than they are.
    """
    merits = np.array([metric.merit(metric.of(each, right)) for each in predictions])
    best = int(merits.argmax())
    if not np.isfinite(merits[best]):
        return 1
    chance, rows = rng.stream(seed, "ensemble"), min(len(right), MOST_RESAMPLED)
    gaps = np.empty((RESAMPLES, len(merits)))
    for gap in gaps:
        drawn = chance.integers(0, len(right), rows)
        found = [metric.merit(metric.of(each[drawn], right[drawn])) for each in predictions]
        gap[:] = found[best] - np.array(found) if np.isfinite(found[best]) else 0.0
    finite = np.isfinite(merits)
    errors = np.zeros(len(merits))
    errors[finite] = gaps[:, finite].std(axis=0) * math.sqrt(rows / len(right))
    return int(np.flatnonzero(merits[best] - merits <= errors)[-1]) + 1
