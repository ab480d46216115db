"""MNIST searched as `tunesmith fit` searches a table, judged on its own 10,000 test images."""

import argparse
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from benchmarks.options import at_least
from benchmarks.report import Refusal, Report, progress
from benchmarks.tables.data import DATA_VARIABLE, data_folder
from tunesmith.errors import NothingFound

if TYPE_CHECKING:
    from tunesmith.fit.data import Data
    from tunesmith.fit.flow import Result
    from tunesmith.history import History
    from tunesmith.table.columns import Table

TITLE = "MNIST searched under a time limit: the error on its test images"

FILE = "mnist.npz"
TARGET = "digit"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    add = parser.add_argument
    add("--minutes", type=float, default=10.0, help="of all but the reading (%(default)s)")
    add("--workers", type=at_least(1), default=os.cpu_count(), help="trials at once (%(default)s)")
    add("--seed", type=at_least(0), default=0, help="(%(default)s)")


def run(options: argparse.Namespace) -> Report:
    """Search, refit the best config on all training images, and judge it."""
    path = data_folder() / FILE
    if not path.exists():
        raise Refusal(
            f"{data_folder()} has no {FILE}: name its folder in {DATA_VARIABLE}", exit_code=2
        )
    try:
        result = searched(prepared(path, options.seed), options)
    except NothingFound as error:
        raise Refusal(str(error), exit_code=1) from None
    return Report(
        title=f"MNIST in {options.minutes:g} minutes, {options.workers} at a time, seed "
        f"{options.seed}",
        columns=["", "test error", "95 % interval", "linear", "trials", "epochs", "seconds"],
        rows=[row(result)],
        notes=[
            f"{result.rows:,} test images, used once; pixels standardised, no images made up",
            "the best config, trained again on all training images:",
            f"  {described(result.config)}",
        ],
        figures=msgspec.to_builtins(result),
    )


def row(result: "Result") -> list[str]:
    """Return the line of the table, with errors where fit has accuracies."""
    low, high = (1 - edge for edge in reversed(result.interval))
    return [
        "Tunesmith",
        f"{1 - result.score:.2%}",
        f"{low:.2%} .. {high:.2%}",
        f"{1 - result.baseline['linear']:.2%}",
        *map(str, (result.trials, result.epochs)),
        f"{result.seconds:.1f}",
    ]


def described(config: Mapping[str, Any]) -> str:
    """Return a config as one line."""
    return ", ".join(
        f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in config.items()
    )


def searched(data: "Data", options: argparse.Namespace) -> "Result":
    """Search the usual space through what `tunesmith fit` calls, in a folder that is removed."""
    from tunesmith.fit.flow import Run, run_fit
    from tunesmith.fit.plan import make_study, plan_lines, table_plan

    source = {"name": "mnist"}
    study = make_study(
        data,
        source,
        trials=None,
        minutes=options.minutes,
        seed=options.seed,
        space=table_plan(trials=None, data=data).space,
    )
    progress("\n".join(plan_lines(study, data, workers=options.workers)))
    with tempfile.TemporaryDirectory() as folder:
        return run_fit(
            Run(
                study=study,
                data=data,
                store=Path(folder) / "mnist.study",
                model=Path(folder) / "mnist.model",
                workers=options.workers,
                began=time.monotonic(),
                watch=Lines(),
            )
        )


@final
class Lines:
    """Says on stderr how far the search is."""

    def __init__(self) -> None:
        self._said = 0

    def phase(self, text: str) -> None:
        """Say what begins."""
        progress(text)

    def progress(self, history: "History") -> None:
        """Say what the best is whenever ten more trials have begun."""
        tens = len(history.trials) // 10
        if tens > self._said and history.has_best:
            progress(f"{len(history.trials)} trials, best {history.best.metric('accuracy'):.4f}")
            self._said = tens


def prepared(path: Path, seed: int) -> "Data":
    """Return MNIST as `fit` prepares a table, but with MNIST's own test rows.

    The pixels never become text, which is what takes a table of this size its time.
    """
    from tunesmith.fit.data import Data
    from tunesmith.table.encode import fit_encoder
    from tunesmith.table.split import Split, split_rows
    from tunesmith.table.target import choose_target

    with np.load(path) as arrays:
        x = np.concatenate([arrays["x_train"], arrays["x_test"]])
        y = np.concatenate([arrays["y_train"], arrays["y_test"]]).astype(np.int64)
        known = len(arrays["x_train"])
    table = as_table(x.reshape(len(x), -1), y)
    parts = split_rows(np.arange(known), y[:known], seed=seed, test=0.0)
    split = Split(train=parts.train, valid=parts.valid, test=np.arange(known, len(y)))
    encoder = fit_encoder(table, table.features(TARGET), split.train)
    return Data(
        table=table,
        target=choose_target(table, TARGET, "classification"),
        split=split,
        encoder=encoder,
        x=encoder.transform(table),
        y=y,
    )


def as_table(x: NDArray[np.uint8], y: NDArray[np.int64]) -> "Table":
    """Return pixels [N, D] that vary, and the digit [N], as a table of numbers."""
    import polars as pl

    from tunesmith.table.columns import Column, Table
    from tunesmith.table.guess import Kind

    columns = {f"pixel_{k}": x[:, k] for k in np.flatnonzero(x.min(0) < x.max(0))}
    frame = pl.DataFrame(columns | {TARGET: y}).cast(pl.Float64)
    return Table(
        columns=tuple(
            Column(name=name, kind=Kind.NUMBER, missing=0, distinct=frame[name].n_unique())
            for name in frame.columns
        ),
        frame=frame,
    )
