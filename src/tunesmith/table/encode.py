"""A table as an array: numbers standardised, categories as one-hot, missing values marked.

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
from tunesmith.table.wording import listed, quoted

MAX_CATEGORIES = 64
"""Categories of a column that get a slot of their own; rarer ones share one."""

FARTHEST = 1e6
"""Standard deviations a number may lie from the mean. N training rows cannot reach beyond
sqrt(N); only a wild value in a later row is held back, so that it stays finite as float32."""

Rows = npt.NDArray[np.int64]
Features = npt.NDArray[np.float32]


@final
class NumberColumn(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="number"
):
    """One number column: (x - mean) / std, 0 where missing, and a mark for missing values."""

    name: str
    mean: float
    std: Annotated[float, msgspec.Meta(ge=0)]
    """0 for a column that is constant in the training rows, which gives 0."""
    missing: bool
    """Whether training rows have missing values, which then get a mark of 0 or 1."""

    kind = Kind.NUMBER

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features this column gives."""
        return (self.name, f"{self.name} missing") if self.missing else (self.name,)

    def write(self, cells: pl.Series, out: Features) -> None:
        """Write cells, Float64 [N], into `out` [N, len(names)], which holds zeros."""
        x = cells.to_numpy()
        missing = np.isnan(x)
        if self.std > 0:
            with np.errstate(over="ignore"):  # a difference of huge numbers; the clip holds it
                z = np.clip((x - self.mean) / self.std, -FARTHEST, FARTHEST)
            out[:, 0] = np.where(missing, 0.0, z)
        if self.missing:
            out[:, 1] = missing


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
    def names(self) -> tuple[str, ...]:
        """Names of the features this column gives."""
        slots = tuple(f"{self.name}={value}" for value in self.values)
        missing = (f"{self.name} missing",) if self.missing else ()
        return (*slots, *missing, f"{self.name} other")

    def slots(self, cells: pl.Series) -> npt.NDArray[np.int64]:
        """Return the slot of each cell, String [N] -> int64 [N]."""
        other = len(self.values) + self.missing
        own = pl.Series(self.values, dtype=pl.String)
        slots = cells.replace_strict(
            own, pl.int_range(len(own), eager=True), default=other, return_dtype=pl.Int64
        )
        if self.missing:
            slots = slots.set(cells.is_null(), len(self.values))
        return slots.to_numpy()

    def write(self, cells: pl.Series, out: Features) -> None:
        """Write cells, String [N], into `out` [N, len(names)], which holds zeros."""
        out[np.arange(len(cells)), self.slots(cells)] = 1


@final
class Encoder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a table becomes an array; equal encoders give equal arrays."""

    columns: tuple[NumberColumn | CategoryColumn, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the D features, such as "age", "age missing", "colour=red"."""
        return tuple(name for column in self.columns for name in column.names)

    @property
    def width(self) -> int:
        """How many features there are, D."""
        return sum(len(column.names) for column in self.columns)

    def typed(self, text: pl.DataFrame) -> Table:
        """Type a table of text as the training table was; columns not used are left out.

        Raises DataError for columns that are missing, and for text in a number column.
        """
        self._check_present(text.columns)
        kinds = {column.name: column.kind for column in self.columns}
        return type_columns(text, types=kinds, drop=set(text.columns) - set(kinds))

    def transform(self, table: Table, rows: Rows | None = None) -> Features:
        """Return `rows` of the table, by default all, as float32 [N, D], C-contiguous.

        Further columns and another order are fine. Raises DataError for columns that are
        missing, and for columns that are not of the kind they were trained as.
        """
        self._check_present(table.frame.columns)
        out = np.zeros((table.rows if rows is None else len(rows), self.width), np.float32)
        start = 0
        for column in self.columns:
            end = start + len(column.names)
            column.write(_cells(table, column, rows), out[:, start:end])
            start = end
        return out

    def unseen(self, table: Table) -> dict[str, int]:
        """Return, for columns that have any, how many rows hold a value not seen in training.

        Columns with more than MAX_CATEGORIES values are not judged: their rare values are not
        kept, so a new one cannot be told from a rare one.
        """
        self._check_present(table.frame.columns)
        found = {}
        for column in self.columns:
            if isinstance(column, CategoryColumn) and not column.rare:
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


def fit_encoder(table: Table, features: Sequence[str], rows: Rows) -> Encoder:
    """Return the encoder of the columns `features`, fitted on the training rows alone."""
    columns = []
    for name in features:
        cells = table.frame[find_column(table, name)].gather(rows)
        is_text = cells.dtype == pl.String
        columns.append(_fit_category(cells) if is_text else _fit_number(cells))
    return Encoder(tuple(columns))


def _fit_number(cells: pl.Series) -> NumberColumn:
    """Return mean and (biased) standard deviation of what is not missing, in float64."""
    x = cells.drop_nulls().to_numpy()
    missing = len(x) < len(cells)
    if len(x) == 0 or x.min() == x.max():  # the rounded std of a constant need not be 0
        mean = float(x[0]) if len(x) else 0.0
        return NumberColumn(name=cells.name, mean=mean, std=0.0, missing=missing)
    size = float(np.abs(x).max())  # squares of x / size cannot overflow
    mean, std = float((x / size).mean() * size), float((x / size).std() * size)
    return NumberColumn(name=cells.name, mean=mean, std=std, missing=missing)


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
