"""Trials that can be compared: those that were judged after the same number of epochs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from tunesmith import rungs
from tunesmith.history import History
from tunesmith.search.propose.axes import axes_of
from tunesmith.search.propose.losses import spread_out
from tunesmith.space import Space
from tunesmith.study import Study

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]
Bools = NDArray[np.bool_]

ENOUGH: Final = 20
"""Trials of one rung from which a model can say something."""


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """N trials that were judged after `epochs` epochs, the best first."""

    epochs: int
    numbers: Whole
    """[N]"""
    points: Floats
    """[N, D], as in Axes"""
    losses: Floats
    """[N], ascending; infinite for what went wrong on the way."""

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def usable(self) -> int:
        """How many have a finite loss."""
        return int(np.isfinite(self.losses).sum())

    @property
    def marks(self) -> Floats:
        """The losses [N] as a model likes them, with mean 0 and variance 1."""
        return spread_out(self.losses)

    def among(self, rows: Whole | Bools) -> "Judged":
        """Return those at `rows`, which keep their order."""
        return Judged(
            epochs=self.epochs,
            numbers=self.numbers[rows],
            points=self.points[rows],
            losses=self.losses[rows],
        )

    def thinned(self, most: int) -> "Judged":
        """Return at most so many of them, evenly by rank, the best and the worst included."""
        if len(self) <= most:
            return self
        return self.among(np.linspace(0, len(self) - 1, most).astype(np.intp))

    def scattered(self, most: int) -> "Judged":
        """Return at most so many of them, as far apart as can be, beginning with the best.

        A search that closes in has most of its trials in one place; these stand for the whole
        space. Each is the one farthest from those before (Gonzalez 1985).
        """
        if len(self) <= most:
            return self
        chosen, lengths = [0], (self.points**2).sum(axis=1)
        apart = np.full(len(self), np.inf)
        while len(chosen) < most:
            last = chosen[-1]
            products = self.points @ self.points[last]
            np.minimum(apart, lengths + lengths[last] - 2.0 * products, out=apart)
            chosen.append(int(apart.argmax()))
        return self.among(np.sort(chosen))


_KEPT: WeakKeyDictionary[History, tuple[int, tuple[Judged, ...]]] = WeakKeyDictionary()
_POINTS: WeakKeyDictionary[History, tuple[Space, Floats]] = WeakKeyDictionary()
"""[N, D] of the trials so far: a config changes its place only where the space does."""


def judged(study: Study, history: History) -> tuple[Judged, ...]:
    """Return the rungs on which trials were judged, the shortest first.

    They are kept as long as the history does not change.
    """
    kept = _KEPT.get(history)
    if kept is None or kept[0] != history.version:
        kept = _KEPT[history] = history.version, _judged(study, history)
    return kept[1]


def highest(found: Sequence[Judged], least: int = ENOUGH) -> Judged | None:
    """Return the longest rung on which so many trials have a finite loss; None if there is none."""
    return next((rung for rung in reversed(found) if rung.usable >= least), None)


def _judged(study: Study, history: History) -> tuple[Judged, ...]:
    points = _points(study, history)
    held = [trial for trial in history.trials if trial.number not in history.outside]
    found = []
    for epochs in sorted({ending.epochs for ending in history.endings}):
        trials = rungs.ranked(study, held, epochs)
        if trials:
            numbers = np.array([trial.number for trial in trials])
            losses = np.array([study.loss_at(trial, epochs) for trial in trials])
            found.append(
                Judged(epochs=epochs, numbers=numbers, points=points[numbers], losses=losses)
            )
    return tuple(found)


def _points(study: Study, history: History) -> Floats:
    """Return the points [N, D] of all trials, 0 for those outside the space as it is now."""
    axes = axes_of(study.space)
    space, points = _POINTS.get(history, (None, np.empty(0)))
    if space != study.space:
        points = np.empty((0, len(axes.options)))
    more = np.zeros((len(history.trials) - len(points), len(axes.options)))
    new = [t for t in history.trials[len(points) :] if t.number not in history.outside]
    more[[t.number - len(points) for t in new]] = axes.encode_all([t.config for t in new])
    points = np.concatenate([points, more])
    _POINTS[history] = study.space, points
    return points


def epochs_text(epochs: int) -> str:
    """Write a number of epochs, such as "1 epoch"."""
    return f"{epochs} epoch{'s' if epochs > 1 else ''}"


def after(study: Study, epochs: int) -> str:
    """Write " after 9 epochs", or nothing where a full training is one epoch."""
    return f" after {epochs_text(epochs)}" if study.epochs > 1 else ""
