"""What a search costs beside the trainings: time a trial, and memory, as a study grows."""

import resource
import sys
from collections.abc import Iterable, Sequence
from multiprocessing import get_context
from time import perf_counter, process_time
from typing import Any

import numpy as np

import tunesmith as ts
from benchmarks.contest.figures import Section, Sections
from benchmarks.report import progress
from benchmarks.search.ours import OURS

TRIALS = (100, 5000)
LAST = 50
"""Trials at the end of a study whose median is shown: what one more would cost."""
PARAMS = 7


def space() -> ts.Space:
    """Return a space as large as that of LCBench, all of it continuous."""
    return ts.Space(**{f"x{number}": ts.Float(-1.0, 2.0) for number in range(PARAMS)})


def valley(values: Iterable[Any]) -> float:
    """Return a loss whose params differ in weight, as those of networks do."""
    return float(sum((value - 0.3) ** 2 / (1 + rank) for rank, value in enumerate(values)))


def measure(method: str, trials: int) -> dict[str, float]:
    """Return the milliseconds between trainings, and the peak memory, of one study."""
    clocks, memory = [], []

    def train(attempt: ts.Attempt) -> float:
        clocks.append((process_time(), perf_counter()))
        if attempt.number == trials // 2:
            memory.append(peak())
        return valley(attempt.values())

    ts.tune(train, space(), search=OURS[method].search, trials=trials)
    processor, passed = 1e3 * np.diff(np.array(clocks), axis=0).T
    return {
        "mean": processor.mean(),
        "last": np.median(processor[-LAST:]),
        "passed": passed.mean(),
        "half": memory[0],
        "peak": peak(),
    }


def peak() -> float:
    """Return the most memory this process ever had, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes on Linux
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def report(trials: Sequence[int] = TRIALS) -> Sections:
    """Measure every search of ours at every size, each in a process of its own."""
    figures: list[dict[str, Any]] = []
    for ours in (ours for ours in OURS.values() if ours.factor == 1):
        for count in trials:
            with get_context("spawn").Pool(1) as pool:
                measured = pool.apply(measure, (ours.name, count))
            figures.append({"method": ours.name, "trials": count, **measured})
            progress(f"{ours.name}, {count} trials: {measured['mean']:.2f} ms a trial")
    return Sections(
        sections=[
            Section(
                title=f"A trial's cost beside its training, {PARAMS} continuous params",
                columns=[
                    *("method", "trials", "ms, mean", f"ms, last {LAST}", "ms passed, mean"),
                    *("MB at half", "MB at the end"),
                ],
                rows=[
                    [
                        row["method"],
                        f"{row['trials']:,}",
                        *(f"{row[name]:.2f}" for name in ("mean", "last", "passed")),
                        *(f"{row[name]:.0f}" for name in ("half", "peak")),
                    ]
                    for row in figures
                ],
            )
        ],
        notes=[
            "ms are of one processor, but for the column of what passed; the loop and its records",
            "are included, and there is no file; MB are the most the process ever had until then",
        ],
        figures={"overhead": figures},
    )
