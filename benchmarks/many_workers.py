"""A study with very many simulated workers: decisions a second, its file, its memory.

The workers' time is arithmetic (see idle.py), but all else is real: the search, virtual time, the
study file and its commits. What comes out is how many trials a driver can keep up with, whoever
trains them.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import final

import tunesmith as ts
from benchmarks.idle import EPOCHS, SPACE, Simulated
from benchmarks.options import at_least
from benchmarks.report import Report, progress
from tunesmith.driver import drive
from tunesmith.ledger import question
from tunesmith.search.protocol import Search
from tunesmith.store.store import Store
from tunesmith.study import Study

TITLE = "decisions a second, file and memory, with up to 10,000 simulated workers"

SPREAD = 0.2
"""The deviation of the logarithm (base 10) of an epoch's duration, between trials."""
SLOTS_EACH = 2
"""Virtual workers for each simulated one."""
WARMING = 40
"""Trials of the study before."""
SEARCHES: Sequence[tuple[str, Search, Sequence[int]]] = (
    ("random", ts.RandomSearch(ladder=ts.AsyncHalving()), (10, 100, 1000, 10_000)),
    ("coarse to fine", ts.CoarseToFine(ladder=ts.AsyncHalving()), (10, 100, 1000)),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    add = parser.add_argument
    add("--trials", type=at_least(100), default=20_000, help="by random search (%(default)s)")
    add("--searched", type=at_least(100), default=4000, help="by coarse to fine (%(default)s)")


@final
@dataclass(frozen=True, slots=True)
class Load:
    """What a study asked of its driver."""

    search: str
    workers: int
    trials: int
    decisions: int
    """Starts and promotions."""
    seconds: float
    file_bytes: int
    grown_bytes: int
    """Of the driver's resident memory."""

    def row(self) -> list[str]:
        """Return its line of the table."""
        return [
            self.search,
            f"{self.workers:,}",
            f"{self.trials:,}",
            f"{self.decisions / self.seconds:.0f}",
            f"{self.file_bytes / self.trials:.0f}",
            f"{self.grown_bytes / self.trials / 1e3:.1f}",
        ]


def run(options: argparse.Namespace) -> Report:
    """Run a study for each search and number of workers."""
    loads = []
    for name, search, crews in SEARCHES:
        trials = options.trials if name == "random" else options.searched
        for workers in crews:
            # in a process of its own: memory that one study gave back would serve the next
            with get_context("spawn").Pool(1) as child:
                loads.append(child.apply(measured, (name, search, workers, trials)))
            progress(f"{loads[-1]}")
    return Report(
        title=f"studies of up to {EPOCHS} epochs by asynchronous halving, in files",
        columns=["search", "workers", "trials", "decisions/s", "bytes/trial", "kB memory/trial"],
        rows=[load.row() for load in loads],
        notes=["decisions: trials begun and promoted; memory: what the driver grew by, all in all"],
        figures={"loads": [asdict(load) for load in loads]},
    )


def measured(name: str, search: Search, workers: int, trials: int) -> Load:
    """Run a study, and measure what it asks; after a small one, which loads what is needed."""
    if trials > WARMING:
        measured(name, search, workers=2, trials=WARMING)
    import psutil

    study = Study(
        space=SPACE,
        search=search.settings(),
        epochs=EPOCHS,
        trials=trials,
        slots=SLOTS_EACH * workers,
    )
    me = psutil.Process()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "many.study"
        with Store.create(path) as store:
            store.append(question(study))
            before, began = me.memory_info().rss, time.perf_counter()
            history = drive(study, Simulated(workers, SPREAD), store, Path(folder) / "work")
            seconds, after = time.perf_counter() - began, me.memory_info().rss
        size = path.stat().st_size
    decisions = len(history.endings)
    made = len(history.trials)
    return Load(name, workers, made, decisions, seconds, size, after - before)
