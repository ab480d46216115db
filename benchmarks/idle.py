"""How much of the time workers wait for a decision, real ones and simulated ones.

Every training of a study takes its own time, an epoch of one many times that of another. Decisions
are made in virtual time, and so a worker may have to wait for another's outcome. The simulated
workers are an executor whose clock is arithmetic; the real ones are threads that sleep.
"""

import argparse
import heapq
import math
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import final

import tunesmith as ts
from benchmarks.options import at_least
from benchmarks.report import Report
from tunesmith import rng
from tunesmith.driver import drive
from tunesmith.executors.attempt import Attempt, run_with
from tunesmith.executors.protocol import Executor, Outcome, Task
from tunesmith.executors.threads import ThreadExecutor
from tunesmith.ledger import question
from tunesmith.search.protocol import Search
from tunesmith.store.memory import MemoryStore
from tunesmith.study import Study

TITLE = "the share of time that workers wait, in virtual time"

EPOCHS = 27
SPREADS = (0.2, 0.5)
"""Deviations of the logarithm (base 10) of an epoch's duration, between trials."""
HALVING = ts.RandomSearch(ladder=ts.AsyncHalving())
IN_FULL = ts.CoarseToFine(stop_early=False)
"""The default search: it uses half of its slots for the last trainings of a budget."""
IN_FULL_TRIALS = (25, 50, 100)
REAL_EPOCH = 0.01
"""Seconds of a real worker's median epoch: far more than a decision takes."""
SPACE = ts.Space(rate=ts.Float(1e-4, 1.0, scale=ts.LOG), units=ts.Int(16, 256, scale=ts.LOG))
SETTINGS = ((2, 4), (2, 8), (8, 4), (8, 8), (8, 16), (8, 32))
"""Workers, and slots of the study, with halving; those with full trainings are the first two."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    parser.add_argument("--trials", type=at_least(20), default=400, help="(%(default)s)")
    parser.add_argument("--seeds", type=at_least(1), default=5, help="(%(default)s)")


def run(options: argparse.Namespace) -> Report:
    """Run studies with simulated workers, by halving and in full, then one with two real ones."""
    rows, shares = [], {}
    for spread in SPREADS:
        for workers, slots in SETTINGS:
            found = [
                simulated(workers, slots, spread, options.trials, seed)
                for seed in range(options.seeds)
            ]
            shares[f"{workers} workers, {slots} slots, spread {spread}"] = found
            rows.append(row(f"{workers} simulated", slots, spread, found))
        for trials in IN_FULL_TRIALS:
            for workers, slots in SETTINGS[:2]:
                found = [
                    simulated(workers, slots, spread, trials, seed, IN_FULL)
                    for seed in range(options.seeds)
                ]
                named = f"{workers} simulated, {trials} full trainings"
                shares[f"{named}, {slots} slots, spread {spread}"] = found
                rows.append(row(named, slots, spread, found))
        real = [with_threads(2, 4, spread, options.trials // 4, seed) for seed in range(3)]
        shares[f"2 real workers, 4 slots, spread {spread}"] = real
        rows.append(row("2 real", 4, spread, real))
    return Report(
        title=f"Time spent waiting, {options.trials} trials of up to {EPOCHS} epochs, eta 4",
        columns=["workers", "slots", "epochs differ by", "idle"],
        rows=rows,
        notes=[
            "epochs differ by: the factor between trials one deviation apart, log-normal",
            "the wait at a study's end, when nothing is left to begin, counts too",
        ],
        figures={"idle": shares},
    )


def row(workers: str, slots: int, spread: float, shares: Sequence[float]) -> list[str]:
    """Return a line of the table."""
    return [workers, str(slots), f"{10**spread:.1f}", f"{median(shares):.1%}"]


def loss(attempt: Attempt) -> float:
    """Return a loss that no clock touches."""
    noise = rng.stream(5, attempt.number).standard_normal()
    rate = attempt["rate"]
    assert isinstance(rate, float)
    return abs(math.log10(rate) + 1.5) + 0.3 * float(noise)


def seconds(number: int, epochs: int, spread: float) -> float:
    """Return how long a trial takes for so many epochs, in median epochs."""
    return epochs * float(10 ** (spread * rng.stream(6, number).standard_normal()))


@final
class Simulated(Executor):
    """Workers whose time is counted, not spent."""

    def __init__(self, workers: int, spread: float) -> None:
        self.clock = self.busy = 0.0
        self._spread = spread
        self._run = run_with(quick)
        self._free = workers
        self._workers = workers
        self._waiting: deque[Task] = deque()
        self._running: list[tuple[float, int, Task]] = []

    @property
    def workers(self) -> int:
        """How many there are."""
        return self._workers

    def submit(self, task: Task) -> None:
        """Take a task; a free worker begins it at once."""
        self._waiting.append(task)
        self._begin()

    def next_outcome(self, timeout: float | None = None) -> Outcome | None:  # noqa: ARG002  no clock runs
        """Let the clock run to the next end of a task."""
        self.clock, _, task = heapq.heappop(self._running)
        self._free += 1
        self._begin()
        return self._run(task, lambda: False)

    def stop(self) -> list[Outcome]:
        """Nothing is left to stop."""
        return []

    def _begin(self) -> None:
        while self._free and self._waiting:
            task = self._waiting.popleft()
            lasts = seconds(task.number, task.epochs - task.trained, self._spread)
            heapq.heappush(self._running, (self.clock + lasts, task.number, task))
            self.busy += lasts
            self._free -= 1


def quick(attempt: Attempt) -> None:
    """Train in no time."""
    for _ in attempt.epochs:
        attempt.record(loss=loss(attempt))


def slow(count: Callable[[float], None], spread: float) -> Callable[[Attempt], None]:
    """Return a training that sleeps, and tells `count` for how long."""

    def train(attempt: Attempt) -> None:
        began = time.monotonic()
        lasts = REAL_EPOCH * seconds(attempt.number, 1, spread)
        for _ in attempt.epochs:
            time.sleep(lasts)
            attempt.record(loss=loss(attempt))
        count(time.monotonic() - began)

    return train


def simulated(
    workers: int, slots: int, spread: float, trials: int, seed: int, search: Search = HALVING
) -> float:
    """Return the share of time that simulated workers wait."""
    executor = Simulated(workers, spread)
    play(executor, slots, trials, seed, search)
    return 1.0 - executor.busy / (workers * executor.clock)


def with_threads(workers: int, slots: int, spread: float, trials: int, seed: int) -> float:
    """Return the share of time that real threads wait."""
    spent: list[float] = []
    began = time.monotonic()
    with ThreadExecutor(run_with(slow(spent.append, spread)), workers) as executor:
        play(executor, slots, trials, seed)
        passed = time.monotonic() - began
    return 1.0 - sum(spent) / (workers * passed)


def play(executor: Executor, slots: int, trials: int, seed: int, search: Search = HALVING) -> None:
    """Run a study to its end."""
    study = Study(
        space=SPACE,
        search=search.settings(),
        seed=seed,
        epochs=EPOCHS,
        trials=trials,
        slots=slots,
    )
    store = MemoryStore()
    store.append(question(study))
    with tempfile.TemporaryDirectory() as folder:
        drive(study, executor, store, Path(folder))
