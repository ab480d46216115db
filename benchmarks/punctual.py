"""`tunesmith fit` on real tables under a time limit: how good, and how punctual."""

import argparse
import tempfile
from pathlib import Path

from benchmarks.command import Answer, ask
from benchmarks.options import at_least
from benchmarks.report import Refusal, Report, progress
from benchmarks.tables.data import DATA_VARIABLE, data_folder, find

TITLE = "`tunesmith fit` on real tables under a time limit"

TARGETS = {"adult": "income", "california": "median_house_value", "letter": "lettr"}
"""Name of each table, and the column to predict."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    parser.add_argument("--minutes", type=float, default=2.0, help="per table (%(default)s)")
    parser.add_argument("--names", nargs="+", choices=TARGETS, default=list(TARGETS))
    parser.add_argument("--seed", type=at_least(0), default=0, help="(%(default)s)")


def run(options: argparse.Namespace) -> Report:
    """Fit one table after the other; a table that is not there is left out, with a line."""
    answers, limit = {}, 60 * options.minutes
    with tempfile.TemporaryDirectory() as folder:
        for name in options.names:
            path = find(name)
            if path is None:
                progress(f"{name}: left out, {data_folder()} has no {name}.csv.gz or {name}.csv")
                continue
            arguments = ["fit", str(path), "--target", TARGETS[name], "--seed", str(options.seed)]
            arguments += ["--minutes", f"{options.minutes:g}", "--out", str(Path(folder) / name)]
            answers[name] = ask(arguments)
            progress("  ".join(row(name, answers[name], limit)))
    if not answers:
        raise Refusal(
            f"{data_folder()} holds none of the tables: name their folder in {DATA_VARIABLE}",
            exit_code=2,
        )
    return Report(
        title=f"Tables tuned in {options.minutes:g} minutes each, seed {options.seed}",
        columns=[
            *("table", "metric", "score", "95 % interval", "linear", "constant"),
            *("trials", "seconds", "over by"),
        ],
        rows=[row(name, answer, limit) for name, answer in answers.items()],
        notes=[
            "scores are of rows never used before",
            f"seconds are of the whole process, {limit:g} of them asked for",
        ],
        figures={
            "limit": limit,
            "tables": {n: {**a.result, "wall_seconds": a.seconds} for n, a in answers.items()},
        },
    )


def row(name: str, answer: Answer, limit: float) -> list[str]:
    """Return a table's line; it is over by a negative share if it ended before the limit."""
    result = answer.result
    low, high = result["interval"]
    return [
        name,
        result["metric"],
        f"{result['score']:.4f}",
        f"{low:.4f} .. {high:.4f}",
        f"{result['baseline']['linear']:.4f}",
        f"{result['baseline']['constant']:.4f}",
        str(result["trials"]),
        f"{answer.seconds:.1f}",
        f"{100 * (answer.seconds / limit - 1):+.1f} %",
    ]
