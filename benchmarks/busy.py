"""`tunesmith fit` under a short time limit while other processes keep every core busy."""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.command import Answer, ask
from benchmarks.options import at_least
from benchmarks.report import Refusal, Report, progress
from benchmarks.tables.data import DATA_VARIABLE, data_folder, find

TITLE = "`tunesmith fit` under a short time limit on a busy machine"

TARGETS = {"adult": "income", "california": "median_house_value", "magic": "class"}
"""Name of each table, and the column to predict."""

SPIN = "while True: pass"
"""What keeps a core busy."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    parser.add_argument("--minutes", type=float, default=0.5, help="per fit (%(default)s)")
    parser.add_argument("--fits", type=at_least(1), default=30, help="in all (%(default)s)")
    parser.add_argument("--names", nargs="+", choices=TARGETS, default=list(TARGETS))


def run(options: argparse.Namespace) -> Report:
    """Fit the tables by turns, each time with another seed."""
    paths = {name: path for name in options.names if (path := find(name)) is not None}
    if not paths:
        raise Refusal(
            f"{data_folder()} holds none of the tables: name their folder in {DATA_VARIABLE}",
            exit_code=2,
        )
    answers: list[tuple[str, Answer]] = []
    failed: list[str] = []
    names = list(paths)
    with tempfile.TemporaryDirectory() as folder, busy_cores():
        for n in range(options.fits):
            name = names[n % len(names)]
            arguments = ["fit", str(paths[name]), "--target", TARGETS[name], "--seed", str(n)]
            arguments += ["--minutes", f"{options.minutes:g}", "--out", str(Path(folder) / str(n))]
            try:
                answers.append((name, ask(arguments)))
            except Refusal as refusal:
                failed.append(str(refusal))
                progress(f"{name}  {refusal}")
                continue
            progress("  ".join([name, *row(answers[-1:], 60 * options.minutes)]))
    limit = 60 * options.minutes
    return Report(
        title=f"{len(answers)} fits of {options.minutes:g} minutes, every core busy",
        columns=[
            *("table", "fits", "in full", "shortened", "the search's network"),
            *("cut unsaid", "worse than its best trial", "worse than linear", "over by at most"),
        ],
        rows=[[name, *row([each for each in answers if each[0] == name], limit)] for name in names],
        notes=[
            f"{len(failed)} fits ended without a network",
            "cut unsaid: not trained in full, and no reason is given",
            "worse than its best trial: by more than the 95 % interval and the luck of that trial",
            f"over by: seconds of the whole process beyond the {limit:g} asked for",
        ],
        figures={
            "limit": limit,
            "failed": failed,
            "fits": [{"table": n, **a.result, "wall_seconds": a.seconds} for n, a in answers],
        },
    )


@contextmanager
def busy_cores() -> Iterator[None]:
    """Keep every core busy with a process of its own."""
    cores = os.cpu_count() or 1
    spinning = [subprocess.Popen([sys.executable, "-c", SPIN]) for _ in range(cores)]
    try:
        yield
    finally:
        for process in spinning:
            process.kill()
            process.wait()


def row(answers: list[tuple[str, Answer]], limit: float) -> list[str]:
    """Return a table's line."""
    results = [answer.result for _, answer in answers]
    kinds = [result["refit"] for result in results]
    unsaid = [r for r in results if r["refit"] != "full" and not r["refit_reason"]]
    return [
        str(len(results)),
        *(str(kinds.count(kind)) for kind in ("full", "shortened", "kept")),
        str(len(unsaid)),
        str(sum(map(worse_than_its_trial, results))),
        str(sum("linear" in result["worse_than"] for result in results)),
        f"{max((answer.seconds for _, answer in answers), default=limit) - limit:+.1f} s",
    ]


def worse_than_its_trial(result: dict[str, Any]) -> bool:
    """Return whether the model is worse than the best trial by more than the interval.

    All metrics of these tables are better where they are larger.
    """
    if result["validation"] is None:
        return False
    luck = result["optimism"] or 0.0
    return bool(result["interval"][1] < result["validation"] - luck)
