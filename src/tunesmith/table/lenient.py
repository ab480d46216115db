"""Texts that break the rules for quotes, read where that is possible in one way alone."""

import csv
import io
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import final

from tunesmith.table.sniff import Dialect
from tunesmith.table.structure import stray_quote

_ESCAPE = re.compile(rb"\\([\"'\\])")


@final
class Habit(StrEnum):
    """What a writer does with quotes instead of doubling them in quoted cells."""

    BARE = "quotes inside cells"
    """A quote that does not begin a cell is a sign like others."""
    BLANK = "blanks before quotes"
    """Blanks between a separator and a quote do not count."""
    ESCAPE = "quotes escaped by backslashes"
    r"""In a file with `\"`, `\"` and `\\` stand for the second sign; other backslashes are kept."""


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """The rows of a text, the header among them, and the habit by which they were read."""

    habit: Habit
    rows: list[list[str]]


def lenient_readings(data: bytes, dialect: Dialect) -> list[Reading]:
    """Return the different ways to read a text in which each row is as wide as the header.

    Blanks around cells make no difference. Slow: only for texts that are not well formed.
    """
    readings: list[Reading] = []
    for habit in Habit:
        if habit is Habit.ESCAPE and not has_escapes(data, dialect):
            continue
        rows = _rows(data, dialect, habit)
        if rows is None or any(len(row) != len(rows[0]) for row in rows):
            continue
        reading = Reading(habit=habit, rows=rows)
        if readings and habit is Habit.BLANK:
            if _stripped(rows) == _stripped(readings[0].rows):
                continue
            if _differ_in_quotes(readings[0].rows, rows, dialect.quote):
                readings.pop()
        readings.append(reading)
    return readings


def has_escapes(data: bytes, dialect: Dialect) -> bool:
    """Return whether a text has a quote behind a backslash that is not escaped itself."""
    quote = dialect.quote.encode()
    if b"\\" + quote not in data:
        return False
    return any(found[1] == quote for found in _ESCAPE.finditer(data))


def _rows(data: bytes, dialect: Dialect, habit: Habit) -> list[list[str]] | None:
    """Return the rows of a text under one habit; None where its quotes do not fit."""
    if habit is not Habit.ESCAPE:
        return _read(data, dialect, skip=habit is Habit.BLANK)
    # What stands for one sign becomes a NUL and a letter: no text has a NUL.
    quote = dialect.quote.encode()
    names = {b"\\": b"\0b", quote: b"\0q"}
    marked = _ESCAPE.sub(lambda found: names.get(found[1], found[0]), data)
    rows = None if stray_quote(marked, dialect) is not None else _read(marked, dialect)
    if rows is None or any(dialect.quote in cell for row in rows for cell in row):
        return None  # a writer that escapes quotes does not double them
    return [
        [cell.replace("\0q", dialect.quote).replace("\0b", "\\") for cell in row] for row in rows
    ]


def _read(data: bytes, dialect: Dialect, *, skip: bool = False) -> list[list[str]] | None:
    """Return the rows that Python's csv module reads, None where a quoted cell does not end."""
    csv.field_size_limit(max(csv.field_size_limit(), len(data)))  # a cell may be long
    reader = csv.reader(
        io.StringIO(data.decode(), newline=""),
        delimiter=dialect.separator,
        quotechar=dialect.quote,
        skipinitialspace=skip,
        strict=True,
    )
    try:
        return [row or [""] for row in reader]
    except csv.Error:
        return None


def _stripped(rows: list[list[str]]) -> list[list[str]]:
    """Return rows without the blanks around their cells."""
    return [[cell.strip(" ") for cell in row] for row in rows]


def _differ_in_quotes(plain: list[list[str]], skipped: list[list[str]], quote: str) -> bool:
    """Return whether two readings differ in nothing but blanks and quotes around whole cells."""
    if len(plain) != len(skipped):
        return False
    cells = (pair for rows in zip(plain, skipped, strict=True) for pair in zip(*rows, strict=True))
    return all(
        one.strip(" ") in (other.strip(" "), quote + other.replace(quote, 2 * quote) + quote)
        for one, other in cells
    )
