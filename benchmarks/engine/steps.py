"""Microseconds per training step, beside PyTorch, JAX and scikit-learn: the engine by itself.

Every arm trains on the same rows in the same order for as many steps; all but scikit-learn's start
from the same weights, so that their losses can be compared. Each lives in a process of its own and
they take turns, A B A B. Batches are gathered by index from arrays in memory.
"""

import argparse
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from statistics import median
from typing import Any, final

from benchmarks.engine import pairs
from benchmarks.engine.arms import OURS, Arm, chosen
from benchmarks.engine.pinned import Pinned, cores, pinning
from benchmarks.engine.shapes import SHAPES, Shape
from benchmarks.options import at_least
from benchmarks.report import Report, progress

TITLE = "microseconds per training step, beside its peers"

TURNS = 7


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    add = parser.add_argument
    add("--turns", type=at_least(1), default=TURNS, help="of each arm (%(default)s)")
    add("--no-compile", action="store_true", help="leave torch.compile out")
    add("--one-thread", action="store_true", help="leave PyTorch on all cores out")
    add(
        "--shapes",
        type=int,
        nargs="+",
        choices=range(len(SHAPES)),
        default=list(range(len(SHAPES))),
        metavar="N",
        help=f"which, from 0 to {len(SHAPES) - 1} (all)",
    )
    add("--two", action="store_true", help="two of our trials on two cores against one, no peers")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one arm did at one shape."""

    arm: str
    compile_seconds: float | None
    loss: float
    """Mean over the last epoch of the first turn."""
    micros: list[float]
    """A step's, turn by turn, the first turn not counted."""

    @property
    def step(self) -> float:
        """Microseconds of a step, as the median of the turns."""
        return median(self.micros)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All arms at one shape, ours first."""

    shape: Shape
    arms: list[Measured]
    rates: list[float]
    """GFLOP/s of large products, turn by turn."""
    allocated: Mapping[str, float]

    def rows(self) -> list[list[str]]:
        """Return its lines of the table."""
        ours, rate = self.arms[0].step, median(self.rates)
        lines = []
        for number, arm in enumerate(self.arms):
            share = self.shape.flops / arm.step / 1e3 / rate
            compiling = "-" if arm.compile_seconds is None else f"{arm.compile_seconds:.1f}"
            name, ratio = ("", f"{arm.step / ours:.2f}") if number else (self.shape.name, "1")
            cells = [f"{arm.step:.1f}", ratio, f"{share:.0%}", compiling, f"{arm.loss:.4f}"]
            lines.append([name, arm.arm, *cells])
        return lines

    def figures(self) -> dict[str, Any]:
        """Return all that was measured, as plain data."""
        ours = self.arms[0].step
        arms = {
            m.arm: {
                "step": m.step,
                "ratio": m.step / ours,
                "micros": m.micros,
                "compile_seconds": m.compile_seconds,
                "loss": m.loss,
            }
            for m in self.arms
        }
        share = self.shape.flops / ours / 1e3 / median(self.rates)
        return {
            "shape": self.shape.name,
            "arms": arms,
            "share": share,
            "gflops": self.rates,
            "allocated": dict(self.allocated),
        }


def run(options: argparse.Namespace) -> Report:
    """Measure every shape, by turns; with --two, how two trials share the cores."""
    shapes = [SHAPES[number] for number in options.shapes]
    if options.two:
        return pairs.report(shapes, options.turns)
    threads = 1 if options.one_thread else len(cores())
    arms, left_out = chosen(threads, compile_too=not options.no_compile)
    with ExitStack() as stack:
        started = [(arm, stack.enter_context(closing(arm.start()))) for arm in arms]
        product = stack.enter_context(closing(Pinned("benchmarks.engine.product:Product")))
        compared = []
        for shape in shapes:
            progress(shape.name)
            compared.append(compare(shape, started, product, options.turns))
    return Report(
        title="One training step, float32, batch norm, Adam",
        columns=["network", "arm", "us", "of ours", "of sgemm", "compile s", "loss"],
        rows=[row for comparison in compared for row in comparison.rows()],
        notes=[*notes(compared, options.turns), *left_out],
        figures={"shapes": [comparison.figures() for comparison in compared]},
    )


def compare(
    shape: Shape, arms: Sequence[tuple[Arm, Pinned]], product: Pinned, turns: int
) -> Comparison:
    """Measure every arm at one shape: a turn that gives the losses, then those that count."""
    compiling = [process.ask("prepare", shape) for _, process in arms]
    losses = [process.ask("turn")[1] for _, process in arms]
    rates, micros = [], []
    for _ in range(turns):
        rates.append(product.ask("rate"))
        seconds = [process.ask("turn")[0] for _, process in arms]
        micros.append([1e6 * turn / shape.steps for turn in seconds])
    measured = [
        Measured(arm=arm.name, compile_seconds=spent, loss=loss, micros=list(each))
        for (arm, _), spent, loss, each in zip(
            arms, compiling, losses, zip(*micros, strict=True), strict=True
        )
    ]
    ours = next(process for arm, process in arms if arm is OURS)
    allocated = ours.ask("allocations")._asdict()
    return Comparison(shape=shape, arms=measured, rates=rates, allocated=allocated)


def notes(compared: Sequence[Comparison], turns: int) -> list[str]:
    """Say what was held equal, and what our loop allocates."""
    names = compared[0].allocated
    most = {name: max(comparison.allocated[name] for comparison in compared) for name in names}
    return [
        f"medians of {turns} turns, A B A B; {pinning()}",
        "of sgemm: a step's operations over its time, as a share of the best rate among several",
        "  sizes of large products by SciPy's BLAS on one core, measured in the same turns",
        "loss: of the first turn's last epoch, from the same weights, rows and order;",
        "  scikit-learn has no batch norm and draws its own weights",
        "all PyTorch uses fused Adam; torch.compile, in its default mode, holds forward and",
        "  backward, and its first compile loads the compiler too",
        f"allocations in our loop: {most['per_step']:g} in a step by numba's count",
        f"  ({most['per_call']} in a call, around the arrays given);",
        f"  {most['python_bytes']:,} bytes of Python's in an epoch;",
        f"  the process grew by {most['resident_bytes'] / 1024:,.0f} kB over a turn",
        "OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE are unset",
    ]
