"""Virtual workers: the clock by which decisions are made, whatever the real workers do.

Their clock counts epochs. A trial's training takes as long as the epochs it was given, so the
order in which outcomes are seen depends on nothing real: one worker or eight, a stop and a
resume, give the same study.
"""

import heapq
from typing import final


@final
class VirtualWorkers:
    """`slots` workers, or with None as many as there are trials (for searches that never look)."""

    def __init__(self, slots: int | None) -> None:
        self.clock = 0
        self._slots = slots
        self._running: list[tuple[int, int]] = []

    @property
    def free(self) -> bool:
        """Whether a worker is idle."""
        return self._slots is None or len(self._running) < self._slots

    def assign(self, number: int, epochs: int) -> None:
        """Give a trial to an idle worker, for so many epochs from now on."""
        # Without slots every trial starts at once, so that they end in order of their number.
        end = 0 if self._slots is None else self.clock + epochs
        heapq.heappush(self._running, (end, number))

    @property
    def next(self) -> int | None:
        """The trial that ends next, ties broken by its number; None if none is running."""
        return self._running[0][1] if self._running else None

    def release(self) -> None:
        """Let the clock run to the end of that trial and free its worker."""
        self.clock, _ = heapq.heappop(self._running)

    def leave(self, number: int) -> None:
        """Free the worker of trial `number` at once; the clock stays where it is."""
        self._running = [place for place in self._running if place[1] != number]
        heapq.heapify(self._running)
