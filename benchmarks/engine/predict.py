"""Predictions inside a process: one row in a loop, and a million rows, beside PyTorch."""

import argparse
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from importlib.util import find_spec
from statistics import median
from typing import Any, final

from benchmarks.engine.pinned import Pinned, cores, pinning
from benchmarks.options import at_least
from benchmarks.report import Refusal, Report, progress

TITLE = "predictions of one row and of a million, beside PyTorch"

TURNS = 5
CHUNK, ALL = 4_096, 1_000_000
OURS = "Tunesmith"
FORMS = {
    "PyTorch, folded, chunks": (True, CHUNK),
    "PyTorch, plain, chunks": (False, CHUNK),
    "PyTorch, plain, at once": (False, ALL),
}
"""Whether batch norm is folded into the weights, and how many rows go at a time."""


@final
@dataclass(frozen=True, slots=True)
class Side:
    """One arm on so many threads, and what it measured."""

    name: str
    threads: int
    process: Pinned
    row: list[float] = field(default_factory=list)
    rows: list[float] = field(default_factory=list)
    outputs: list[Any] = field(default_factory=list)
    """Of the sample, turn by turn."""

    def turn(self) -> None:
        """Measure once."""
        self.row.append(self.process.ask("row"))
        seconds, outputs = self.process.ask("rows")
        self.rows.append(seconds)
        self.outputs.append(outputs)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    parser.add_argument("--turns", type=at_least(1), default=TURNS, help="of each (%(default)s)")


def run(options: argparse.Namespace) -> Report:
    """Measure every arm on one thread and on two, by turns, after one turn not counted."""
    if find_spec("torch") is None:
        raise Refusal(
            "the peer is not installed: pip install torch (for the processor is enough)",
            exit_code=2,
        )
    with ExitStack() as stack:
        sides = [
            Side(name, threads, stack.enter_context(closing(process)))
            for threads in sorted({1, min(2, len(cores()))})
            for name, process in processes(threads)
        ]
        for side in sides:
            side.turn()
            side.row.clear()
            side.rows.clear()
        for turn in range(options.turns):
            for side in sides:
                side.turn()
            progress(f"turn {turn + 1} of {options.turns}")
    return compared(sides, options.turns)


def processes(threads: int) -> list[tuple[str, Pinned]]:
    """Start every arm on so many threads, ours first."""
    place = "benchmarks.engine.predictions:"
    ours = Pinned(f"{place}OurPredictions", threads, threads=threads)
    peers = [
        (name, Pinned(f"{place}TorchPredictions", threads, *form, threads=threads))
        for name, form in FORMS.items()
    ]
    return [(OURS, ours), *peers]


def compared(sides: list[Side], turns: int) -> Report:
    """Return the table: ratios are of arms on equally many threads."""
    ours = {side.threads: side for side in sides if side.name == OURS}
    apart = max(float(abs(side.outputs[0] - ours[1].outputs[0]).max()) for side in sides)
    return Report(
        title="Predictions of 64-64-64-10: one row, and 1,000,000 rows",
        columns=["", "threads", "one row us", "of ours", "million rows s", "of ours"],
        rows=[
            [
                side.name,
                str(side.threads),
                f"{1e6 * median(side.row):.1f}",
                f"{median(side.row) / median(ours[side.threads].row):.2f}",
                f"{median(side.rows):.3f}",
                f"{median(side.rows) / median(ours[side.threads].rows):.2f}",
            ]
            for side in sides
        ],
        notes=[
            f"medians of {turns} turns, A B A B; {pinning()}",
            f"plain: eval mode, batch norm as a layer; chunks: of {CHUNK:,} rows",
            "all of PyTorch in inference mode; one row is predicted in a loop inside the process",
            f"outputs differ from ours by {apart:.1e} at most",
            "OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE are unset",
        ],
        figures={
            "sides": [
                {"name": s.name, "threads": s.threads, "row": s.row, "rows": s.rows} for s in sides
            ],
            "apart": apart,
        },
    )
