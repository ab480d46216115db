"""Whether a delimited text is well formed: RFC 4180, checked in full at the speed of NumPy."""

from dataclasses import dataclass
from typing import Literal, final

import numpy as np
from numpy.typing import NDArray

from tunesmith.table.sniff import Dialect

CHUNK_BYTES = 1 << 20
"""Bytes looked at together: few enough for the cache of a processor."""

_LF, _CR = 10, 13


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """The first place at which a text is not well formed."""

    kind: Literal["quote", "open", "width"]
    """A quote within a cell; a quoted cell without an end; a row of another width."""
    at: int
    """The byte of the quote, or of the one that begins its cell, or the first one of the row."""
    fields: int = 0
    """How many fields a row of another width has; 0 for an empty line."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """What a text consists of, if it is well formed."""

    rows: int
    """Rows, the header counted."""
    fault: Fault | None = None
    doubt: int | None = None
    """The byte of the first line feed within quotes, if each line is a row of its own as well."""


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Signs:
    """The quotes, separators and line feeds of some bytes."""

    at: NDArray[np.int64]
    """Where they are, from the start of the text on."""
    quote: NDArray[np.bool_]
    feed: NDArray[np.bool_]
    within: NDArray[np.bool_]
    """Whether they are within quotes; of a quote, whether it is the first of a pair."""

    def until(self, end: int | None) -> "_Signs":
        """Return the first `end` of them, or all."""
        return _Signs(
            at=self.at[:end],
            quote=self.quote[:end],
            feed=self.feed[:end],
            within=self.within[:end],
        )


def structure_of(data: bytes, dialect: Dialect, width: int) -> Structure:
    """Check that each row of a text has `width` fields and each quote its place.

    A quote begins a cell, ends it, or is one of two within a quoted cell. The text has line feeds
    alone for line ends, and ends with one.
    """
    codes = np.frombuffer(data, np.uint8)
    start = rows = 0
    size = CHUNK_BYTES
    doubt, certain = None, width == 1  # in one column, each line may be a row
    while start < len(codes):
        signs = _signs(codes, start, start + size, dialect)
        ends = np.flatnonzero(signs.feed & ~signs.within)
        whole = start + size >= len(codes)
        if not len(ends) and not whole:
            size *= 2
            continue
        rest = signs
        signs = signs.until(ends[-1] + 1 if len(ends) else None)
        fault = _first_fault(codes, signs, start, dialect, width)
        if fault is not None:
            return Structure(rows=rows, fault=fault)
        if not len(ends):
            return Structure(rows=rows, fault=Fault(kind="open", at=start))
        inner = signs.feed & signs.within
        if not certain and inner.any():
            doubt = int(signs.at[inner.argmax()]) if doubt is None else doubt
            certain = not _are_rows(signs, width)
        rows += len(ends)
        start, size = int(rest.at[ends[-1]]) + 1, CHUNK_BYTES
    return Structure(rows=rows, doubt=None if certain else doubt)


def stray_quote(data: bytes, dialect: Dialect) -> int | None:
    """Return the byte of the first quote within a cell, or None; `data` starts with a row.

    Quotes after the last line feed are not looked at: the next bytes may tell.
    """
    codes = np.frombuffer(data, np.uint8, count=data.rfind(b"\n") + 1)
    at = np.flatnonzero(codes == ord(dialect.quote))
    return _stray(codes, at, 0, dialect)


def _signs(codes: NDArray[np.uint8], start: int, end: int, dialect: Dialect) -> _Signs:
    """Return the signs among the bytes from `start`, where a row starts, to `end`."""
    part = codes[start:end]
    quote, separator = ord(dialect.quote), ord(dialect.separator)
    at = np.flatnonzero((part == _LF) | (part == separator) | (part == quote))
    kinds = part[at]
    is_quote = kinds == quote
    return _Signs(
        at=at + start,
        quote=is_quote,
        feed=kinds == _LF,
        within=(np.cumsum(is_quote) & 1).astype(bool),
    )


def _first_fault(
    codes: NDArray[np.uint8], signs: _Signs, start: int, dialect: Dialect, width: int
) -> Fault | None:
    """Return the first fault of rows, the first of which starts at `start`."""
    stray = _stray(codes, signs.at[signs.quote], start, dialect)
    outer = ~signs.within & ~signs.quote
    at, ends = signs.at[outer], np.flatnonzero(signs.feed[outer])
    fields = np.diff(ends, prepend=-1)
    wrong = np.flatnonzero(fields != width)
    if len(wrong) and (stray is None or at[ends[wrong[0]]] < stray):
        row = int(wrong[0])
        begin = int(at[ends[row - 1]]) + 1 if row else start
        return Fault(kind="width", at=begin, fields=0 if codes[begin] == _LF else int(fields[row]))
    return None if stray is None else Fault(kind="quote", at=stray)


def _stray(
    codes: NDArray[np.uint8], at: NDArray[np.int64], start: int, dialect: Dialect
) -> int | None:
    """Return the first of the quotes `at` that is not in its place; a row begins at `start`.

    Well formed means: the first, third, ... quote begins a cell, or is the second one of two in a
    quoted cell; the others end a cell, or are the first one of two. For a quote that should end a
    cell, the one that begins the cell is returned.
    """
    beside = [_LF, _CR, ord(dialect.separator)]
    first, second = at[0::2], at[1::2]
    begins = (first == start) | np.isin(codes[first - 1], beside)
    doubled = codes[first - 1] == ord(dialect.quote)
    ends = np.isin(codes[second + 1], [*beside, ord(dialect.quote)])
    wrong = first[~(begins | doubled)][:1].tolist()
    if not ends.all():
        cells = first[: ends.argmin() + 1][begins[: ends.argmin() + 1]]
        wrong += cells[-1:].tolist()
    return min(wrong, default=None)


def _are_rows(signs: _Signs, width: int) -> bool:
    """Return whether each line of the rows that have several would be a row if quotes were none."""
    plain = ~signs.quote
    feed = signs.feed[plain]
    ends = np.flatnonzero(feed)
    inner = signs.within[plain][ends]
    several = inner | np.concatenate([[False], inner[:-1]])
    return bool((np.diff(ends, prepend=-1)[several] == width).all())
