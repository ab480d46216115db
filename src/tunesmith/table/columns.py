"""What each column is taken for: a number, a category, a date, or nothing to learn from."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import final

import polars as pl

from tunesmith.errors import DataError
from tunesmith.table.cells import MISSING, MOST_EXACT, Decimal, decimal_of, without_marks
from tunesmith.table.dates import Order
from tunesmith.table.guess import (
    Kind,
    Notation,
    Reading,
    asked_for,
    guess,
    nothing_to_learn,
    values_of,
)
from tunesmith.table.raw import RawTable, place_of
from tunesmith.table.wording import listed, nearest, quoted

DROPPED = "dropped as asked"
"""The `why` of a column that the user left out."""

TYPES: Mapping[str, Kind | Notation] = {
    "number": Kind.NUMBER,
    "decimal-comma": Decimal.COMMA,
    "category": Kind.CATEGORY,
    "text": Kind.CATEGORY,
    "date": Kind.DATE,
    "day-first": Order.DAY_FIRST,
    "month-first": Order.MONTH_FIRST,
}
"""What a user may say that a column holds."""


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
    notation: Notation | None = None
    """How its numbers or dates are written; None where they were given as such."""
    unit: str = ""
    """The currency sign or % that each of its numbers is written with."""
    marks: tuple[str, ...] = ()
    """What stands for a missing value, where that is not an empty cell."""
    marked: int = 0
    """Rows that hold one of these marks."""


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """A typed table, rows as in the file.

    `frame` holds every column, left out or not: numbers as finite Float64, dates as Datetime, all
    others as String without blanks around the text; null is missing.
    """

    columns: tuple[Column, ...]
    frame: pl.DataFrame
    form: str = ""
    """How a text file was read, where that is not plain; see RawTable."""
    has_lines: bool = True
    """Whether the rows are lines of a text file."""
    above: int = 0
    """Lines, or rows, above the first row here; see RawTable."""
    marks: tuple[str, ...] = MISSING
    """Texts that stood for a missing value; see RawTable."""

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

    def place(self, row: int) -> str:
        """Return where row `row`, counted from 0, is found: "line 5" of a file, or "row 4"."""
        return place_of(self.frame, row, has_lines=self.has_lines, above=self.above)


def find_column(where: Table | Iterable[str], name: str) -> str:
    """Return `name` if there is such a column, else raise DataError with the nearest name."""
    names = where.frame.columns if isinstance(where, Table) else list(where)
    if name in names:
        return name
    near = nearest(name, names)
    remedy = f"did you mean {quoted(near)}?" if near else f"there are {listed(names)}"
    raise DataError(f"no column {quoted(name)}; {remedy}")


def type_columns(
    table: RawTable | pl.DataFrame,
    *,
    types: Mapping[str, Kind | Notation] = {},
    drop: Collection[str] = (),
    stored: Mapping[str, Reading] = {},
) -> Table:
    """Decide what each column of a table is; `types` and `drop` overrule the decision.

    A column of text is a number column if every value is a finite number, and none a code such as
    00123; a date column if every value is a date, all with the same order of their parts.
    Left out are columns with the same value in every row, without any value, and names of rows:
    more than 50 values that are all different, as text or under a name such as id.
    Columns that are not text are what they are: a frame's numbers are numbers, its categories are
    categories. `stored` is how columns were read before, which is not decided anew.

    Raises DataError for names that are no columns, for a number column with an infinite value,
    for a value that does not fit what `types` or `stored` call its column, and for numbers and
    dates that can be read in two ways.
    """
    raw = table if isinstance(table, RawTable) else RawTable(frame=table)
    for name in (*types, *drop):
        find_column(raw.frame.columns, name)
    asked: dict[str, Kind | Notation] = dict.fromkeys(raw.categories, Kind.CATEGORY)
    asked |= types
    asked |= dict.fromkeys(drop, Kind.LEFT_OUT)
    kinds = {name: _kind_of(choice) for name, choice in asked.items()}
    kinds |= {name: reading.kind for name, reading in stored.items()}
    cells = {n: _cells(raw.frame[n], kinds.get(n), raw.marks) for n in raw.frame.columns}
    told = decimal_of(
        values
        for name, values in cells.items()
        if values.dtype == pl.String and name not in stored
        if asked.get(name) in (None, Kind.NUMBER)
    )
    readings = {
        name: stored.get(name) or _reading(raw, values, asked.get(name), told)
        for name, values in cells.items()
    }
    settled = {*types, *drop, *stored}
    typed = [
        _typed(raw, cells.pop(name), reading, settled=name in settled, trained=name in stored)
        for name, reading in readings.items()
    ]
    return Table(
        columns=tuple(column for column, _ in typed),
        frame=pl.DataFrame([values for _, values in typed]),
        form=raw.form,
        has_lines=raw.has_lines,
        above=raw.above,
        marks=raw.marks,
    )


def _kind_of(asked: Kind | Notation) -> Kind:
    """Return the kind that a choice of TYPES stands for."""
    if isinstance(asked, Decimal):
        return Kind.NUMBER
    return Kind.DATE if isinstance(asked, Order) else asked


def _cells(values: pl.Series, kind: Kind | None, marks: Collection[str]) -> pl.Series:
    """Return a column as text without blanks and missing marks, as numbers, or as dates."""
    if values.dtype == pl.String:
        return without_marks(values, marks)
    if _is_odd(values.dtype):
        return pl.Series(values.name, [None] * values.len(), dtype=pl.String)
    if values.dtype.is_numeric():
        if kind in (None, Kind.NUMBER, Kind.LEFT_OUT):
            return values.cast(pl.Float64).fill_nan(None)
        if values.dtype.is_float():  # 1.0 is called 1, as whole numbers are
            values = values.fill_nan(None)
            whole = values.set(values.abs() > MOST_EXACT, None).cast(pl.Int64)
            return (
                values.cast(pl.String)
                .set(whole == values, None)
                .fill_null(whole.set(whole != values, None).cast(pl.String))
            )
    elif kind in (None, Kind.DATE, Kind.LEFT_OUT):
        return values
    return values.cast(pl.String)


def _is_odd(dtype: pl.DataType) -> bool:
    """Return whether cells of this type are no single values but lists, bytes or objects."""
    return dtype.is_nested() or dtype in (pl.Binary, pl.Object)


def _reading(
    raw: RawTable, cells: pl.Series, asked: Kind | Notation | None, told: Decimal | None
) -> Reading:
    """Decide how a column is read; `told` is the decimal sign that other columns show."""
    if asked is Kind.LEFT_OUT:
        return Reading(Kind.LEFT_OUT, why=DROPPED)
    if cells.dtype != pl.String:
        return Reading(Kind.NUMBER if cells.dtype.is_numeric() else Kind.DATE)
    if asked is None:
        return guess(cells, raw.place, told=told)
    return asked_for(cells, asked, raw.place, told=told)


def _typed(
    raw: RawTable, cells: pl.Series, reading: Reading, *, settled: bool, trained: bool
) -> tuple[Column, pl.Series]:
    """Return what a column is, and its values in that type.

    `settled`: it is used even if it looks useless. `trained`: a model reads it in this way.
    """
    if trained:
        _check_unit(cells, reading, raw)
        remedy = f"correct or empty the cell (training had values such as {reading.example})"
        values = values_of(cells, reading, raw.place, remedy)
    else:
        values = values_of(cells, reading, raw.place)
    distinct = values.drop_nulls().n_unique()
    source = raw.frame[cells.name]
    kind, why = reading.kind, reading.why
    if not settled and (reason := nothing_to_learn(cells.name, values, distinct)):
        reason = "its cells are no single values" if _is_odd(source.dtype) else reason
        kind, why = Kind.LEFT_OUT, f"{reason}; {why}" if kind is Kind.CATEGORY and why else reason
    missing = values.null_count()
    marks = _marked(source, raw.marks) if missing else source.clear()
    column = Column(
        name=cells.name,
        kind=kind,
        missing=missing,
        distinct=distinct,
        why=why,
        notation=reading.notation,
        unit=reading.unit,
        marks=tuple(marks.unique().sort().to_list()),
        marked=marks.len(),
    )
    return column, values


def _check_unit(cells: pl.Series, reading: Reading, raw: RawTable) -> None:
    """Raise DataError where typed numbers have no unit and those of the training table had."""
    if reading.unit and cells.dtype != pl.String and (rows := cells.is_not_null().arg_true()).len():
        raise DataError(
            f"column {quoted(cells.name)} holds {cells[rows[0]]:.6g} at {raw.place(rows[0])}, "
            f"which lacks the {quoted(reading.unit)} of the training table; write it as text, such "
            f"as {reading.example}"
        )


def _marked(source: pl.Series, marks: Collection[str]) -> pl.Series:
    """Return the cells that are marks of a missing value other than an empty cell."""
    if source.dtype != pl.String:
        return source.clear()
    stripped = source.str.strip_chars()
    return stripped.filter(stripped.is_in([mark for mark in marks if mark]))
