"""A table as it was given, before any column is typed."""

from dataclasses import dataclass
from typing import final

import polars as pl

from tunesmith.table.cells import MISSING


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RawTable:
    """Named columns of cells: text where they come from a text file, else as they were given."""

    frame: pl.DataFrame
    form: str = ""
    """How a text file was read where that is not plain, such as "UTF-16, separated by ';'"."""
    has_lines: bool = True
    """Whether it was a text file, so that a row has a line; else rows count from 1."""
    above: int = 0
    """Lines, or rows, of the file between its header and the first row here."""
    marks: tuple[str, ...] = MISSING
    """Texts that stand for a missing value; see MISSING and EMPTY."""
    categories: frozenset[str] = frozenset()
    """Columns whose type says that they hold categories, whatever their labels look like."""

    def place(self, row: int) -> str:
        """Return where row `row`, counted from 0, is found: "line 5" of a file, or "row 4"."""
        return place_of(self.frame, row, has_lines=self.has_lines, above=self.above)


def place_of(frame: pl.DataFrame, row: int, *, has_lines: bool, above: int) -> str:
    """Return "line 5" for row 3 of a text file's table, or "row 4", and more if rows are above."""
    return f"line {line_of(frame, row) + above}" if has_lines else f"row {row + 1 + above}"


def line_of(frame: pl.DataFrame, row: int) -> int:
    """Return the line of the file in which row `row` of its table starts.

    The header is line 1; line feeds inside quoted names and cells count.
    """
    above = frame.head(row).select(pl.col(pl.String).str.count_matches("\n", literal=True).sum())
    inside = sum(above.row(0)) if above.width else 0
    return row + 2 + inside + sum(name.count("\n") for name in frame.columns)
