"""A table as an array: numbers normalised, categories as slots, missing values marked.

Everything is fitted on training rows; other rows are never looked at.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Self, final

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from tunesmith.errors import DataError
from tunesmith.table.cells import MISSING, TRUTH, Decimal, are_truth_values
from tunesmith.table.columns import Table, find_column, type_columns
from tunesmith.table.dates import CATEGORY_PARTS, NUMBER_PARTS, Order
from tunesmith.table.guess import Kind, Notation, Reading, values_of
from tunesmith.table.normalize import Normalize, center_and_spread, normalized
from tunesmith.table.raw import RawTable
from tunesmith.table.wording import listed, quoted

MAX_CATEGORIES = 1_000
"""Categories of a column that get a slot of their own; rarer ones share one.

However many there are, a network looks up one of them, which costs the same. But each is a weight
for every unit, with its gradient and moments: 16 MB at most for 1,000 slots before 1,024 units.
And a value beyond the 1,000 most frequent is held by less than one row in a thousand, too few to
learn from in most tables."""

Rows = npt.NDArray[np.int64]
Features = npt.NDArray[np.float32]


@final
class NumberColumn(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag="number",
):
    """One number column: its value normalised, and a mark for missing values."""

    name: str
    normalize: Normalize
    center: float
    """It stands for missing values: 0 once normalised, and under "none" the mean."""
    spread: Annotated[float, msgspec.Meta(ge=0)]
    """0 for a column that is constant in the training rows, which gives 0; 1 under "none"."""
    missing: bool
    """Whether training rows have missing values, which then get a mark of 0 or 1."""
    notation: Decimal = Decimal.POINT
    """How its numbers are written."""
    unit: str = ""
    """The currency sign or % that each is written with; see `without_unit`."""
    truth: bool = False
    """Whether training rows hold 0 and 1 alone, which may be written as False and True."""

    kind = Kind.NUMBER

    @property
    def reading(self) -> Reading:
        """How the column of a new table is read."""
        return Reading(Kind.NUMBER, self.notation, unit=self.unit, truth=self.truth)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the numbers this column gives."""
        return (self.name, f"{self.name} missing") if self.missing else (self.name,)

    def write(self, cells: pl.Series, out: Features) -> None:
        """Write cells, Float64 [N], into `out` [N, len(names)]."""
        x = cells.to_numpy()
        out[:, 0] = normalized(x, self.normalize, self.center, self.spread)
        if self.missing:
            out[:, 1] = np.isnan(x)


@final
class CategoryColumn(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="category"
):
    """One category column: a slot for each value kept, for missing, and for all others."""

    name: str
    values: tuple[str, ...]
    """The values with a slot of their own, the most frequent first."""
    rare: Annotated[int, msgspec.Meta(ge=0)]
    """Further values of the training rows, which share the last slot with unseen ones."""
    missing: bool
    """Whether training rows have missing values, which then are a category of their own."""

    kind = Kind.CATEGORY

    @property
    def reading(self) -> Reading:
        """How the column of a new table is read."""
        return Reading(Kind.CATEGORY)

    @property
    def places(self) -> dict[str, int]:
        """Every text that is one of the values, and the value's place among them.

        Truth values are the same however they are written: True, TRUE, true, 1 and 1.0.
        """
        truth = {TRUTH[value]: place for place, value in enumerate(self.values) if value in TRUTH}
        if not truth or len(truth) < len(self.values):
            return {value: place for place, value in enumerate(self.values)}
        written = {**TRUTH, "1": 1.0, "1.0": 1.0, "0": 0.0, "0.0": 0.0}
        return {text: truth[value] for text, value in written.items() if value in truth}

    @property
    def slot_count(self) -> int:
        """How many slots it has: a slot is a whole number from 0 to slot_count - 1."""
        return len(self.values) + self.missing + 1

    def slots(self, cells: pl.Series) -> npt.NDArray[np.int64]:
        """Return the slot of each cell, String [N] -> int64 [N]; the last one is for others."""
        places = self.places
        slots = cells.replace_strict(
            pl.Series(list(places), dtype=pl.String),
            pl.Series(list(places.values()), dtype=pl.Int64),
            default=self.slot_count - 1,
            return_dtype=pl.Int64,
        )
        if self.missing:
            slots = slots.set(cells.is_null(), len(self.values))
        return slots.to_numpy()


