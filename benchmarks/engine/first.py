"""How long the engine takes before it trains: the first time of all, and every other time."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from statistics import median
from time import perf_counter

from benchmarks.options import at_least
from benchmarks.report import Refusal, Report, progress

TITLE = "the engine's first compile, and a warm start to the first step"

REPETITIONS = 5
FIRST, WARM = "first compile of everything", "warm start to the first step"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    parser.add_argument(
        "--repetitions", type=at_least(1), default=REPETITIONS, help="of each (%(default)s)"
    )


def run(options: argparse.Namespace) -> Report:
    """Start a process with an empty cache folder, then one that finds it filled; by turns."""
    seconds: dict[str, list[dict[str, float]]] = {FIRST: [], WARM: []}
    for _ in range(options.repetitions):
        with tempfile.TemporaryDirectory() as folder:
            for name, words in ((FIRST, ["all"]), (WARM, [])):
                seconds[name].append(started(folder, words))
                progress(f"{name}: {seconds[name][-1]['all']:.2f} s")
    return Report(
        title="Seconds in a new process, as medians",
        columns=["", "import", "compile or load", "first epoch", "together", "whole process"],
        rows=[
            [name, *(f"{median(each[part] for each in turns):.2f}" for part in turns[0])]
            for name, turns in seconds.items()
        ],
        notes=[
            f"{options.repetitions} of each, by turns; an empty cache folder for each first one",
            "the first epoch is 100 steps of 64-64-64-10, its rows drawn; a warm start loads in it",
            "together: from the import of the engine; whole process: with Python's start and end",
        ],
        figures={"seconds": seconds},
    )


def started(folder: str, words: list[str]) -> dict[str, float]:
    """Return what a new process says of its start, with `folder` as the engine's cache."""
    began = perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.engine.first_step", *words],
        capture_output=True,
        text=True,
        env={**os.environ, "TUNESMITH_CACHE": folder},
        check=False,
    )
    whole = perf_counter() - began
    if done.returncode:
        words = done.stderr.strip().splitlines() or ["no words"]
        raise Refusal(f"the engine did not start: {words[-1]}", exit_code=1)
    return {**json.loads(done.stdout), "process": whole}
