"""By how much a search flatters itself: the best of many on the same rows is partly the luckiest.

Each network trained in full is judged on two halves of the validation rows as well. The best by
one half is compared, there and in the other half, with the average network: what it loses is the
luck it was chosen for. Selection on half of the rows is luckier than on all of them. Under normal
noise the bias of the best is (variance of the noise) / (deviation of what is measured) times a
number that depends on how many there are; with r, the correlation between the halves over the
networks, all rows have 1 / sqrt(2 (1 + r)) of the halves' bias.
"""

import math
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tunesmith import rng
from tunesmith.arithmetic import scaled
from tunesmith.study import Goal, Study
from tunesmith.trial import Trial

FEWEST: Final = 5
"""Networks trained in full below which nothing is said."""


def halves(rows: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places of two halves of so many validation rows, by chance, each ascending."""
    order = rng.stream(seed, "halves").permutation(rows)
    return np.sort(order[: rows // 2]), np.sort(order[rows // 2 :])


def half_names(metric: str) -> tuple[str, str]:
    """Return what the metric of each half is called."""
    return f"{metric}_a", f"{metric}_b"


def optimism(study: Study, trials: Iterable[Trial]) -> float | None:
    """Return how much better the best validation metric looks than it is, 0 or more.

    In the metric's own unit; None where fewer than FEWEST networks were trained in full, or where
    it is more than a float can hold.
    """
    names = half_names(study.metric)
    pairs = [_pair(trial, names) for trial in trials if study.usable(trial)]
    found = np.array([pair for pair in pairs if all(map(math.isfinite, pair))])
    if len(found) < FEWEST:
        return None
    found, exponent = scaled(found)
    merit = found if study.goal is Goal.MAX else -found
    merit = merit - merit.mean(axis=0)
    chosen = merit.argmax(axis=0)
    luck = [merit[chosen[half], half] - merit[chosen[half], 1 - half] for half in (0, 1)]
    much = max(0.0, float(np.mean(luck)) / math.sqrt(2 * (1 + _agreement(merit))))
    try:
        return math.ldexp(much, exponent)
    except OverflowError:
        return None


def _pair(trial: Trial, names: tuple[str, str]) -> tuple[float, ...]:
    metrics = trial.measurements[-1].metrics if trial.measurements else {}
    return tuple(metrics.get(name, math.nan) for name in names)


def _agreement(merit: NDArray[np.float64]) -> float:
    """Return the correlation of the two halves over the networks, 0 at least."""
    spread = merit.std(axis=0)
    if not spread.all():
        return 0.0
    return max(0.0, float(np.mean(merit[:, 0] * merit[:, 1]) / (spread[0] * spread[1])))
