"""How trials stand on every rung of a ladder, kept up to date as a history grows."""

import math
from bisect import bisect_left, insort
from typing import final
from weakref import WeakKeyDictionary

from tunesmith.history import History
from tunesmith.study import Study
from tunesmith.trial import State

Place = tuple[float, int]
"""Loss and number of a trial: the smaller, the better."""


@final
class Standing:
    """The trials that were judged on one rung."""

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs
        self.places: list[Place] = []
        """Of all that were judged here, the best first; what went wrong is last."""
        self._paused: list[Place] = []
        """Those that wait here, the best first; among them some that have gone on."""

    def add(self, place: Place, *, paused: bool) -> None:
        """Take a trial that came here, or went wrong on the way."""
        insort(self.places, place)
        if paused:
            insort(self._paused, place)

    def best(self, history: History) -> Place | None:
        """Return the best of those that wait here."""
        return next(iter(self.waiting(history, most=1)), None)

    def waiting(self, history: History, *, most: int) -> list[Place]:
        """Return the `most` best of those that wait here, in order."""
        found: list[Place] = []
        gone: list[Place] = []
        for place in self._paused:
            trial = history.trials[place[1]]
            waits = trial.state is State.PAUSED and trial.epochs == self.epochs
            (found if waits else gone).append(place)
            if len(found) == most:
                break
        for place in gone:  # who went on never comes back to this rung
            del self._paused[bisect_left(self._paused, place)]
        return found

    def rank(self, place: Place) -> int:
        """Return how many are better."""
        return bisect_left(self.places, place)


@final
class Standings:
    """The standing of every rung, by its epochs.

    Reading it costs only what is new since it was last read, and when it was read changes nothing.
    """

    def __init__(self) -> None:
        self._read = 0
        self._by_epochs: dict[int, Standing] = {}

    def read(self, history: History) -> dict[int, Standing]:
        """Return all that is known now."""
        study = history.study
        for number, epochs in history.endings[self._read :]:
            if number in history.outside:
                continue
            trial = history.trials[number]
            came = any(m.epoch == epochs for m in reversed(trial.measurements))
            if came or trial.state.bad:
                standing = self._by_epochs.setdefault(epochs, Standing(epochs))
                place = (study.loss_at(trial, epochs), number)
                standing.add(place, paused=came and epochs < study.epochs)
        self._read = len(history.endings)
        return self._by_epochs


_KEPT: WeakKeyDictionary[History, tuple[int, Standings]] = WeakKeyDictionary()
"""How many amendments there were, by which trials may be outside of the ranges; and what was read
since."""


def standings(history: History) -> dict[int, Standing]:
    """Return how trials stand on every rung that was reached; what was read before is kept.

    Those that the space no longer holds are left out.
    """
    amended = len(history.amendments)
    kept = _KEPT.get(history)
    if kept is None or kept[0] != amended:
        kept = _KEPT[history] = amended, Standings()
    return kept[1].read(history)


def complete(study: Study, history: History) -> bool:
    """Return whether a trial was trained in full, and came through."""
    top = standings(history).get(study.epochs)
    return top is not None and math.isfinite(top.places[0][0])
