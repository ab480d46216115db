"""X, an array or a data frame: checked, typed as a table, and encoded as a network's input."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self, final

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.utils import assert_all_finite, check_consistent_length
from sklearn.utils.validation import column_or_1d, validate_data

from tunesmith.engine.network import Floats
from tunesmith.errors import DataError
from tunesmith.table.columns import Column, Table, type_columns
from tunesmith.table.encode import CategoryColumn, Encoder, NumberColumn, fit_encoder
from tunesmith.table.frames import from_frame, refuse_frame
from tunesmith.table.guess import Kind
from tunesmith.table.raw import RawTable
from tunesmith.table.wording import listed, quoted

ARRAY: dict[str, Any] = {"dtype": "numeric", "ensure_all_finite": "allow-nan"}
"""What scikit-learn is to check of an array: NaN is a missing value."""


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inputs:
    """How X becomes the network's input, as learned from the training rows."""

    names: tuple[str, ...]
    """Of the columns of X, in order; an array's are called x0, x1, ..."""
    encoder: Encoder

    @classmethod
    def fit(cls, table: Table, rows: NDArray[np.int64], *, normalize: str = "standard") -> Self:
        """Return the inputs of a typed table, fitted on `rows`; see fit_encoder.

        Raises DataError for a table without a column to learn from.
        """
        features = [c.name for c in table.columns if c.kind is not Kind.LEFT_OUT]
        if not features:
            raise DataError(
                f"none of the {len(table.columns):,} columns of X can be learned from (the first "
                f"is {table.columns[0].why}): give one that varies"
            )
        encoder = fit_encoder(table, features, rows, normalize=normalize)
        return cls(names=tuple(table.frame.columns), encoder=encoder)

    def encode(self, x: Any) -> Floats:
        """Return a checked X as float32 [N, D + C]: numbers, then each category's slot.

        Columns go by their place: scikit-learn has seen to their names. Raises DataError for
        values that do not fit a column, such as text in a column of numbers.
        """
        if is_frame(x):
            given = from_frame(x)
            raw = RawTable(frame=_named(given.frame, self.names), has_lines=False)
        else:
            raw = RawTable(frame=_columns(x, self.names), has_lines=False)
            if all(isinstance(column, NumberColumn) for column in self.encoder.columns):
                return self.encoder.transform(Table(columns=(), frame=raw.frame, has_lines=False))
        table = self.encoder.typed(raw)
        _warn_of_strangers(self.encoder, table)
        return self.encoder.transform(table)


def _warn_of_strangers(encoder: Encoder, table: Table) -> None:
    """Warn where a column of categories holds values, and training had none of them."""
    unseen = encoder.unseen(table)
    for column in encoder.columns:
        cells = table.frame[column.name].drop_nulls()
        if isinstance(column, CategoryColumn) and unseen.get(column.name) == cells.len():
            warnings.warn(
                f"column {quoted(column.name)} has no value that training had: it holds "
                f"{quoted(cells[0])}, where training had {listed(column.values, most=3)}; check "
                "how it is written",
                UserWarning,
                stacklevel=5,
            )


def is_frame(x: Any) -> bool:
    """Return whether X is a data frame of a library that narwhals knows."""
    return bool(nw.dependencies.is_into_dataframe(x))


def checked(estimator: Any, x: Any, y: Any, *, reset: bool, rows: int = 1) -> tuple[Any, Any]:
    """Return X, an array or a frame as it is, and y [N], checked in scikit-learn's words.

    `reset`: whether the names and the number of columns are learned, or compared with those
    learned. Raises ValueError, and TypeError, as any estimator of scikit-learn does; NaN in X is
    a missing value. `rows` is how many there must be at least. Raises DataError for a lazy frame,
    and for one that names a column more than once.
    """
    refuse_frame(x)
    refuse_frame(y)
    if not is_frame(x):
        return validate_data(estimator, x, y, reset=reset, ensure_min_samples=rows, **ARRAY)  # type: ignore[no-any-return]
    x, y = validate_data(estimator, x, y, reset=reset, skip_check_array=True)
    y = column_or_1d(y, warn=True)
    assert_all_finite(y, input_name="y")
    check_consistent_length(x, y)
    if len(y) < rows:
        raise DataError(f"X has {len(y)} row(s), and {rows} are the least to train on: add rows")
    return x, y


def checked_x(estimator: Any, x: Any) -> Any:
    """Return X, an array or a frame as it is, checked against what the estimator was fitted on."""
    refuse_frame(x)
    if is_frame(x):
        return validate_data(estimator, x, reset=False, skip_check_array=True)
    return validate_data(estimator, x, reset=False, **ARRAY)


def table_of(x: Any) -> Table:
    """Return a checked X as a typed table.

    A frame's columns are typed as those of any table, and what is no input is left out. Those of
    an array are numbers, and all are kept: a fold in which one is constant has as many inputs.
    """
    if is_frame(x):
        return type_columns(from_frame(x))
    frame = _columns(x, [f"x{place}" for place in range(x.shape[1])])
    columns = tuple(
        Column(
            name=cells.name,
            kind=Kind.NUMBER,
            missing=cells.null_count(),
            distinct=cells.drop_nulls().n_unique(),
        )
        for cells in frame.iter_columns()
    )
    return Table(columns=columns, frame=frame, has_lines=False)


def _columns(x: NDArray[Any], names: Sequence[str]) -> pl.DataFrame:
    """Return an array [N, D] of numbers as columns of floats, NaN as missing."""
    floats = np.asarray(x, dtype=np.float64)
    return pl.DataFrame(floats, schema=list(names), orient="row").fill_nan(None)


def _named(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    return frame.rename(dict(zip(frame.columns, names, strict=True)))
