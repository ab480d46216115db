"""A file read a batch of rows at a time, so that it may be larger than the memory."""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from tunesmith.table.delimited import parse
from tunesmith.table.parquet import from_parquet_rows
from tunesmith.table.raw import RawTable
from tunesmith.table.read import (
    GZIP,
    PARQUET,
    called,
    damaged_gzip,
    read_table,
    refuse_others,
    unreadable,
)
from tunesmith.table.sniff import dialect_of, needs_all
from tunesmith.table.structure import stray_quote

BATCH_BYTES = 64 << 20
"""Bytes of text in a batch, about; they need a few times as many once they are split."""

BATCH_ROWS = 250_000
"""Rows of a Parquet file in a batch."""


def read_batches(path: str | Path) -> Iterator[RawTable]:
    """Yield the table in a file in batches of rows, in order; at least one, as `read_table` would.

    What is read whole after all: UTF-16, the line ends of old Macs, Parquet within gzip, and the
    rest of a text from the batch on that has quotes within cells. The separator is that of the
    first batch.

    Raises FileError and DataError as `read_table` does, once it comes to what is wrong.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            start = file.read(len(PARQUET))
    except OSError as error:
        raise unreadable(path, error) from error
    if start == PARQUET:
        yield from from_parquet_rows(path, called(path), BATCH_ROWS)
        return
    try:
        with gzip.open(path) if start.startswith(GZIP) else path.open("rb") as file:
            yield from _text_batches(file, path)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise damaged_gzip(path, error) from error


def _text_batches(file: IO[bytes] | gzip.GzipFile, path: Path) -> Iterator[RawTable]:
    """Yield the rows of a text file, cut after whole rows, each batch below the header."""
    block = file.read(BATCH_BYTES)
    if len(block) < BATCH_BYTES or block.startswith(PARQUET) or needs_all(block):
        yield read_table(path)
        return
    refuse_others(block, path)
    block = block.removeprefix(codecs.BOM_UTF8)
    dialect = dialect_of(block, called(path))
    quote = dialect.quote.encode()
    end = _first_end(block, quote)
    if not end or stray_quote(block[:end], dialect) is not None:
        yield read_table(path)
        return
    header, block = block[:end], block[end:]
    above = 0
    while more := file.read(BATCH_BYTES):
        if stray_quote(block, dialect) is not None:  # where rows end is known from the rest alone
            block += more + file.read()
            break
        if end := _last_end(block, quote):
            yield parse(header + block[:end], called(path), above=above, dialect=dialect)
            above += block.count(b"\n", 0, end)
            block = block[end:]
        block += more
    if block.strip():
        yield parse(header + block, called(path), above=above, dialect=dialect)


def _first_end(block: bytes, quote: bytes) -> int:
    """Return where the first row ends, 0 if it does not: after a line feed outside of quotes."""
    end = block.find(b"\n") + 1
    while end and block.count(quote, 0, end) % 2:
        end = block.find(b"\n", end) + 1
    return end


def _last_end(block: bytes, quote: bytes) -> int:
    """Return where the last whole row ends, 0 if none does; empty lines after it may be no rows."""
    end = block.rfind(b"\n") + 1
    while end and block.count(quote, 0, end) % 2:  # within a quoted cell: go back to before it
        end = block.rfind(b"\n", 0, block.rfind(quote, 0, end)) + 1
    filled = len(block[:end].rstrip(b"\r\n"))
    return block.find(b"\n", filled) + 1 if filled else 0
