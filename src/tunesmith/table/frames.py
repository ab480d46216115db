"""Tables that come with types: data frames, and arrays."""

import math
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from tunesmith.errors import DataError
from tunesmith.table.cells import EMPTY, MOST_EXACT
from tunesmith.table.raw import RawTable
from tunesmith.table.wording import listed, numbered

_SINGLE = (str, bool, int, float, np.generic, date, datetime, time, Decimal)

NO_VALUES = pl.Binary()
"""The type that stands for cells which are no single values, such as lists; see columns.py."""


def from_frame(frame: Any) -> RawTable:
    """Return a pandas, polars or other data frame that narwhals knows, as a table to be typed.

    Numbers, dates and times stay what they are; truth values become True and False, categories
    and all others text. A column of a categorical type stays one of categories, whatever its
    labels look like; no text but the empty one stands for a missing value. The index is left out.

    Raises DataError for what is no data frame, for a lazy one, and for names that are not
    different.
    """
    refuse_frame(frame)
    try:
        given = nw.from_native(frame, eager_only=True)
    except TypeError as error:
        raise DataError(
            f"a {type(frame).__name__} is no data frame; give a pandas or polars one, or an array"
        ) from error
    names = _names(given.columns)
    columns = [_column(s, name) for s, name in zip(given.iter_columns(), names, strict=True)]
    schema = given.schema.values()
    categories = (
        name
        for name, dtype in zip(names, schema, strict=True)
        if dtype in (nw.Categorical, nw.Enum)
    )
    return RawTable(
        frame=pl.DataFrame(columns), has_lines=False, marks=EMPTY, categories=frozenset(categories)
    )


def refuse_frame(frame: Any) -> None:
    """Raise DataError for a lazy frame, and for one that names a column more than once.

    What is no data frame is let through.
    """
    try:
        eager = nw.from_native(frame, pass_through=True)
    except nw.exceptions.DuplicateError as error:
        raise DataError(
            "the data frame names a column more than once; give each column its own name"
        ) from error
    if isinstance(eager, nw.LazyFrame):
        raise DataError(
            f"a {type(frame).__name__} has no rows until it is collected; give what its "
            ".collect() returns"
        )


def _names(given: Sequence[Any]) -> list[str]:
    """Return the names of columns as text without blanks around it; DataError for equal ones.

    A column without a name is called by its number, as in a text file.
    """
    names = numbered([str(name).strip() for name in given])
    if twice := [name for name, times in Counter(names).items() if times > 1]:
        raise DataError(
            f"the table names {listed(twice)} more than once; give each column its own name"
        )
    return names


def _column(given: nw.Series[Any], name: str) -> pl.Series:
    """Return a column of a data frame: numbers, moments in UTC, text, or NO_VALUES."""
    kind = given.dtype
    if kind.is_integer() or kind.is_decimal():
        return _exact(given, name)
    if kind.is_numeric():
        return _from_values(name, given.cast(nw.Float64).to_numpy())
    if isinstance(kind, nw.Datetime) and kind.time_zone:
        given = given.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    if kind in (nw.Datetime, nw.Date):
        return _from_values(name, given.cast(nw.Datetime("us")).to_numpy())
    if kind == nw.Duration:
        return _from_values(name, given.cast(nw.Duration("us")).to_numpy())
    native = given.to_native()
    if isinstance(native, pl.Series) and kind in (nw.String, nw.Categorical, nw.Enum):
        return native.cast(pl.String).alias(name)
    cells = given.to_list()
    if kind in (nw.Categorical, nw.Enum):
        cells = [_label(cell) for cell in cells]
    return _from_objects(name, cells)


def _label(value: Any) -> Any:
    """Return a category's label, a whole number without a needless .0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _exact(given: nw.Series[Any], name: str) -> pl.Series:
    """Return whole numbers or decimals as numbers, or all as text if float64 would round one.

    Digits behind the point may be rounded, as in any number; whole numbers may be names of things.
    """
    ends = [int(end) for end in (given.min(), given.max()) if not _is_missing(end)]
    if any(abs(end) > MOST_EXACT for end in ends):
        cells = [None if _is_missing(cell) else _digits(cell) for cell in given.to_list()]
        return pl.Series(name, cells, dtype=pl.String)
    if given.dtype.is_integer() and not given.null_count():
        return _from_values(name, given.cast(nw.Int64).to_numpy())
    return _from_values(name, given.cast(nw.Float64).to_numpy())


def _digits(number: int | Decimal) -> str:
    """Return all digits of a number, without needless zeros behind the point."""
    digits = f"{number:f}" if isinstance(number, Decimal) else str(number)
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _from_values(name: str, values: NDArray[Any]) -> pl.Series:
    """Return a column [N] of an array: numbers, moments, text, or NO_VALUES."""
    match values.dtype.kind:
        case "i" | "u":
            numbers = pl.Series(name, np.ascontiguousarray(values))
            exact = len(values) == 0 or max(-int(values.min()), int(values.max())) <= MOST_EXACT
            return numbers if exact else numbers.cast(pl.String)
        case "f":
            return pl.Series(name, values.astype(np.float64)).fill_nan(None)
        case "M":
            return pl.Series(name, values.astype("datetime64[us]"))
        case "m":
            return pl.Series(name, values / np.timedelta64(1, "s")).fill_nan(None)
    return _from_objects(name, values.tolist())


def _from_objects(name: str, values: Sequence[Any]) -> pl.Series:
    """Return Python objects as text, null where there is none; NO_VALUES for lists and such."""
    cells = [None if _is_missing(value) else value for value in values]
    if all(isinstance(cell, _SINGLE) for cell in cells if cell is not None):
        return pl.Series(name, [None if c is None else str(c) for c in cells], dtype=pl.String)
    return pl.Series(name, [None] * len(cells), dtype=NO_VALUES)


def _is_missing(value: Any) -> bool:
    """Return whether a cell of a data frame holds no value: None, NaN, NaT or pandas' NA."""
    return (
        value is None
        or type(value).__name__ in ("NAType", "NaTType")
        or (isinstance(value, float) and math.isnan(value))
    )
