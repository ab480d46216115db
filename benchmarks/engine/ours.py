"""Our side of a comparison of steps, and what it allocates."""

import math
import os
import tracemalloc
from pathlib import Path
from time import perf_counter
from typing import NamedTuple, final

from numba.core.runtime import rtsys

from benchmarks.engine.job import network, rows, training
from benchmarks.engine.shapes import Shape
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.train import Training, warm_up

FEW, MANY = 5, 35
"""Batches of two epochs whose allocations are compared; each epoch is one compiled call."""


class Allocated(NamedTuple):
    """What training allocates."""

    per_call: int
    """By numba's runtime, in an epoch of FEW batches: it wraps the arrays that it is given."""
    per_step: float
    """How many more in each further step."""
    python_bytes: int
    """Peak of what Python allocates while an epoch runs: numbers and tuples."""
    resident_bytes: float
    """By how much the process grew over a turn; NaN where the system does not say."""


@final
class Ours:
    """Our engine on the one core it is given."""

    def __init__(self) -> None:
        warm_up()

    def prepare(self, shape: Shape) -> None:
        """Make a training of the shape ready; nothing is compiled for it."""
        self._shape, self._training = shape, training(shape)

    def turn(self) -> tuple[float, float]:
        """Train for a turn; return its seconds and the mean loss of its last epoch."""
        loss, began = 0.0, perf_counter()
        for _ in range(self._shape.epochs):
            loss = self._training.train_epoch()
        return perf_counter() - began, loss

    def allocations(self) -> Allocated:
        """Count what training of the shape allocates."""
        few, many = (self._counted(batches) for batches in (FEW, MANY))
        epoch = self._training.train_epoch
        tracemalloc.start()
        epoch()
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        epoch()
        python_bytes = tracemalloc.get_traced_memory()[1] - before
        tracemalloc.stop()
        resident = _resident()
        self.turn()
        grown = _resident() - resident
        return Allocated(few, (many - few) / (MANY - FEW), python_bytes, grown)

    def _counted(self, batches: int) -> int:
        """Return the allocations of numba's runtime in an epoch of so many batches."""
        shape, count = self._shape, batches * self._shape.batch
        (x, labels), recipe = rows(shape), Recipe(batch_size=shape.batch)
        part = Training(network(shape), recipe, x[:count], labels[:count], seed=0)
        part.train_epoch()
        before = rtsys.get_allocation_stats().alloc
        part.train_epoch()
        return int(rtsys.get_allocation_stats().alloc - before)


def _resident() -> float:
    """Return the bytes of this process that are in memory."""
    told = Path("/proc/self/statm")
    return (
        int(told.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if told.exists() else math.nan
    )
