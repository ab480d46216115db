"""What the text of a cell may say: nothing, or a number with a decimal point or comma."""

from collections.abc import Iterable
from enum import StrEnum
from typing import final

import polars as pl

MISSING = (
    *("", "NA", "N/A", "n/a", "#N/A", "<NA>", "null", "NULL", "None"),
    *("NaN", "nan", "NaT", "?", "-"),
)
"""Cells that hold no value, once blanks around them are gone."""

WHITESPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""What polars strips from a cell: Unicode's White_Space, to which str.strip adds four more."""

MOST_EXACT = 2**53 - 1
"""Whole numbers above it are no longer all different as float64."""

_EXPONENT = r"([eE][+-]?[0-9]+)?"
_CODE = r"^[+-]?0[0-9]"
_INFINITY = r"^[+-]?(?i:inf|infinity)$"
_WHOLE = r"^[+-]?[0-9]{16,}$"


@final
class Decimal(StrEnum):
    """What stands before the digits of a fraction; the other sign may group the whole digits."""

    POINT = "decimal point"
    COMMA = "decimal comma"

    @property
    def sign(self) -> str:
        """The sign itself."""
        return "." if self is Decimal.POINT else ","

    @property
    def grouping(self) -> str:
        """The sign that may stand between groups of three digits."""
        return "," if self is Decimal.POINT else "."

    @property
    def other(self) -> "Decimal":
        """The other one of the two."""
        return Decimal.COMMA if self is Decimal.POINT else Decimal.POINT


def _pattern(point: str, group: str) -> str:
    """Return what a number looks like, plain or with groups of three digits."""
    plain = rf"[0-9]+{point}?[0-9]*|{point}[0-9]+"
    grouped = rf"[1-9][0-9]{{0,2}}({group}[0-9]{{3}})+({point}[0-9]*)?"
    return rf"^[+-]?({plain}|{grouped}){_EXPONENT}$"


NUMBER_PATTERNS = {Decimal.POINT: _pattern(r"\.", ","), Decimal.COMMA: _pattern(",", r"\.")}
"""What a number looks like in each notation; exported modules match cells with the same text."""


def without_marks(cells: pl.Series) -> pl.Series:
    """Return text cells without the blanks around them, null where they hold no value."""
    cells = cells.str.strip_chars()
    return cells.set(cells.is_in(MISSING), None)


def are_numbers(cells: pl.Series, decimal: Decimal) -> pl.Series:
    """Return for each cell whether it is a number in that notation, null where missing."""
    return cells.str.contains(NUMBER_PATTERNS[decimal])


def are_codes(cells: pl.Series) -> pl.Series:
    """Return for each cell whether it starts as a code does, with a needless zero: 00123."""
    return cells.str.contains(_CODE)


def are_infinite(cells: pl.Series) -> pl.Series:
    """Return for each cell whether it is the word for an infinite number."""
    return cells.str.contains(_INFINITY)


def are_inexact(cells: pl.Series) -> pl.Series:
    """Return for each cell whether it is a whole number whose last digits float64 cannot hold."""
    long = cells.str.contains(_WHOLE)
    if not long.any():
        return long
    return long & (cells.cast(pl.Float64, strict=False).abs() > MOST_EXACT)


def as_numbers(cells: pl.Series, decimal: Decimal) -> pl.Series:
    """Return text cells as Float64, null where they are missing or no finite number."""
    plain = cells
    if decimal is Decimal.COMMA or cells.str.contains(",", literal=True).any():
        plain = cells.set(~are_numbers(cells, decimal), None)
        plain = plain.str.replace_all(decimal.grouping, "", literal=True)
        plain = plain.str.replace(decimal.sign, ".", literal=True)
    values = plain.cast(pl.Float64, strict=False)
    # The cast alone would take "nan" and "inf", and keep what the notation forbids.
    return values.set(~(are_numbers(cells, decimal) & values.is_finite()), None)


def decimal_of(columns: Iterable[pl.Series]) -> Decimal | None:
    """Return the decimal sign that text columns of one file show; None where they show none.

    A column shows a sign if all its cells are numbers with that sign, and not all are with the
    other: "1,234" may be 1.234 or 1234, "1,5" is 1.5 alone. Columns that show both show none.
    """
    marked = (cells for cells in columns if cells.str.contains("^[+-]?[0-9.,]*[.,]").any())
    shown = {decimal for cells in marked if (decimal := _shown_by(cells))}
    return shown.pop() if len(shown) == 1 else None


def best_decimal(cells: pl.Series, told: Decimal | None) -> Decimal:
    """Return the sign with which more cells are numbers; `told`, or the point, if equal."""
    first = told or Decimal.POINT
    if not cells.str.contains("[.,]").any():
        return first
    counts = {d: int(are_numbers(cells, d).sum()) for d in (first, first.other)}
    return max(counts, key=counts.__getitem__)


def _shown_by(cells: pl.Series) -> Decimal | None:
    """Return the only sign with which all cells are numbers, or None."""
    fitting = [decimal for decimal in Decimal if are_numbers(cells, decimal).all()]
    return fitting[0] if len(fitting) == 1 else None
