"""Random search without stopping: what it would have found for the same epochs, an estimate."""

from dataclasses import dataclass
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from tunesmith.arithmetic import median
from tunesmith.history import History
from tunesmith.trial import Origin, Trial

FEWEST: Final = 8
"""Fewer trials drawn from the whole space say too little of it."""
FEWEST_FULL: Final = 3
"""With fewer trials trained in full nothing is said of what those that were stopped would have."""
POINTS: Final = 48
"""Points of the line at most."""


@final
@dataclass(frozen=True, slots=True)
class Estimate:
    """What the best of so many configs would be on average, each trained in full."""

    trials: int
    """How many it rests on: trials whose configs were drawn from the whole space."""
    line: tuple[tuple[int, float], ...]
    """Epochs spent, and the loss of the best that they buy."""


def estimate(history: History) -> Estimate | None:
    """Return the estimate, as far as its trials and the epochs spent reach; None for too few.

    A trial that was stopped is taken to have gained from there what those trained in full gained,
    at the median; one that went wrong counts as the worst.
    """
    full, gains = history.study.epochs, _gains(history)
    if not gains:
        return None
    losses = np.array([_loss(history, trial, gains) for trial in history.trials if _drawn(trial)])
    usable = losses[np.isfinite(losses)]
    most = min(len(losses), history.epochs // full)
    if len(usable) < FEWEST or not most:
        return None
    losses[~np.isfinite(losses)] = usable.max()
    losses.sort()
    counts = sorted({round(float(count)) for count in np.geomspace(1, most, POINTS)})
    return Estimate(len(losses), tuple((n * full, least_expected(losses, n)) for n in counts))


def least_expected(losses: NDArray[np.float64], count: int) -> float:
    """Return the mean of the smallest of `count` of the sorted losses, over all such choices.

    The smallest is the i-th of n (from 0) in C(n - 1 - i, count - 1) of C(n, count) choices.
    """
    n = len(losses)
    at = np.arange(n - 1)
    ratios = np.maximum(n - at - count, 0) / (n - 1 - at)
    weights = count / n * np.cumprod(np.concatenate([[1.0], ratios]))
    with np.errstate(over="ignore"):  # the weights may add up to a little more than 1
        found = float(weights @ losses)
    return min(max(found, float(losses[0])), float(losses[-1]))


def _drawn(trial: Trial) -> bool:
    return trial.origin is Origin.ANYWHERE and trial.state.ended


def _loss(history: History, trial: Trial, gains: dict[int, float]) -> float:
    """Return what a trial's loss would be after a full training; inf where that is not known."""
    if trial.state.bad:
        return float("inf")
    return history.study.loss(trial) + gains.get(trial.epochs_trained, float("inf"))


def _gains(history: History) -> dict[int, float]:
    """Return by how much a loss changes from so many epochs to a full training, at the median."""
    study = history.study
    full = [t for t in history.trials if t.epochs_trained == study.epochs and study.usable(t)]
    if len(full) < FEWEST_FULL:
        return {}
    reached = {t.epochs_trained for t in history.trials if _drawn(t)} - {0}
    found = {}
    for epochs in reached:
        gained = [study.loss(t) - study.loss_at(t, epochs) for t in full]
        known = [gain for gain in gained if np.isfinite(gain)]
        if known:
            found[epochs] = median(known)
    return found
