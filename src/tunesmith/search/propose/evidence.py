"""A history as a model sees it: arrays that grow with it."""

from collections import Counter
from typing import Final, TypeVar, final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from tunesmith.history import Ending, History
from tunesmith.search.propose.axes import Axes
from tunesmith.search.propose.candidates import keys
from tunesmith.search.propose.forecast import Basis, Seen, next_estimate
from tunesmith.search.propose.losses import comparable

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]
Number = TypeVar("Number", np.float64, np.intp)

ALIKE: Final = 3
"""So many second trainings have to come out as the first did before all are said to: where losses
are coarse, two agree by chance now and then."""


@final
class Evidence:
    """What a history's trials say: their points, and the losses of those that ended, in order.

    Reading it costs only what is new since it was last read, and when it was read changes nothing.
    A trial says what was measured at the end of the epochs it was given, on every rung it came to.
    One that was stopped before says nothing; one that went wrong has an infinite loss.
    """

    def __init__(self, axes: Axes) -> None:
        self._axes = axes
        self._points: Floats = np.empty((0, len(axes.options)))
        """Of all trials, by number."""
        self._order: Whole = np.empty(0, dtype=np.intp)
        """The trials that say something, in the order they said it first."""
        self._place: dict[int, int] = {}
        """Where they are in that order."""
        self._said = 0
        """How often something was said: once for every rung that a trial came to."""
        self._who: Whole = np.empty(0, dtype=np.intp)
        """By which of them, by place."""
        self._epochs: Whole = np.empty(0, dtype=np.intp)
        """After how many epochs."""
        self._losses: Floats = np.empty(0)
        """And what."""
        self._trained: Counter[bytes] = Counter()
        """How often each config was trained to say something, or is being trained."""
        self._first: dict[tuple[bytes, int], float] = {}
        """What the first training of a config said after so many epochs."""
        self._alike = 0
        """How many trainings said what the first had."""
        self._unlike = False
        """Whether any said something else."""
        self._known = self._read = 0
        self._basis: Basis | None = None
        self._due = 1

    def read(self, history: History) -> Seen:
        """Return all that is known now."""
        for trial in history.trials[self._known :]:
            self._points = _with_room(self._points, trial.number + 1)
            if trial.number not in history.outside:
                self._points[trial.number] = self._axes.encode(trial.config)
                self._trained[self._key(trial.number)] += 1
        self._known = len(history.trials)
        for ending in history.endings[self._read :]:
            if ending.number not in history.outside:
                self._take(history, ending)
        self._read = len(history.endings)
        points, losses = self._told()
        running = [
            number
            for number in history.running
            if number not in self._place and number not in history.outside
        ]
        return Seen(
            points=points,
            losses=losses,
            running=self._points[running],
            basis=self._basis,
            counts=self._trained,
            exact=self._exact,
        )

    def longest(self, history: History) -> Seen:
        """Return what is known of the trials that were trained the longest, as it was measured."""
        self.read(history)
        said = slice(self._said)
        finite = np.isfinite(self._losses[said])
        epochs = int(self._epochs[said][finite].max(initial=0))
        rows = np.flatnonzero(self._epochs[said] == epochs)
        numbers = self._order[self._who[rows]]
        running = [
            number
            for number in history.running
            if history.trials[number].epochs == epochs and number not in history.outside
        ]
        return Seen(
            points=self._points[numbers],
            losses=self._losses[rows],
            running=self._points[running],
            exact=self._exact,
        )

    def _take(self, history: History, ending: Ending) -> None:
        """Take what a trial says that ended."""
        trial, loss = history.trials[ending.number], history.study.loss_at
        if trial.state.bad and trial.epochs == ending.epochs:
            told = np.inf
        elif any(m.epoch == ending.epochs for m in reversed(trial.measurements)):
            told = loss(trial, ending.epochs)
        else:
            if ending.number not in self._place:
                self._forget(ending.number)
            return
        fresh = ending.number not in self._place
        if fresh:
            place = self._place[ending.number] = len(self._place)
            self._order = _with_room(self._order, place + 1)
            self._order[place] = ending.number
        said = self._said = self._said + 1
        self._who, self._epochs = _with_room(self._who, said), _with_room(self._epochs, said)
        self._losses = _with_room(self._losses, said)
        self._who[said - 1], self._epochs[said - 1] = self._place[ending.number], ending.epochs
        self._losses[said - 1] = told
        self._compare(ending, told)
        if fresh and len(self._place) == self._due:
            self._basis, self._due = Basis(*self._told()), next_estimate(self._due)

    def _compare(self, ending: Ending, told: float) -> None:
        """Note whether a trial says what the first training of its config did."""
        key = self._key(ending.number), ending.epochs
        if key not in self._first:
            self._first[key] = told
        elif not np.isfinite([told, self._first[key]]).any():
            return
        elif told == self._first[key]:
            self._alike += 1
        else:
            self._unlike = True

    @property
    def _exact(self) -> bool:
        return self._alike >= ALIKE and not self._unlike

    def _forget(self, number: int) -> None:
        """Let the config of a trial that said nothing be one that may be tried."""
        key = self._key(number)
        self._trained[key] -= 1
        if not self._trained[key]:
            del self._trained[key]

    def _key(self, number: int) -> bytes:
        return keys(self._points[number, None])[0]

    def _told(self) -> tuple[Floats, Floats]:
        """Return the points and losses of all that say something."""
        said, trials = slice(self._said), len(self._place)
        who, epochs, losses = self._who[said], self._epochs[said], self._losses[said]
        return self._points[self._order[:trials]], comparable(who, epochs, losses, trials)


_KEPT: WeakKeyDictionary[History, tuple[int, Evidence]] = WeakKeyDictionary()
"""How often a study had been amended, and what was read of it since."""


def evidence(axes: Axes, history: History) -> Evidence:
    """Return what was read of `history` before; it is kept until the study is amended."""
    kept, amended = _KEPT.get(history), len(history.amendments)
    if kept is None or kept[0] != amended:
        kept = _KEPT[history] = amended, Evidence(axes)
    return kept[1]


def seen(axes: Axes, history: History) -> Seen:
    """Return all that `history` says."""
    return evidence(axes, history).read(history)


def longest(axes: Axes, history: History) -> Seen:
    """Return what `history` says of the trials that were trained the longest."""
    return evidence(axes, history).longest(history)


def _with_room(array: NDArray[Number], length: int) -> NDArray[Number]:
    """Return `array`, or a copy twice as long where `length` entries do not fit."""
    if length <= len(array):
        return array
    longer = np.empty((2 * length, *array.shape[1:]), dtype=array.dtype)
    longer[: len(array)] = array
    return longer
