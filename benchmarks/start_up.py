"""How long a command takes before it does anything."""

import argparse
import subprocess
import sys
from statistics import median
from time import perf_counter

from benchmarks.command import tunesmith
from benchmarks.options import at_least
from benchmarks.report import Report

TITLE = "start-up: the command's help, the import, and Python alone"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    parser.add_argument("--repetitions", type=at_least(1), default=10, help="of each (%(default)s)")


def run(options: argparse.Namespace) -> Report:
    """Measure each command by turns, after one start of each that is not counted."""
    commands = {
        "tunesmith --help": [tunesmith(), "--help"],
        'python -c "import tunesmith"': [sys.executable, "-c", "import tunesmith"],
        'python -c "pass"': [sys.executable, "-c", "pass"],
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for repetition in range(options.repetitions + 1):
        for name, command in commands.items():
            began = perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            if repetition:
                seconds[name].append(perf_counter() - began)
    return Report(
        title="Milliseconds from the start of a process to its end",
        columns=["", "median", "least", "most"],
        rows=[
            [name, *(f"{1000 * figure:.0f}" for figure in (median(s), min(s), max(s)))]
            for name, s in seconds.items()
        ],
        notes=[f"{options.repetitions} starts of each, by turns"],
        figures={"seconds": seconds, "medians": {n: median(s) for n, s in seconds.items()}},
    )
