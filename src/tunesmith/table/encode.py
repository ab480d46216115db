"""A table as an array: numbers normalised, categories as slots, missing values marked.

Everything is fitted on training rows; other rows are never looked at.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Self, final

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from tunesmith.errors import DataError
from tunesmith.table.columns import Kind, Table, find_column, numbers, type_columns
from tunesmith.table.normalize import Normalize, center_and_spread, normalized
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
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="number"
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

    kind = Kind.NUMBER

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
    def slot_count(self) -> int:
        """How many slots it has: a slot is a whole number from 0 to slot_count - 1."""
        return len(self.values) + self.missing + 1

    def slots(self, cells: pl.Series) -> npt.NDArray[np.int64]:
        """Return the slot of each cell, String [N] -> int64 [N]; the last one is for others."""
        own = pl.Series(self.values, dtype=pl.String)
        slots = cells.replace_strict(
            own,
            pl.int_range(len(own), eager=True),
            default=self.slot_count - 1,
            return_dtype=pl.Int64,
        )
        if self.missing:
            slots = slots.set(cells.is_null(), len(self.values))
        return slots.to_numpy()


@final
class Encoder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a table becomes an array; equal encoders give equal arrays.

    The array holds D numbers, then a slot for each of C categories, each in the table's order.
    """

    columns: tuple[NumberColumn | CategoryColumn, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the array's D + C columns, such as "age", "age missing", "colour"."""
        first = tuple(name for column in self._number_columns() for name in column.names)
        return first + tuple(column.name for column in self._category_columns())

    @property
    def numbers(self) -> int:
        """How many numbers there are, D."""
        return sum(len(column.names) for column in self._number_columns())

    @property
    def categories(self) -> tuple[int, ...]:
        """How many slots each of the C categories has."""
        return tuple(column.slot_count for column in self._category_columns())

    @property
    def width(self) -> int:
        """How many columns the array has, D + C."""
        return len(self.names)

    def _number_columns(self) -> list[NumberColumn]:
        return [column for column in self.columns if isinstance(column, NumberColumn)]

    def _category_columns(self) -> list[CategoryColumn]:
        return [column for column in self.columns if isinstance(column, CategoryColumn)]

    def typed(self, text: pl.DataFrame) -> Table:
        """Type a table of text as the training table was; columns not used are left out.

        Raises DataError for columns that are missing, and for text in a number column.
        """
        self._check_present(text.columns)
        kinds = {column.name: column.kind for column in self.columns}
        return type_columns(text, types=kinds, drop=set(text.columns) - set(kinds))

    def transform(self, table: Table, rows: Rows | None = None) -> Features:
        """Return `rows` of the table, by default all, as finite float32 [N, D + C], C-contiguous.

        Further columns and another order are fine. Raises DataError for columns that are
        missing, and for columns that are not of the kind they were trained as.
        """
        self._check_present(table.frame.columns)
        out = np.empty((table.rows if rows is None else len(rows), self.width), np.float32)
        start = 0
        for column in self._number_columns():
            end = start + len(column.names)
            column.write(_cells(table, column, rows), out[:, start:end])
            start = end
        for place, category in enumerate(self._category_columns(), start):
            out[:, place] = category.slots(_cells(table, category, rows))
        return out

    def unseen(self, table: Table) -> dict[str, int]:
        """Return, for columns that have any, how many rows hold a value not seen in training.

        Columns with more than MAX_CATEGORIES values are not judged: their rare values are not
        kept, so a new one cannot be told from a rare one.
        """
        self._check_present(table.frame.columns)
        found = {}
        for column in self._category_columns():
            if not column.rare:
                cells = _cells(table, column, None).drop_nulls()
                if count := int((column.slots(cells) >= len(column.values)).sum()):
                    found[column.name] = count
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
    columns = []
    for name in features:
        cells = table.frame[find_column(table, name)].gather(rows)
        is_text = cells.dtype == pl.String
        columns.append(_fit_category(cells) if is_text else _fit_number(cells, how))
    return Encoder(tuple(columns))


def _fit_number(cells: pl.Series, how: Normalize) -> NumberColumn:
    """Return the column's center and spread, in float64."""
    x = cells.to_numpy()
    center, spread = center_and_spread(x, how)
    missing = bool(np.isnan(x).any())
    return NumberColumn(
        name=cells.name, normalize=how, center=center, spread=spread, missing=missing
    )


def _fit_category(cells: pl.Series) -> CategoryColumn:
    """Return the values by frequency, ties by name, as many as get a slot."""
    present = cells.drop_nulls()
    ranked = present.value_counts(name="rows").sort("rows", cells.name, descending=[True, False])
    values = ranked[cells.name].to_list()
    return CategoryColumn(
        name=cells.name,
        values=tuple(values[:MAX_CATEGORIES]),
        rare=max(0, len(values) - MAX_CATEGORIES),
        missing=len(present) < len(cells),
    )


def _cells(table: Table, column: NumberColumn | CategoryColumn, rows: Rows | None) -> pl.Series:
    """Return the column's cells in `rows`, in the type it was trained as."""
    cells: pl.Series = table.frame[column.name]
    if column.kind is Kind.NUMBER and cells.dtype == pl.String:
        cells = numbers(cells, table.frame)
    if column.kind is Kind.CATEGORY and cells.dtype != pl.String:
        raise DataError(
            f"column {quoted(column.name)} is taken for numbers, but was a category in training; "
            "type it as category"
        )
    return cells if rows is None else cells.gather(rows)