@final
class DateColumn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="date"):
    """One column of dates or times: the parts of them that vary in the training rows."""

    name: str
    notation: Order | None
    """How its dates are written; None where training had them as dates, not as text."""
    number_parts: tuple[NumberColumn, ...]
    """Of days (since 1970), year, day (of the month) and hour; each under the name of its part."""
    category_parts: tuple[CategoryColumn, ...]
    """Of month and weekday."""

    kind = Kind.DATE

    @property
    def reading(self) -> Reading:
        """How the column of a new table is read: text without a known order as ISO 8601."""
        return Reading(Kind.DATE, self.notation or Order.YEAR_FIRST)

    def __post_init__(self) -> None:
        """Refuse parts that dates do not have; they can only come from a file."""
        names = {part.name for part in self.number_parts} - set(NUMBER_PARTS)
        names |= {part.name for part in self.category_parts} - set(CATEGORY_PARTS)
        if names:
            raise ValueError(f"dates have no parts {sorted(names)}")


InputColumn = NumberColumn | CategoryColumn | DateColumn


@final
class Encoder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a table becomes an array; equal encoders give equal arrays.

    The array holds D numbers, then a slot for each of C categories, each in the table's order.
    """

    columns: tuple[InputColumn, ...]
    marks: tuple[str, ...] = MISSING
    """Texts that stand for a missing value."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the array's D + C columns, such as "age", "age missing", "when weekday"."""
        first = tuple(
            _part_name(source, name)
            for source, part in self.number_columns()
            for name in part.names
        )
        return first + tuple(
            _part_name(source, part.name) for source, part in self.category_columns()
        )

    @property
    def numbers(self) -> int:
        """How many numbers there are, D."""
        return sum(len(part.names) for _, part in self.number_columns())

    @property
    def categories(self) -> tuple[int, ...]:
        """How many slots each of the C categories has."""
        return tuple(part.slot_count for _, part in self.category_columns())

    @property
    def width(self) -> int:
        """How many columns the array has, D + C."""
        return len(self.names)

    def number_columns(self) -> Iterator[tuple[InputColumn, NumberColumn]]:
        """Yield what gives numbers, each with the column of the table that it is, or is part of."""
        for source in self.columns:
            match source:
                case NumberColumn():
                    yield source, source
                case DateColumn():
                    yield from ((source, part) for part in source.number_parts)

    def category_columns(self) -> Iterator[tuple[InputColumn, CategoryColumn]]:
        """Yield what gives slots, each with the column of the table that it is, or is part of."""
        for source in self.columns:
            match source:
                case CategoryColumn():
                    yield source, source
                case DateColumn():
                    yield from ((source, part) for part in source.category_parts)

    def typed(self, table: RawTable | pl.DataFrame) -> Table:
        """Type a table as the training table was; columns not used are left out.

        Nothing is decided anew: a row is read in the same way whatever other rows there are.
        Raises DataError for columns that are missing, and for what is no number or date as it was
        written in training.
        """
        raw = table if isinstance(table, RawTable) else RawTable(frame=table)
        self._check_present(raw.frame.columns)
        stored = {column.name: column.reading for column in self.columns}
        raw = replace(raw, marks=self.marks, categories=frozenset())
        return type_columns(raw, stored=stored, drop=set(raw.frame.columns) - set(stored))

    def transform(self, table: Table, rows: Rows | None = None) -> Features:
        """Return `rows` of the table, by default all, as finite float32 [N, D + C], C-contiguous.

        Further columns and another order are fine. Raises DataError for columns that are
        missing, and for columns that are not of the kind they were trained as.
        """
        self._check_present(table.frame.columns)
        out = np.empty((table.rows if rows is None else len(rows), self.width), np.float32)
        start = 0
        for source, number in self.number_columns():
            end = start + len(number.names)
            number.write(_cells(table, source, number, rows), out[:, start:end])
            start = end
        for place, (source, category) in enumerate(self.category_columns(), start):
            out[:, place] = category.slots(_cells(table, source, category, rows))
        return out

    def unseen(self, table: Table) -> dict[str, int]:
        """Return, for columns that have any, how many rows hold a value not seen in training.

        Columns with more than MAX_CATEGORIES values are not judged: their rare values are not
        kept, so a new one cannot be told from a rare one.
        """
        self._check_present(table.frame.columns)
        found = {}
        for source, column in self.category_columns():
            if not column.rare:
                cells = _cells(table, source, column, None).drop_nulls()
                if count := int((column.slots(cells) >= len(column.values)).sum()):
                    found[_part_name(source, column.name)] = count
        return found

    def to_builtins(self) -> dict[str, Any]:
        """Return the encoder as plain dicts, lists, strings and numbers, fit for JSON."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    @classmethod
    def from_builtins(cls, plain: Mapping[str, Any]) -> Self:
        """Return the encoder that `to_builtins` gave; DataError for anything else."""
        try:
            return msgspec.convert(plain, cls)
        except msgspec.ValidationError as error:
            raise DataError(
                f"this is no description of a table's columns ({error}); save the model again"
            ) from error

    def _check_present(self, names: Sequence[str]) -> None:
        there = set(names)
        lacking = [column.name for column in self.columns if column.name not in there]
        if lacking:
            raise DataError(
                f"the table lacks {listed(lacking)}, which training had; add "
                f"{'it' if len(lacking) == 1 else 'them'}, with empty cells where unknown"
            )


def fit_encoder(
    table: Table, features: Sequence[str], rows: Rows, *, normalize: str = Normalize.STANDARD
) -> Encoder:
    """Return the encoder of the columns `features`, fitted on the training rows alone.

    `normalize` is "none", "standard" or "robust", for numbers; DataError for another name.
    """
    how = Normalize.of(normalize)
    columns = tuple(_fit(table, find_column(table, name), rows, how) for name in features)
    return Encoder(columns, marks=table.marks)


def _fit(table: Table, name: str, rows: Rows, how: Normalize) -> InputColumn:
    """Return the encoder of one column, fitted on the training rows."""
    cells = table.frame[name].gather(rows)
    column = table.column(name)
    if cells.dtype == pl.String:
        return _fit_category(cells)
    if cells.dtype.is_temporal():
        return _fit_date(cells, how, column.notation)
    return msgspec.structs.replace(
        _fit_number(cells, how),
        notation=column.notation if isinstance(column.notation, Decimal) else Decimal.POINT,
        unit=column.unit,
        truth=cells.is_in([0.0, 1.0]).sum() == cells.count() > 0,
    )


def _fit_number(cells: pl.Series, how: Normalize) -> NumberColumn:
    """Return the column's center and spread, in float64."""
    x = cells.to_numpy()
    center, spread = center_and_spread(x, how)
    missing = bool(np.isnan(x).any())
    return NumberColumn(
        name=cells.name,
        normalize=how,
        center=center,
        spread=spread,
        missing=missing,
    )


