"""What a benchmark gives back: a small text table, the figures behind it, and the machine."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final

from benchmarks.machine import machine


class Refusal(Exception):
    """Why a benchmark cannot run here, or what it ran failed; one sentence."""

    def __init__(self, sentence: str, *, exit_code: int) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One benchmark's answer."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    """Cells as they are printed."""
    notes: Sequence[str] = ()
    """Sentences below the table: the ratio, what was held equal."""
    figures: Mapping[str, Any]
    """All that was measured, as plain data."""
    machine: Mapping[str, str] = field(default_factory=machine)

    def text(self) -> str:
        """Return it as lines: title, table, notes, machine."""
        about = [f"{name}: {value}" for name, value in self.machine.items()]
        return "\n".join([self.title, "", *table(self.columns, self.rows), "", *self.notes, *about])

    def to_builtins(self) -> dict[str, Any]:
        """Return it as plain JSON data."""
        return {"title": self.title, "machine": dict(self.machine), **self.figures}


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table: the first column to the left, the others to the right."""
    cells = [columns, *rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]


def progress(text: str) -> None:
    """Say on stderr how far a benchmark is."""
    print(text, file=sys.stderr, flush=True)
