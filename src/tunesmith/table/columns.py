"""What each column is taken for: a number, a category, a date, or nothing to learn from."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import final

import polars as pl

from tunesmith.errors import DataError
from tunesmith.table.cells import MISSING, Decimal, decimal_of, without_marks
from tunesmith.table.dates import Order
from tunesmith.table.guess import (
    Guess,
    Kind,
    Notation,
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
    marks: tuple[str, ...] = ()
    """What stands for a missing value, where that is not an empty cell."""


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
    hints: Mapping[str, Notation] = {},
) -> Table:
    """Decide what each column of a table is; `types` and `drop` overrule the decision.

    A column of text is a number column if every value is a finite number, and none a code such as
    00123; a date column if every value is a date, all with the same order of their parts.
    Left out are columns with the same value in every row, without any value, and names of rows:
    more than 50 values that are all different, as text or under a name such as id.
    Columns that are not text are what they are: a frame's numbers are numbers. Where text can be
    read in two ways, `hints` says how.

    Raises DataError for names that are no columns, for a number column with an infinite value,
    for a value that does not fit what `types` calls its column, and for numbers and dates that
    can be read in two ways.
    """
    raw = table if isinstance(table, RawTable) else RawTable(frame=table)
    for name in (*types, *drop):
        find_column(raw.frame.columns, name)
    asked = {**types, **dict.fromkeys(drop, Kind.LEFT_OUT)}
    cells = {name: _cells(raw.frame[name], asked.get(name)) for name in raw.frame.columns}
    told = decimal_of(
        values
        for name, values in cells.items()
        if values.dtype == pl.String and asked.get(name) in (None, Kind.NUMBER)
    )
    typed = [
        _typed(raw, cells.pop(name), asked.get(name), (told, hints.get(name)))
        for name in raw.frame.columns
    ]
    return Table(
        columns=tuple(column for column, _ in typed),
        frame=pl.DataFrame([values for _, values in typed]),
        form=raw.form,
        has_lines=raw.has_lines,
        above=raw.above,
    )


def _cells(given: pl.Series, asked: Kind | Notation | None) -> pl.Series:
    """Return a column as text without blanks and missing marks, as numbers, or as dates."""
    if given.dtype == pl.String:
        return without_marks(given)
    if _is_odd(given.dtype):
        return pl.Series(given.name, [None] * given.len(), dtype=pl.String)
    if given.dtype.is_numeric():
        if asked in (None, Kind.NUMBER, Kind.LEFT_OUT):
            return given.cast(pl.Float64).fill_nan(None)
        if given.dtype.is_float():
            given = given.fill_nan(None)
            if (given.drop_nulls() % 1 == 0).all():  # 1.0 is called 1, as whole numbers are
                given = given.cast(pl.Int64)
    elif asked in (None, Kind.DATE, Kind.LEFT_OUT):
        return given
    return given.cast(pl.String)


def _is_odd(dtype: pl.DataType) -> bool:
    """Return whether cells of this type are no single values but lists, bytes or objects."""
    return dtype.is_nested() or dtype in (pl.Binary, pl.Object)


def _typed(
    raw: RawTable,
    cells: pl.Series,
    asked: Kind | Notation | None,
    notations: tuple[Notation | None, ...],
) -> tuple[Column, pl.Series]:
    """Return what a column is, and its values in that type.

    `notations` decide, the first first, where its text can be read in two ways.
    """
    decimal = next((known for known in notations if isinstance(known, Decimal)), None)
    order = next((known for known in notations if isinstance(known, Order)), None)
    given = raw.frame[cells.name]
    if asked is Kind.LEFT_OUT:
        guessed = Guess(Kind.LEFT_OUT, why=DROPPED)
    elif cells.dtype != pl.String:
        guessed = Guess(Kind.NUMBER if cells.dtype.is_numeric() else Kind.DATE)
    elif asked is None:
        guessed = guess(cells, raw.place, told=decimal, hint=order)
    else:
        guessed = asked_for(cells, asked, raw.place, told=decimal, hint=order)
    values = values_of(cells, guessed, raw.place)
    distinct = values.drop_nulls().n_unique()
    kind, why = guessed.kind, guessed.why
    if asked is None and (reason := nothing_to_learn(cells.name, values, distinct)):
        reason = "its cells are no single values" if _is_odd(given.dtype) else reason
        kind, why = Kind.LEFT_OUT, f"{reason}; {why}" if kind is Kind.CATEGORY and why else reason
    missing = values.null_count()
    column = Column(
        name=cells.name,
        kind=kind,
        missing=missing,
        distinct=distinct,
        why=why,
        notation=guessed.notation,
        marks=_marks(given) if missing else (),
    )
    return column, values


def _marks(given: pl.Series) -> tuple[str, ...]:
    """Return what stands for a missing value in a column as given, other than an empty cell."""
    if given.dtype != pl.String:
        return ()
    stripped = given.str.strip_chars()
    found = stripped.filter(stripped.is_in(MISSING[1:])).unique().sort()
    return tuple(found.to_list())
