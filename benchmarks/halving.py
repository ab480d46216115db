"""The demo with every network trained in full, and by asynchronous halving: how good, what epochs.

Both arms make the same study of scikit-learn's digits, seed by seed; what differs is the ladder.
"""

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev
from typing import final

import msgspec

import tunesmith as ts
from benchmarks.options import at_least
from benchmarks.report import Report, progress
from tunesmith.fit.data import load, source_of
from tunesmith.fit.flow import Result, Run, run_fit
from tunesmith.fit.plan import make_study, table_plan
from tunesmith.history import History

TITLE = "the demo by asynchronous halving, and with every network trained in full"

ARMS = {"in full": ts.Full(), "halving": ts.AsyncHalving()}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    parser.add_argument("--seeds", type=at_least(2), default=10, help="from 0 on (%(default)s)")
    parser.add_argument("--trials", type=at_least(5), default=200, help="(%(default)s)")


def run(options: argparse.Namespace) -> Report:
    """Run both arms for each seed."""
    results: dict[str, list[Result]] = {arm: [] for arm in ARMS}
    for seed in range(options.seeds):
        for arm in ARMS:
            results[arm].append(fitted(arm, seed, options.trials))
            progress("  ".join([str(seed), *row(arm, results[arm][-1:])]))
    gaps = [
        halving.score - full.score
        for full, halving in zip(results["in full"], results["halving"], strict=True)
    ]
    epochs = {arm: fmean(result.epochs for result in made) for arm, made in results.items()}
    error = stdev(gaps) / len(gaps) ** 0.5
    return Report(
        title=f"The demo, {options.trials} trials, {options.seeds} seeds, means",
        columns=["", "test accuracy", "epochs", "seconds"],
        rows=[row(arm, made) for arm, made in results.items()],
        notes=[
            f"halving minus full: {fmean(gaps):+.4f}, standard error {error:.4f}, paired by seed;",
            f"epochs: {epochs['halving'] / epochs['in full']:.2f} of the full training's",
        ],
        figures={arm: msgspec.to_builtins(made) for arm, made in results.items()},
    )


def row(arm: str, results: list[Result]) -> list[str]:
    """Return a line of the table."""
    return [
        arm,
        f"{fmean(result.score for result in results):.4f}",
        f"{fmean(result.epochs for result in results):,.0f}",
        f"{fmean(result.seconds for result in results):.1f}",
    ]


def fitted(arm: str, seed: int, trials: int) -> Result:
    """Return what comes of the demo with one ladder."""
    source = source_of(None, "digit")
    data = load(source, seed=seed)
    plan = table_plan(trials=trials, data=data)
    study = make_study(
        data, msgspec.to_builtins(source), trials=trials, minutes=None, seed=seed, space=plan.space
    )
    search = ts.CoarseToFine(ladder=ARMS[arm]).settings()
    with tempfile.TemporaryDirectory() as folder:
        return run_fit(
            Run(
                study=replace(study, search=search),
                data=data,
                store=Path(folder) / "digits.study",
                model=Path(folder) / "digits.model",
                workers=2,
                began=time.monotonic(),
                watch=Silent(),
            )
        )


@final
class Silent:
    """Shows nothing."""

    def phase(self, text: str) -> None:
        """Take what begins."""

    def progress(self, history: History) -> None:
        """Take how far it is."""
