"""What is to be expected of every config that was tried, given all that has been seen."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from tunesmith.search.propose.axes import Axes
from tunesmith.search.propose.candidates import first_untried, keys
from tunesmith.search.propose.losses import spread_out
from tunesmith.search.propose.surrogate import Smoothness, Surrogate, condition, fit

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]
Bools = NDArray[np.bool_]

MODELLED: Final = 128
"""Trials that the model sees at most: then its cost no longer grows."""
GROWTH: Final = 1.25
"""The smoothness is estimated anew when so many times the trials have ended."""


@final
@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """What was known at the last moment when the smoothness was to be estimated."""

    points: Floats
    """[N, D]"""
    losses: Floats
    """[N]"""


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """What is known when a config is proposed."""

    points: Floats
    """[N, D]: of the trials that ended, in the order they ended."""
    losses: Floats
    """[N]; not finite where a trial went wrong."""
    running: Floats
    """[R, D]: of the trials that have not ended."""
    basis: Basis | None = None
    """What the smoothness is estimated from. None: the first of the above."""
    counts: Mapping[bytes, int] | None = None
    """What `trained` says. None: it has to be counted."""
    exact: bool = False
    """Whether second trainings came out as the first did, to the last digit, and none otherwise:
    then another teaches nothing."""

    @property
    def trained(self) -> Mapping[bytes, int]:
        """How often each config was trained or is being trained, by its key."""
        if self.counts is not None:
            return self.counts
        return Counter(keys(np.concatenate([self.points, self.running])))


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forecast:
    """What a model says of every config that was tried, each once."""

    model: Surrogate
    points: Floats
    """[U, D], the smallest mean first."""
    mean: Floats
    """[U]"""
    deviation: Floats
    """[U]"""
    wrong: Bools
    """[N]: which trials of the model went wrong; those that still run are believed not to."""

    def doomed(self, places: Floats) -> Bools:
        """Return [M] which of `places` [M, D] are closest to a trial that went wrong."""
        if not self.wrong.any():
            return np.zeros(len(places), dtype=np.bool_)
        return self.wrong[self.model.closest(places)]

    @property
    def noise(self) -> float:
        """The deviation between trainings of one config."""
        return float(np.sqrt(self.model.variance * self.model.smoothness.noise))


@lru_cache(maxsize=1)  # by identity: a round that opens and its first trial ask for the same
def forecast(axes: Axes, seen: Seen) -> Forecast:
    """Return what is to be expected of the configs tried, given all that is seen."""
    rows = informative(seen.losses)
    smooth = smoothness(axes, seen)
    marks = spread_out(seen.losses)[rows]
    model = condition(seen.points[rows], marks, axes.options, smooth).believing(seen.running)
    mean, deviation = model.at_trials()
    once = np.array(first_untried(model.points, frozenset(), len(mean)))
    order = once[np.argsort(mean[once], kind="stable")]
    wrong = np.zeros(len(mean), dtype=np.bool_)
    wrong[: len(rows)] = ~np.isfinite(seen.losses[rows])
    return Forecast(
        model=model,
        points=model.points[order],
        mean=mean[order],
        deviation=deviation[order],
        wrong=wrong,
    )


def smoothness(axes: Axes, seen: Seen) -> Smoothness:
    """Return the smoothness, as it was when it was last estimated."""
    count = last_estimate(len(seen.losses))
    return _smoothness(axes, seen.basis or Basis(seen.points[:count], seen.losses[:count]))


@lru_cache(maxsize=8)  # by identity: a basis stays the same for many proposals
def _smoothness(axes: Axes, basis: Basis) -> Smoothness:
    rows = informative(basis.losses)
    marks = spread_out(basis.losses)[rows]
    return _estimated(basis.points[rows].tobytes(), marks.tobytes(), axes.options.tobytes())


@lru_cache(maxsize=64)
def _estimated(points: bytes, marks: bytes, options: bytes) -> Smoothness:
    """Return `fit` of these arrays; what was estimated is kept."""
    counts = np.frombuffer(options, dtype=np.intp)
    return fit(np.frombuffer(points).reshape(-1, len(counts)), np.frombuffer(marks), counts)


def last_estimate(ended: int) -> int:
    """Return the last of 1, 2, 3, 4, 5, 7, 9, 12, ... that is not above `ended`."""
    count = 1
    while (after := next_estimate(count)) <= ended:
        count = after
    return count


def next_estimate(count: int) -> int:
    """Return at how many trials the smoothness is estimated anew after `count`."""
    return max(count + 1, math.ceil(count * GROWTH))


def informative(losses: Floats) -> Whole:
    """Return which of N trials the model sees, in order: the best, and some of all others."""
    if len(losses) <= MODELLED:
        return np.arange(len(losses))
    order = np.argsort(np.where(np.isfinite(losses), losses, np.inf), kind="stable")
    half = MODELLED // 2
    others = np.linspace(half, len(losses) - 1, MODELLED - half).astype(np.intp)
    return np.sort(np.concatenate([order[:half], order[others]]))
