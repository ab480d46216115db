"""What each column is taken for: a number, a category, or nothing to learn from."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import final

import polars as pl

from tunesmith.errors import DataError
from tunesmith.table.wording import listed, nearest, quoted

MISSING = ("", "NA", "N/A", "n/a", "null", "NULL", "None", "NaN", "nan", "?")
"""Cells that hold no value, once blanks around them are gone."""

MIN_IDENTIFIERS = 51
"""Text values, all different, from which on they are names of rows; fewer may be by accident."""

DROPPED = "dropped as asked"
"""The `why` of a column that the user left out."""

_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_INFINITY = r"^[+-]?(?i:inf|infinity)$"
_CODE = r"^[+-]?0[0-9]"


@final
class Kind(Enum):
    """What a column is taken for."""

    NUMBER = "number"
    CATEGORY = "category"
    LEFT_OUT = "left out"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What one column was taken for; `why` is said where it may surprise."""

    name: str
    kind: Kind
    missing: int
    """Rows without a value."""
    distinct: int
    """Different values, the missing one not counted."""
    why: str = ""


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """A typed table, rows as in the file.

    `frame` holds every column, left out or not: numbers as finite Float64, all others as String
    without blanks around the text; null is missing.
    """

    columns: tuple[Column, ...]
    frame: pl.DataFrame

    @property
    def rows(self) -> int:
        """How many rows the table has."""
        return self.frame.height

    def column(self, name: str) -> Column:
        """Return what column `name` was taken for; DataError where there is none."""
        find_column(self, name)
        return next(column for column in self.columns if column.name == name)

    def features(self, target: str) -> tuple[str, ...]:
        """Return the names of the columns to learn from: neither left out nor the target."""
        return tuple(
            column.name
            for column in self.columns
            if column.kind is not Kind.LEFT_OUT and column.name != target
        )


def find_column(where: Table | Iterable[str], name: str) -> str:
    """Return `name` if there is such a column, else raise DataError with the nearest name."""
    names = where.frame.columns if isinstance(where, Table) else list(where)
    if name in names:
        return name
    near = nearest(name, names)
    remedy = f"did you mean {quoted(near)}?" if near else f"there are {listed(names)}"
    raise DataError(f"no column {quoted(name)}; {remedy}")


def type_columns(
    text: pl.DataFrame, *, types: Mapping[str, Kind] = {}, drop: Collection[str] = ()
) -> Table:
    """Decide what each column of a table of text is; `types` and `drop` overrule the decision.

    A column is a number column if every value is a finite number, and none a code such as 00123.
    Left out are columns with the same value in every row, without any value, and text with more
    than 50 values that are all different.

    Raises DataError for names that are no columns, for a number column with an infinite value,
    and for a value that is no number in a column that `types` calls one.
    """
    for name in (*types, *drop):
        find_column(text.columns, name)
    asked = {**types, **dict.fromkeys(drop, Kind.LEFT_OUT)}
    typed = [_typed(text, name, asked.get(name)) for name in text.columns]
    return Table(
        columns=tuple(column for column, _ in typed),
        frame=pl.DataFrame([values for _, values in typed]),
    )


def line_of(frame: pl.DataFrame, row: int) -> int:
    """Return the line of the file in which row `row` of its table starts.

    The header is line 1; line feeds inside quoted names and cells count.
    """
    above = frame.head(row).select(pl.col(pl.String).str.count_matches("\n", literal=True).sum())
    inside = sum(above.row(0)) if above.width else 0
    return row + 2 + inside + sum(name.count("\n") for name in frame.columns)


def numbers(cells: pl.Series, frame: pl.DataFrame) -> pl.Series:
    """Return text cells as Float64, null where missing; `frame` is the table they come from.

    Raises DataError, with the line, for a cell that is no finite number.
    """
    values = cells.cast(pl.Float64, strict=False)
    wrong = cells.is_not_null() & ~(cells.str.contains(_NUMBER) & values.is_finite())
    row = wrong.fill_null(True).arg_true()
    if row.len() == 0:
        return values
    raise DataError(
        f"column {quoted(cells.name)} is taken for numbers but holds {quoted(cells[row[0]])} at "
        f"line {line_of(frame, row[0])}; correct or empty the cell, or type the column as category"
    )


def _typed(text: pl.DataFrame, name: str, asked: Kind | None) -> tuple[Column, pl.Series]:
    """Return what column `name` is, and its values in that type."""
    cells = text[name].str.strip_chars()
    cells = cells.set(cells.is_in(MISSING), None)
    why = ""
    match asked:
        case None:
            kind, why = _guess(cells, text)
        case Kind.LEFT_OUT:
            kind, why = asked, DROPPED
        case _:
            kind = asked
    values = numbers(cells, text) if kind is Kind.NUMBER else cells
    missing = values.null_count()
    distinct = values.drop_nulls().n_unique()
    if asked is None and (reason := _nothing_to_learn(values, missing, distinct)):
        kind, why = Kind.LEFT_OUT, reason
    return Column(name=name, kind=kind, missing=missing, distinct=distinct, why=why), values


def _guess(cells: pl.Series, text: pl.DataFrame) -> tuple[Kind, str]:
    """Return number or category for the cells of a column, and why if it may surprise."""
    present = cells.drop_nulls()
    is_number = present.str.contains(_NUMBER)
    count = int(is_number.sum())
    if count == 0:
        return Kind.CATEGORY, ""
    codes = present.filter(present.str.contains(_CODE))
    if count == present.len() and codes.len() > 0:
        return Kind.CATEGORY, f"leading zeros, such as {quoted(codes[0])}"
    others = present.filter(~is_number)
    if others.str.contains(_INFINITY).all():  # true too where there are no others
        return Kind.NUMBER, ""
    if count < others.len():
        return Kind.CATEGORY, ""
    row = (cells.is_not_null() & ~cells.str.contains(_NUMBER)).arg_true()[0]
    return Kind.CATEGORY, (
        f"{others.len():,} of {present.len():,} values are not numbers, such as "
        f"{quoted(others[0])} at line {line_of(text, row)}"
    )


def _nothing_to_learn(values: pl.Series, missing: int, distinct: int) -> str:
    """Return why a column is of no use, or "" where it may be."""
    if distinct == 0:
        return "missing in every row"
    if distinct == 1 and missing == 0:
        return "the same value in every row"
    present = values.len() - missing
    if values.dtype == pl.String and distinct == present >= MIN_IDENTIFIERS:
        return "every value different"
    return ""
