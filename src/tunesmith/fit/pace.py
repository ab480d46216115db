"""How busy the machine is: the seconds that trainings take, beside those that they compute."""

import time
from collections import deque
from threading import Lock
from typing import Final, final

from tunesmith.trial import Trial

RECENT: Final = 64
"""Epochs by which the machine is judged: the last ones, since other work comes and goes."""

QUANTILE: Final = 0.9
"""Of these epochs' slowdowns; the slowest tenth are hiccups, for which there is the margin."""

SHORTEST: Final = 1e-3
"""Seconds below which an epoch says more of the clock than of the machine."""


@final
class Pace:
    """Wall and processor time of the epochs of a search, added from any thread.

    An epoch is computed by one thread, so that its wall time is its processor time where nothing
    else runs. On a busy machine the thread waits for a core as well.
    """

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=RECENT)
        self._trials: dict[int, tuple[float, float]] = {}
        self._lock = Lock()

    def add(self, number: int, wall: float, processor: float) -> None:
        """Add an epoch of trial `number`: both in seconds."""
        with self._lock:
            walls, processors = self._trials.get(number, (0.0, 0.0))
            self._trials[number] = (walls + wall, processors + processor)
            if wall >= SHORTEST and processor > 0:
                self._recent.append(max(1.0, wall / processor))

    @property
    def slowdown(self) -> float:
        """How many times as long an epoch takes now as on an idle machine, 1 or more."""
        with self._lock:
            ordered = sorted(self._recent)
        return ordered[int(QUANTILE * len(ordered))] if ordered else 1.0

    def expected(self, trial: Trial) -> float:
        """Return the seconds that the training of `trial` would take if it were repeated now.

        A trial of an earlier run, of which only the wall time is stored, counts with all of it.
        """
        with self._lock:
            wall, processor = self._trials.get(trial.number, (0.0, 0.0))
        idle = min(1.0, processor / wall) if wall > 0 else 1.0
        return trial.seconds * idle * self.slowdown


@final
class Stopwatch:
    """Measures one epoch at a time, in the thread that trains it."""

    def __init__(self, pace: Pace, number: int) -> None:
        self._pace, self._number = pace, number
        self._wall, self._processor = time.monotonic(), time.thread_time()

    def lap(self) -> None:
        """Add the time since the last lap to the pace."""
        wall, processor = time.monotonic(), time.thread_time()
        self._pace.add(self._number, wall - self._wall, processor - self._processor)
        self._wall, self._processor = wall, processor
