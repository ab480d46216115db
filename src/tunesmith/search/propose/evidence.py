"""A history as a model sees it: arrays that grow with it."""

from typing import TypeVar, final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from tunesmith.history import History
from tunesmith.search.propose.axes import Axes
from tunesmith.search.propose.forecast import Seen
from tunesmith.trial import State

Floats = NDArray[np.float64]
Number = TypeVar("Number", np.float64, np.intp)


@final
class Evidence:
    """What a history's trials say: their points, and the losses of those that ended, in order.

    Reading it costs only what is new since it was last read, and when it was read changes nothing.
    A trial that runs, or was stopped before its last epoch, says nothing; one that went wrong has
    an infinite loss.
    """

    def __init__(self, axes: Axes) -> None:
        self._axes = axes
        self._points: Floats = np.empty((0, len(axes.options)))
        """Of all trials, by number."""
        self._order: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        """The trials in the order they ended first."""
        self._losses: Floats = np.empty(0)
        """Of these; NaN for one that says nothing."""
        self._known = self._read = 0
        self._place: dict[int, int] = {}

    def read(self, history: History) -> Seen:
        """Return all that is known now."""
        for trial in history.trials[self._known :]:
            self._points = _with_room(self._points, trial.number + 1)
            self._points[trial.number] = self._axes.encode(trial.config)
        self._known = len(history.trials)
        for ending in history.endings[self._read :]:
            self._take(history, ending.number)
        self._read = len(history.endings)
        losses = self._losses[: len(self._place)].copy()
        running = list(history.running)
        losses[[self._place[number] for number in running if number in self._place]] = np.nan
        told = ~np.isnan(losses)
        return Seen(
            points=self._points[self._order[: len(losses)][told]],
            losses=losses[told],
            running=self._points[running],
        )

    def _take(self, history: History, number: int) -> None:
        """Take the loss of a trial that ended."""
        trial, place = history.trials[number], self._place.setdefault(number, len(self._place))
        self._order = _with_room(self._order, place + 1)
        self._losses = _with_room(self._losses, place + 1)
        self._order[place] = number
        told = history.study.loss(trial) if trial.state is State.DONE else np.nan
        self._losses[place] = np.inf if trial.state.bad else told


_KEPT: WeakKeyDictionary[History, Evidence] = WeakKeyDictionary()


def seen(axes: Axes, history: History) -> Seen:
    """Return what `history` says; what was read of it before is kept."""
    kept = _KEPT.get(history)
    if kept is None:
        kept = _KEPT[history] = Evidence(axes)
    return kept.read(history)


def _with_room(array: NDArray[Number], length: int) -> NDArray[Number]:
    """Return `array`, or a copy twice as long where `length` entries do not fit."""
    if length <= len(array):
        return array
    longer = np.empty((2 * length, *array.shape[1:]), dtype=array.dtype)
    longer[: len(array)] = array
    return longer
