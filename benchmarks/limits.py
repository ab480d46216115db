"""`tunesmith fit` at its limits: how punctual, how soon it trains, and in how much memory."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from benchmarks.command import ask, tunesmith
from benchmarks.report import Refusal, Report, progress
from tunesmith import rng
from tunesmith.errors import StoreError
from tunesmith.store.store import Store

TITLE = "`tunesmith fit` at its limits: seconds over, seconds until it trains, memory"

ROWS = {"small": 50, "large": 300_000, "flights": 327_346}
"""Rows of each table."""

LOOK_SECONDS = 0.1
"""How often the study is looked at for its first trial."""

OVER_SHARE, OVER_SECONDS = 0.05, 5.0
"""A run may take so much longer than asked for: whichever is more."""

TRAINS_BY, GIGABYTES = 15.0, 4.0
"""By when a large table should be trained on, and in how much memory."""


class Answer(NamedTuple):
    """What one run took."""

    seconds: float
    """From the start of the process to its end."""
    trains: float
    """Seconds until the first trial was started."""
    gigabytes: float
    """Held by the process at most."""


def measured(rows: int) -> pl.DataFrame:
    """Return a table of twelve numbers and two categories, and a number to predict."""
    chance = rng.stream(3, "limits", rows)
    x = chance.normal(size=(rows, 12))
    group, shade = chance.integers(0, 30, rows), chance.integers(0, 5, rows)
    y = x[:, 0] * x[:, 1] + np.sin(x[:, 2]) + 0.1 * group + chance.normal(0, 0.5, rows)
    columns = {f"x{k}": np.round(x[:, k], 4) for k in range(x.shape[1])}
    names = {"group": [f"g{k}" for k in group], "shade": [f"s{k}" for k in shade]}
    return pl.DataFrame(columns | names | {"goal": np.round(y, 3)})


def flights(rows: int) -> pl.DataFrame:
    """Return a table like that of a year's flights: times, dates, names with many values, gaps."""
    chance = rng.stream(3, "flights", rows)
    minute = np.sort(chance.integers(0, 365 * 1440, rows))
    moment = np.datetime64("2013-01-01T00:00") + minute.astype("timedelta64[m]")
    late = np.round(chance.gamma(0.7, 30, rows) - 12)
    distance = chance.integers(17, 4_983, rows)
    names = {
        "carrier": [f"C{k}" for k in chance.integers(0, 16, rows)],
        "tail": [f"N{k}" for k in chance.zipf(1.3, rows) % 4_043],
        "origin": [("EWR", "JFK", "LGA")[k] for k in chance.integers(0, 3, rows)],
        "destination": [f"D{k}" for k in chance.integers(0, 104, rows)],
    }
    numbers = {
        "month": moment.astype("datetime64[M]").astype(int) % 12 + 1,
        "departure": minute % 1440,
        "departure_delay": np.where(chance.random(rows) < 0.02, np.nan, late),
        "air_time": np.round(distance / 7.5 + chance.normal(20, 8, rows)),
        "distance": distance,
        "hour": minute % 1440 // 60,
        "flight": chance.integers(1, 8_500, rows),
    }
    delay = np.round(late + chance.normal(-6, 18, rows))
    frame = pl.DataFrame(names | numbers | {"time_hour": moment.astype("datetime64[us]")})
    return frame.with_columns(pl.Series("arrival_delay", delay))


MAKERS = {"small": measured, "large": measured, "flights": flights}
TARGETS = {"small": "goal", "large": "goal", "flights": "arrival_delay"}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    parser.add_argument("--minutes", type=float, default=0.5, help="asked for (%(default)s)")
    parser.add_argument("--names", nargs="+", choices=ROWS, default=list(ROWS))


def run(options: argparse.Namespace) -> Report:
    """Fit each table once, after a run that compiles the engine where that is still to do."""
    limit, answers = 60 * options.minutes, {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = folder / "first.csv"
        measured(ROWS["small"]).write_csv(first)
        ask(
            ["fit", str(first), "--target", "goal", "--trials", "1", "--out", str(folder / "first")]
        )
        for name in options.names:
            MAKERS[name](ROWS[name]).write_csv(folder / f"{name}.csv")
            answers[name] = watched(folder / f"{name}.csv", TARGETS[name], options.minutes)
            progress("  ".join(row(name, answers[name], limit)))
    return Report(
        title=f"Tables tuned in {options.minutes:g} minutes each",
        columns=["table", "rows", "seconds", "over by", "trains after", "memory"],
        rows=[row(name, answer, limit) for name, answer in answers.items()],
        notes=[
            f"seconds are of the whole process, {limit:g} of them asked for",
            f"the bars: over by {OVER_SHARE:.0%} or {OVER_SECONDS:g} s at most, whichever is more;",
            f"trained on within {TRAINS_BY:g} s, in less than {GIGABYTES:g} GB",
        ],
        figures={"limit": limit, "tables": {n: a._asdict() for n, a in answers.items()}},
    )


def watched(data: Path, target: str, minutes: float) -> Answer:
    """Run `tunesmith fit` on a table, and look at its study until it trains."""
    command = [tunesmith(), "fit", str(data), "--target", target, "--minutes", f"{minutes:g}"]
    began = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--out", str(data.with_suffix(""))], stdout=subprocess.DEVNULL
    )
    trains = float("inf")
    while (ended := os.wait4(process.pid, os.WNOHANG))[0] == 0:
        if trains == float("inf") and has_started(data.with_suffix(".study")):
            trains = time.perf_counter() - began
        time.sleep(LOOK_SECONDS)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(ended[1])
    if process.returncode:
        raise Refusal(f"`{' '.join(command)}` ended with {process.returncode}", exit_code=1)
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    return Answer(seconds, trains, ended[2].ru_maxrss * unit / 1e9)


def has_started(study: Path) -> bool:
    """Return whether a study has a trial."""
    try:
        with Store.read(study) as store:
            return any(event.kind == "start" for event in store.replay())
    except StoreError:  # not yet there, or half made
        return False


def row(name: str, answer: Answer, limit: float) -> list[str]:
    """Return a table's line; it is over by less than nothing if it ended before the limit."""
    return [
        name,
        f"{ROWS[name]:,}",
        f"{answer.seconds:.1f}",
        f"{answer.seconds - limit:+.1f} s",
        f"{answer.trains:.1f} s",
        f"{answer.gigabytes:.2f} GB",
    ]
