"""Tables in Parquet files: read by polars, with what it refuses named."""

import io
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import polars as pl

from tunesmith.errors import DataError, FileError
from tunesmith.table.declared import declared_categories
from tunesmith.table.frames import from_frame
from tunesmith.table.panics import read_or_refuse
from tunesmith.table.parquet_footer import Footer, footer_at, footer_of
from tunesmith.table.raw import RawTable
from tunesmith.table.wording import listed, quoted

T = TypeVar("T")
_ZONE_LOCK = threading.Lock()
Source = Path | io.BytesIO

_ANY_ZONE = "POLARS_IGNORE_TIMEZONE_PARSE_ERROR"
"""A variable of polars that lets it read moments of a zone that it does not know."""


def from_parquet(data: bytes, called: str) -> RawTable:
    """Return the table in a Parquet file's bytes.

    Raises FileError where it is damaged, and DataError where it holds what cannot be read.
    """
    (table,) = _batches(io.BytesIO(data), called, None)
    return table


def from_parquet_rows(path: Path, called: str, rows: int) -> Iterator[RawTable]:
    """Yield the table in a Parquet file in batches of `rows`; raises as `from_parquet`."""
    return _batches(path, called, rows)


def _batches(source: Source, called: str, rows: int | None) -> Iterator[RawTable]:
    """Yield a Parquet file's rows in batches, or all at once."""
    footer = footer_at(source) if isinstance(source, Path) else footer_of(source)
    height = _read(partial(_height, source), source, called, footer)
    if height == 0:
        raise DataError(f"{called} has columns and no rows; add rows")
    declared = declared_categories(footer.metadata if footer else {})
    for above in range(0, height, rows or height):
        take = partial(_slice, source, above, rows, declared)
        yield replace(_read(take, source, called, footer), above=above)


def _height(source: Source) -> int:
    """Return how many rows a Parquet file has."""
    return int(pl.scan_parquet(source, glob=False).select(pl.len()).collect().item())


def _slice(
    source: Source, above: int, rows: int | None, declared: frozenset[str], name: str | None = None
) -> RawTable:
    """Return the rows of a Parquet file that follow the first `above`, all or a batch.

    Of all columns, or of the one called `name`; those `declared` are categories.
    """
    scan = pl.scan_parquet(source, glob=False).slice(above, rows)
    frame = (scan if name is None else scan.select(name)).collect()
    return from_frame(
        frame.with_columns(_as_category(frame[n]) for n in frame.columns if n in declared)
    )


def _as_category(values: pl.Series) -> pl.Series:
    """Return a column that is declared to hold categories as one; truth values are none."""
    dtype = values.dtype
    if not (dtype.is_numeric() or dtype.is_temporal() or dtype == pl.String):
        return values
    text = values.cast(pl.String)
    if dtype.is_float() or dtype.is_decimal():  # a label is written as in a text file
        text = text.str.replace(r"^(-?[0-9]+\.[0-9]*?)0+$", "${1}").str.strip_suffix(".")
    return text.cast(pl.Categorical)


def _read(take: Callable[[], T], source: Source, called: str, footer: Footer | None) -> T:
    """Return what `take` reads; FileError or DataError, with the reason, where polars refuses."""
    try:
        return read_or_refuse(take, called)
    except FileError as error:
        failed = error
    with _any_zone():
        try:
            if "time zone" in str(failed.__cause__):
                return read_or_refuse(take, called)
        except FileError as error:
            failed = error
        if footer is None:
            raise failed
        raise _refusal(source, called, footer) from failed.__cause__


def _refusal(source: Source, called: str, footer: Footer) -> DataError | FileError:
    """Return why a file is refused that has a sound footer."""
    if twice := [name for name, times in Counter(footer.names).items() if times > 1]:
        return DataError(
            f"{called} names {listed(twice)} more than once; give each column its own name"
        )
    if footer.odd:
        name, what = next(iter(footer.odd.items()))
        return DataError(
            f"column {quoted(name)} of {called} holds {what}, which cannot be read; write the file "
            "without it, or with it as text"
        )
    for name in footer.names:
        try:
            read_or_refuse(partial(_slice, source, 0, None, frozenset(), name), called)
        except FileError:
            return FileError(
                f"column {quoted(name)} of {called} cannot be read, since it is damaged or holds "
                "values beyond its type; write it again, or the file without it"
            )
    return FileError(f"{called} is a damaged Parquet file; copy or write it again")


@contextmanager
def _any_zone() -> Iterator[None]:
    """Let polars read moments of any zone, in the meantime; for one thread at a time."""
    with _ZONE_LOCK:
        before = os.environ.get(_ANY_ZONE)
        os.environ[_ANY_ZONE] = "1"
        try:
            yield
        finally:
            if before is None:
                del os.environ[_ANY_ZONE]
            else:
                os.environ[_ANY_ZONE] = before
