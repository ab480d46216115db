"""What a tuner spends on a trial beside its training: decided, stored, read back.

The function that is tuned only returns a number. Both tuners draw random configs, and keep each
trial in an SQLite file or in memory; then both search, ours from coarse to fine, theirs by TPE.
Our file is written with synchronous=FULL, so that a power cut loses nothing; so is Optuna's, by
SQLite's default.

What Optuna spends on a trial grows with their number, so it is asked for fewer of them: its
figures flatter it.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any, final

import tunesmith as ts
from benchmarks.options import at_least
from benchmarks.report import Refusal, Report, progress

TITLE = "milliseconds a trial that costs nothing, in a file and in memory, beside Optuna"

SPACE = ts.Space(rate=ts.Float(1e-4, 0.7, scale=ts.LOG), units=ts.Int(3, 170, scale=ts.LOG))


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    add = parser.add_argument
    add("--trials", type=at_least(8), default=10_000, help="of a study of ours (%(default)s)")
    add("--peer-trials", type=at_least(8), default=500, help="theirs, in SQLite (%(default)s)")
    add("--peer-memory", type=at_least(8), default=2000, help="theirs, in memory (%(default)s)")
    add("--repetitions", type=at_least(1), default=1, help="of each side (%(default)s)")


PARTS = ("mean", "processor", "early", "late")

Play = Callable[[Path, int, Callable[[], None]], None]
"""Runs a study in a file, of so many trials; the last argument is called in each."""


@final
@dataclass(frozen=True, slots=True)
class Side:
    """One tuner in one way."""

    name: str
    play: Play
    ours: bool


@final
@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds a trial: of all, of the processor, of the first quarter and of the last."""

    mean: float
    processor: float
    early: float
    late: float


def run(options: argparse.Namespace) -> Report:
    """Measure all sides in turn."""
    if find_spec("optuna") is None:
        raise Refusal("the peer is not installed: pip install optuna", exit_code=2)
    sides = (
        Side("Tunesmith, file, random", ours(ts.RandomSearch(), stored=True), ours=True),
        Side("Optuna, SQLite, random", theirs("RandomSampler", stored=True), ours=False),
        Side("Tunesmith, file, coarse to fine", ours(ts.CoarseToFine(), stored=True), ours=True),
        Side("Optuna, SQLite, TPE", theirs("TPESampler", stored=True), ours=False),
        Side("Tunesmith, memory, random", ours(ts.RandomSearch(), stored=False), ours=True),
        Side("Optuna, memory, random", theirs("RandomSampler", stored=False), ours=False),
        Side("Tunesmith, memory, coarse to fine", ours(ts.CoarseToFine(), stored=False), ours=True),
        Side("Optuna, memory, TPE", theirs("TPESampler", stored=False), ours=False),
    )
    costs: dict[str, list[Cost]] = {side.name: [] for side in sides}
    for _ in range(options.repetitions):
        for side in sides:
            trials = trials_of(side, options)
            costs[side.name].append(measure(side.play, trials))
            progress(f"{side.name}: {costs[side.name][-1].mean:.2f} ms a trial")
    rows = [row(side, costs[side.name], options) for side in sides]
    notes = [
        f"{mine.name}: Optuna takes {ratio(costs, mine, other, 'mean'):.1f} times as long, and "
        f"{ratio(costs, mine, other, 'processor'):.1f} times as much of the processor"
        for mine, other in zip(sides[::2], sides[1::2], strict=True)
    ]
    return Report(
        title="a function that costs nothing",
        columns=["", "trials", "ms a trial", "of the processor", "first quarter", "last quarter"],
        rows=rows,
        notes=[*notes, "medians, by turns"],
        figures={name: [asdict(cost) for cost in found] for name, found in costs.items()},
    )


def ratio(costs: Mapping[str, Sequence[Cost]], mine: Side, other: Side, part: str) -> float:
    """Return what the other takes, in units of what the first one does."""
    each = (median(getattr(cost, part) for cost in costs[side.name]) for side in (other, mine))
    theirs, ours = each
    return float(theirs / ours)


def trials_of(side: Side, options: argparse.Namespace) -> int:
    """Return how many trials a study of this side has."""
    if side.ours:
        return int(options.trials)
    return int(options.peer_memory if "memory" in side.name else options.peer_trials)


def row(side: Side, costs: Sequence[Cost], options: argparse.Namespace) -> list[str]:
    """Return a side's line of the table."""
    middle = [median(getattr(c, part) for c in costs) for part in PARTS]
    return [side.name, str(trials_of(side, options)), *(f"{value:.2f}" for value in middle)]


def measure(play: Play, trials: int) -> Cost:
    """Return what a trial takes, of a study of so many."""
    moments: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        play(Path(folder) / "warm", 8, lambda: None)
        began, worked = time.perf_counter(), time.process_time()
        play(Path(folder) / "study", trials, lambda: moments.append(time.perf_counter()))
        ended, worked = time.perf_counter(), time.process_time() - worked
    quarter = len(moments) // 4
    early, late = moments[quarter] - moments[0], moments[-1] - moments[-1 - quarter]
    return Cost(
        mean=1e3 * (ended - began) / trials,
        processor=1e3 * worked / trials,
        early=1e3 * early / quarter,
        late=1e3 * late / quarter,
    )


def ours(search: Any, *, stored: bool) -> Play:
    """Return how a study of ours is run."""

    def play(path: Path, trials: int, note: Callable[[], None]) -> None:
        def objective(attempt: ts.Attempt) -> object:
            note()
            return attempt["rate"]

        ts.tune(objective, SPACE, search=search, trials=trials, store=path if stored else None)

    return play


def theirs(sampler: str, *, stored: bool) -> Play:
    """Return how a study of theirs is run."""

    def play(path: Path, trials: int, note: Callable[[], None]) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)

        def objective(trial: optuna.Trial) -> float:
            note()
            trial.suggest_int("units", 3, 170, log=True)
            return trial.suggest_float("rate", 1e-4, 0.7, log=True)

        made = getattr(optuna.samplers, sampler)(seed=0)
        storage = f"sqlite:///{path}" if stored else None
        optuna.create_study(storage=storage, sampler=made).optimize(objective, trials)

    return play
