"""How often the stated 95 % interval of the final score holds the score on other rows."""

import argparse
import tempfile
import time
from math import comb
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.options import at_least
from benchmarks.report import Report, progress
from tunesmith import rng
from tunesmith.fit.data import Data, prepare
from tunesmith.fit.flow import Run, run_fit
from tunesmith.fit.metrics import accuracy, r2
from tunesmith.fit.plan import make_study, table_plan
from tunesmith.history import History
from tunesmith.model.file import load_model
from tunesmith.table.columns import Table, type_columns
from tunesmith.table.target import TaskKind, choose_target

TITLE = "how often the stated interval of the final score holds the true one"

HELD_BACK = 50_000
"""Rows that stand for the truth: the score on them is sure to a third of a per cent and better."""

ROWS = 1_500
"""Rows of a table to fit; a fifth of them give the score and its interval."""

BAR = 0.9
"""Share of the runs that the interval should hold the true score in, at least."""


class Outcome(NamedTuple):
    """One fit: what it said, and what is true."""

    low: float
    score: float
    high: float
    truth: float

    @property
    def held(self) -> bool:
        """Whether the truth lies in the interval."""
        return self.low <= self.truth <= self.high


class Quiet:
    """Watches a run and shows nothing."""

    def phase(self, text: str) -> None:
        """Let it begin."""

    def progress(self, history: History) -> None:
        """Let it go on."""


def classes(rows: int) -> dict[str, Any]:
    """Return three classes of which a tenth are exchanged by chance."""
    from sklearn.datasets import make_classification

    x, y = make_classification(
        rows, 12, n_informative=6, n_redundant=2, n_classes=3, flip_y=0.1, random_state=7
    )
    return columns(x) | {"goal": [f"class {label}" for label in y]}


def waves(rows: int) -> dict[str, Any]:
    """Return Friedman's function of five numbers among ten, with normal noise."""
    from sklearn.datasets import make_friedman1

    x, y = make_friedman1(rows, 10, noise=1.0, random_state=7)
    return columns(x) | {"goal": y}


def prices(rows: int) -> dict[str, Any]:
    """Return a target with a long tail, as prices and incomes have."""
    from sklearn.datasets import make_regression

    x, y = make_regression(rows, 8, n_informative=5, random_state=7)
    noise = rng.stream(7, "noise").normal(size=rows)
    return columns(x) | {"goal": np.exp(0.5 * y / y.std() + 0.3 * noise)}


MAKERS = {"classes": classes, "waves": waves, "prices": prices}
"""Name of each table, and what makes its rows."""


def columns(x: NDArray[np.float64]) -> dict[str, Any]:
    """Return the columns of x [N, D] by name."""
    return {f"x{place}": column for place, column in enumerate(x.T)}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    parser.add_argument("--seeds", type=at_least(1), default=40, help="of each (%(default)s)")
    parser.add_argument("--trials", type=at_least(1), default=4, help="of a fit (%(default)s)")
    parser.add_argument("--rows", type=at_least(100), default=ROWS, help="of a fit (%(default)s)")
    parser.add_argument("--names", nargs="+", choices=MAKERS, default=list(MAKERS))


def run(options: argparse.Namespace) -> Report:
    """Fit every table with every seed on other rows of it."""
    outcomes: dict[str, list[Outcome]] = {}
    for name in options.names:
        everything = pl.DataFrame(MAKERS[name](HELD_BACK + options.seeds * options.rows))
        outcomes[name] = []
        for seed in range(options.seeds):
            mine = everything.slice(HELD_BACK + seed * options.rows, options.rows)
            outcomes[name].append(judged(mine, everything.head(HELD_BACK), seed, options.trials))
        progress("  ".join(row(name, outcomes[name])))
    together = [outcome for group in outcomes.values() for outcome in group]
    missed = unlucky(len(together))
    return Report(
        title=f"{options.seeds} fits of {options.rows:,} rows each, {options.trials} trials",
        columns=["table", "fits", "held", "share", "too high", "too low", "half width"],
        rows=[row(name, group) for name, group in [*outcomes.items(), ("together", together)]],
        notes=[
            f"held: the score on {HELD_BACK:,} further rows lies in the interval that was stated",
            f"the bar: held in {BAR:.0%} of the fits or more",
            "too high: the whole interval lies above that score",
            f"an interval that is right misses the bar with probability {missed:.3f}",
        ],
        figures={
            "share": share(together),
            "outcomes": {name: [o._asdict() for o in group] for name, group in outcomes.items()},
        },
    )


def judged(mine: pl.DataFrame, others: pl.DataFrame, seed: int, trials: int) -> Outcome:
    """Fit a table, and score its model on the rows held back."""
    data = prepare(*typed(mine), seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        plan = table_plan(trials=trials, data=data)
        result = run_fit(
            Run(
                study=make_study(
                    data, {}, trials=trials, minutes=None, seed=seed, space=plan.space
                ),
                data=data,
                store=place / "x.study",
                model=place / "x.model",
                workers=2,
                began=time.monotonic(),
                watch=Quiet(),
            )
        )
        model = load_model(place / "x.model")
    low, high = result.interval
    return Outcome(low, result.score, high, truth(model, data, type_columns(others)))


def typed(frame: pl.DataFrame) -> tuple[Table, Any]:
    """Return a table and its target."""
    table = type_columns(frame)
    return table, choose_target(table, "goal")


def truth(model: Any, data: Data, table: Table) -> float:
    """Return the model's score on a table of rows that it has never seen."""
    outputs = model.outputs(model.encoder.transform(table))
    rows = np.arange(table.rows)
    if data.task is TaskKind.CLASSIFICATION:
        return accuracy(outputs, data.target.labels(table, rows))
    return r2(model.scale.values(outputs), data.target.values(table, rows))


def share(group: list[Outcome]) -> float:
    """Return the share of the fits whose interval holds the truth."""
    return sum(outcome.held for outcome in group) / len(group)


def unlucky(fits: int) -> float:
    """Return how likely fewer than BAR of the fits hold, if each does with 95 %."""
    return sum(
        comb(fits, held) * 0.95**held * 0.05 ** (fits - held)
        for held in range(fits + 1)
        if held < BAR * fits
    )


def row(name: str, group: list[Outcome]) -> list[str]:
    """Return a table's line."""
    return [
        name,
        str(len(group)),
        str(sum(outcome.held for outcome in group)),
        f"{share(group):.3f}",
        str(sum(outcome.low > outcome.truth for outcome in group)),
        str(sum(outcome.high < outcome.truth for outcome in group)),
        f"{np.mean([(outcome.high - outcome.low) / 2 for outcome in group]):.4f}",
    ]
