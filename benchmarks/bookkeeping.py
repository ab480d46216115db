"""What a tuner spends on a trial beside its training: decided, stored on disk, read back.

Both tuners draw random configs for a function that only returns a number, and keep each trial in
an SQLite file. Ours commits with synchronous=FULL, so that a power cut loses nothing; so does
SQLite by default, which Optuna leaves as it is.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import tunesmith as ts
from benchmarks.options import at_least
from benchmarks.report import Refusal, Report, progress

TITLE = "milliseconds a trial that is stored in a file, beside Optuna"

SPACE = ts.Space(rate=ts.Float(1e-4, 0.7, scale=ts.LOG), units=ts.Int(3, 170, scale=ts.LOG))


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    add = parser.add_argument
    add("--trials", type=at_least(2), default=1000, help="of one study (%(default)s)")
    add("--repetitions", type=at_least(1), default=3, help="of each side (%(default)s)")


def run(options: argparse.Namespace) -> Report:
    """Measure both sides in turn: ours, theirs, ours, theirs, ..."""
    if find_spec("optuna") is None:
        raise Refusal("the peer is not installed: pip install optuna", exit_code=2)
    sides = {"Tunesmith": ours, "Optuna": theirs}
    costs: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    for _ in range(options.repetitions):
        for name, side in sides.items():
            costs[name].append(measure(side, options.trials))
            progress(f"{name}: {costs[name][-1][0]:.2f} ms a trial")
    passed = {name: median(cost[0] for cost in costs[name]) for name in sides}
    return Report(
        title=f"{options.trials} trials of a function that costs nothing",
        columns=["", "ms a trial", "least .. most", "ms of the processor"],
        rows=[
            [
                name,
                f"{passed[name]:.2f}",
                f"{min(costs[name])[0]:.2f} .. {max(costs[name])[0]:.2f}",
                f"{median(cost[1] for cost in costs[name]):.2f}",
            ]
            for name in sides
        ],
        notes=[f"{passed['Optuna'] / passed['Tunesmith']:.0f} times as long; medians, by turns"],
        figures={"trials": options.trials, "milliseconds": costs},
    )


def measure(side: Callable[[Path, int], None], trials: int) -> tuple[float, float]:
    """Return the milliseconds a trial that passed, and those of the processor."""
    with tempfile.TemporaryDirectory() as folder:
        side(Path(folder) / "warm", 2)
        passed, worked = time.perf_counter(), time.process_time()
        side(Path(folder) / "study", trials)
        ended = time.perf_counter(), time.process_time()
    return 1e3 * (ended[0] - passed) / trials, 1e3 * (ended[1] - worked) / trials


def ours(path: Path, trials: int) -> None:
    """Run a study of ours."""
    ts.tune(
        lambda attempt: attempt["rate"], SPACE, search=ts.RandomSearch(), trials=trials, store=path
    )


def theirs(path: Path, trials: int) -> None:
    """Run a study of theirs."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)

    def objective(trial: optuna.Trial) -> float:
        trial.suggest_int("units", 3, 170, log=True)
        return trial.suggest_float("rate", 1e-4, 0.7, log=True)

    sampler = optuna.samplers.RandomSampler(seed=0)
    optuna.create_study(storage=f"sqlite:///{path}", sampler=sampler).optimize(objective, trials)