def _fit_category(cells: pl.Series) -> CategoryColumn:
    """Return the values by frequency, ties by name, as many as get a slot."""
    present = cells.drop_nulls()
    if are_truth_values(present):
        present = present.str.to_titlecase()
    ranked = present.value_counts(name="rows").sort("rows", cells.name, descending=[True, False])
    values = ranked[cells.name].to_list()
    return CategoryColumn(
        name=cells.name,
        values=tuple(values[:MAX_CATEGORIES]),
        rare=max(0, len(values) - MAX_CATEGORIES),
        missing=len(present) < len(cells),
    )


def _fit_date(cells: pl.Series, how: Normalize, notation: Notation | None) -> DateColumn:
    """Return the parts that vary in the training rows; days, which say all, mark missing dates."""
    numbers = [take(cells).alias(name) for name, take in NUMBER_PARTS.items()]
    categories = [take(cells).alias(name) for name, take in CATEGORY_PARTS.items()]
    numbers = [p for p in numbers if _varies(p) or (p.name == "days" and p.has_nulls())]
    fitted = [_fit_number(part, how) for part in numbers]
    return DateColumn(
        name=cells.name,
        notation=notation if isinstance(notation, Order) else None,
        number_parts=tuple(
            msgspec.structs.replace(part, missing=part.missing and part.name == "days")
            for part in fitted
        ),
        category_parts=tuple(_fit_category(part) for part in categories if _varies(part)),
    )


def _varies(part: pl.Series) -> bool:
    return part.drop_nulls().n_unique() > 1


def _part_name(source: InputColumn, name: str) -> str:
    """Return the name of a column of the array: that of the table's, with the part of a date."""
    return f"{source.name} {name}" if isinstance(source, DateColumn) else name


def _cells(
    table: Table, source: InputColumn, part: NumberColumn | CategoryColumn, rows: Rows | None
) -> pl.Series:
    """Return the part of the column's cells in `rows`, in the type it was trained as."""
    cells: pl.Series = table.frame[source.name]
    if isinstance(source, NumberColumn) and cells.dtype == pl.String:
        cells = values_of(cells, source.reading, table.place)
    if (source.kind is Kind.DATE) != cells.dtype.is_temporal() or (
        source.kind is Kind.CATEGORY and cells.dtype != pl.String
    ):
        raise DataError(
            f"column {quoted(source.name)} is taken for {_taken(cells)}, but was a "
            f"{source.kind.value} in training; type it as {source.kind.value}"
        )
    cells = cells if rows is None else cells.gather(rows)
    if source.kind is not Kind.DATE:
        return cells
    parts = NUMBER_PARTS if part.kind is Kind.NUMBER else CATEGORY_PARTS
    return parts[part.name](cells)


def _taken(cells: pl.Series) -> str:
    """Say what a column holds that was not expected."""
    if cells.dtype == pl.String:
        return "text"
    return "dates" if cells.dtype.is_temporal() else "numbers"
