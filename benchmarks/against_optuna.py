"""Full trainings per second: Tunesmith's loop and engine beside Optuna's loop and PyTorch.

Both train the same configs, on the same rows, for as many epochs, with the same optimizer,
batch sizes and first weights' distributions, and keep the accuracy of every epoch.
"""

import argparse
import math
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from statistics import fmean, median, stdev
from typing import final

from benchmarks.options import at_least
from benchmarks.report import Refusal, Report, progress

TITLE = "trials per second on digits, beside Optuna's loop and PyTorch"

PEERS = ("torch", "optuna")
REPETITIONS = 3


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    add = parser.add_argument
    add("--configs", type=at_least(2), default=100, help="how many are drawn (%(default)s)")
    add("--repetitions", type=at_least(1), default=REPETITIONS, help="of each side (%(default)s)")
    add(
        "--workers",
        type=at_least(1),
        default=2,
        help="our threads, and their processes (%(default)s)",
    )
    add("--seed", type=at_least(0), default=0, help="draws the configs (%(default)s)")
    add("--space", choices=["small", "wide"], default="small", help="(%(default)s)")
    add(
        "--peer-threads",
        type=at_least(1),
        default=1,
        help="PyTorch's, in each process (%(default)s)",
    )
    add("--peer-processes", type=at_least(1), help="if not as many as --workers")


@final
@dataclass(frozen=True, slots=True)
class Side:
    """What one side measured, repetition by repetition."""

    name: str
    seconds: list[float]
    accuracies: list[list[float]]
    """[repetition][config]"""

    @property
    def rate(self) -> float:
        """Trials per second, of the median repetition."""
        return len(self.accuracies[0]) / median(self.seconds)

    @property
    def by_config(self) -> list[float]:
        """Each config's accuracy, as the mean over the repetitions."""
        return [fmean(values) for values in zip(*self.accuracies, strict=True)]

    def add(self, seconds: float, accuracies: list[float]) -> None:
        """Take one repetition."""
        self.seconds.append(seconds)
        self.accuracies.append(accuracies)
        progress(f"{self.name}: {seconds:.2f} s")

    def row(self) -> list[str]:
        """Return its line of the table."""
        spread = f"{min(self.seconds):.2f} .. {max(self.seconds):.2f}"
        middle = f"{median(self.seconds):.2f}"
        return [self.name, middle, spread, f"{self.rate:.1f}", f"{fmean(self.by_config):.4f}"]


def run(options: argparse.Namespace) -> Report:
    """Measure both sides in turn: ours, theirs, ours, theirs, ..."""
    missing = [name for name in PEERS if find_spec(name) is None]
    if missing:
        raise Refusal(
            f"the peer is not installed: pip install {' '.join(missing)} (PyTorch for the "
            "processor is enough)",
            exit_code=2,
        )
    from benchmarks import digits, engine_training, torch_training
    from tunesmith.engine.train import warm_up

    data, ranges = digits.load(), digits.SPACES[options.space]
    processes, threads = options.peer_processes or options.workers, options.peer_threads
    ours = Side(f"Tunesmith, {options.workers} threads", [], [])
    theirs = Side(f"Optuna + PyTorch, {processes} processes, threads: {threads} each", [], [])
    warm_up()
    engine_training.run(ranges, min(8, options.configs), data, 0, options.seed, options.workers)
    for seed in range(options.repetitions):
        seconds, configs, accuracies = engine_training.run(
            ranges, options.configs, data, seed, options.seed, options.workers
        )
        ours.add(seconds, accuracies)
        theirs.add(*torch_training.run(ranges, configs, data, seed, processes, threads))
    return compare(ours, theirs, options)


def compare(ours: Side, theirs: Side, options: argparse.Namespace) -> Report:
    """Return the ratio of the median rates, and how far the accuracies are apart."""
    ratio = ours.rate / theirs.rate
    ratios = [b / a for a, b in zip(ours.seconds, theirs.seconds, strict=True)]
    each = ", ".join(f"{r:.1f}" for r in ratios)
    apart = [a - b for a, b in zip(ours.by_config, theirs.by_config, strict=True)]
    error = stdev(apart) / math.sqrt(len(apart))
    return Report(
        title=f"{options.configs} configs of the {options.space} space, each trained in full",
        columns=["", "seconds", "least .. most", "trials/s", "accuracy"],
        rows=[ours.row(), theirs.row()],
        notes=[
            f"{ratio:.1f} times as many trials per second (by repetition: {each})",
            f"accuracies, ours minus theirs: {fmean(apart):+.4f}, standard error {error:.4f}",
            "medians, by turns; the peer's start-up is not counted; accuracy is that of validation",
        ],
        figures={
            "ratio": ratio,
            "ratios": ratios,
            "difference": fmean(apart),
            "standard_error": error,
            "sides": [asdict(ours), asdict(theirs)],
        },
    )
