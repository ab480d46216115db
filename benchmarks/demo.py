"""`tunesmith demo` for several seeds: how good, and how long."""

import argparse
import os
import tempfile
from pathlib import Path
from statistics import fmean

from benchmarks.command import Answer, ask
from benchmarks.options import at_least
from benchmarks.report import Report, progress

TITLE = "`tunesmith demo`, seed by seed"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    parser.add_argument("--seeds", type=at_least(1), default=5, help="from 0 on (%(default)s)")
    parser.add_argument(
        "--cold", action="store_true", help="let the first one compile the engine anew"
    )


def run(options: argparse.Namespace) -> Report:
    """Run the demo once for each seed, in a folder of its own."""
    answers = []
    for seed in range(options.seeds):
        with tempfile.TemporaryDirectory() as folder:
            cold = {"TUNESMITH_CACHE": folder} if options.cold and seed == 0 else {}
            out = str(Path(folder) / "digits")
            answers.append(ask(["demo", "--seed", str(seed), "--out", out], {**os.environ, **cold}))
        progress("  ".join(row(seed, answers[-1])))
    scores = [answer.result["score"] for answer in answers]
    slowest = max(answer.seconds for answer in answers)
    return Report(
        title="The demo, on the rows of digits that were kept apart",
        columns=["seed", "accuracy", "95 % interval", "linear", "trials", "seconds"],
        rows=[row(seed, answer) for seed, answer in enumerate(answers)],
        notes=[
            f"mean accuracy {fmean(scores):.4f}; the slowest took {slowest:.1f} s",
            *(["seed 0 compiled the engine first"] if options.cold else []),
        ],
        figures={
            "mean": fmean(scores),
            "seeds": [{**a.result, "wall_seconds": a.seconds} for a in answers],
        },
    )


def row(seed: int, answer: Answer) -> list[str]:
    """Return a seed's line."""
    result = answer.result
    low, high = result["interval"]
    return [
        str(seed),
        f"{result['score']:.4f}",
        f"{low:.4f} .. {high:.4f}",
        f"{result['baseline']['linear']:.4f}",
        str(result["trials"]),
        f"{answer.seconds:.1f}",
    ]
