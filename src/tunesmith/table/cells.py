"""What the text of a cell may say: nothing, a truth value, or a number as people write them.

A number may have a decimal point or comma, groups of three digits, parentheses around it where it
is negative, and a unit such as $ or % before or behind it, the same in all cells of a column.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import final

import polars as pl

MISSING = (
    *("", "NA", "N/A", "n/a", "#N/A", "<NA>", "null", "NULL", "None"),
    *("NaN", "nan", "NaT", "?", "-"),
)
"""Cells that hold no value in a text file, once blanks around them are gone."""

EMPTY = ("",)
"""The same where a type says what is missing: in a data frame or a Parquet file."""

TRUTH: Mapping[str, float] = {"True": 1.0, "TRUE": 1.0, "true": 1.0} | {
    "False": 0.0,
    "FALSE": 0.0,
    "false": 0.0,
}
"""How truth values are written, and the number that each stands for."""

WHITESPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""What polars strips from a cell: Unicode's White_Space, to which str.strip adds four more."""

MOST_EXACT = 2**53 - 1
"""Whole numbers above it are no longer all different as float64."""

SAMPLE = 200
"""Cells that are looked at for a unit."""

BLANKS = " \u00a0\u2009\u202f"
"""Blanks that may stand between groups of three digits, those that keep a line together too."""

APOSTROPHES = "'\u2019"
"""Apostrophes that may do so."""

MINUS = "\u2212"
"""The sign of numbers below zero that is no hyphen."""

_UNIT = r"(\p{Sc}|%|USD|EUR|GBP|CHF|JPY|CNY|INR|CAD|AUD|SEK|NOK|DKK|PLN|CZK|BRL)"
_SHOWS_DECIMAL = rf"^[(+-]?[0-9.,{BLANKS}{APOSTROPHES}]*[.,]"
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
    signs = (group, *BLANKS, *APOSTROPHES)
    groups = "|".join(f"({sign}[0-9]{{3}})+" for sign in signs)
    grouped = rf"[1-9][0-9]{{0,2}}({groups})({point}[0-9]*)?"
    return rf"^[+-]?({plain}|{grouped}){_EXPONENT}$"


NUMBER_PATTERNS = {Decimal.POINT: _pattern(r"\.", ","), Decimal.COMMA: _pattern(",", r"\.")}
"""What a number looks like in each notation; exported modules match cells with the same text."""


def without_marks(cells: pl.Series, marks: Collection[str] = MISSING) -> pl.Series:
    """Return text cells without the blanks around them, null where they hold no value."""
    cells = cells.str.strip_chars()
    return cells.set(cells.is_in(list(marks)), None)


def are_truth_values(cells: pl.Series) -> bool:
    """Return whether all cells that hold a value, and at least one, are True or False."""
    words = cells.drop_nulls().unique()
    return words.len() > 0 and bool(words.is_in(list(TRUTH)).all())


def unit_of(cells: pl.Series) -> str:
    """Return the currency sign or % that most of the first cells have, "" if most have none."""
    first = cells.drop_nulls().head(SAMPLE)
    units = first.str.extract(_UNIT).drop_nulls()
    if 2 * units.len() <= first.len():
        return ""
    return str(units.value_counts(sort=True)[units.name][0])


def without_unit(cells: pl.Series, unit: str = "") -> pl.Series:
    """Return numbers as text without their unit, and with "-" where they are negative.

    "($5)", "-$5" and "$ -5" become "-5". Cells that lack the unit become null.
    """
    negative = cells.str.contains(f"[({MINUS}]").any()
    if negative:
        cells = cells.str.replace(MINUS, "-", literal=True)
    if unit:
        sign = re.escape(unit)
        cells = cells.set(cells.str.count_matches(unit, literal=True) != 1, None)
        cells = cells.str.replace(rf"^([(+-]?)\s*{sign}\s*", "$1")
        cells = cells.str.replace(rf"\s*{sign}(\)?)$", "$1")
    return cells.str.replace(r"^\(([^()+-]+)\)$", "-$1") if negative else cells


def are_numbers(cells: pl.Series, decimal: Decimal, unit: str = "") -> pl.Series:
    """Return for each cell whether it is a number in that notation, null where missing."""
    bare = without_unit(cells, unit)
    return (
        bare.str.contains(NUMBER_PATTERNS[decimal])
        .fill_null(value=False)
        .set(cells.is_null(), None)
    )


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


def as_numbers(cells: pl.Series, decimal: Decimal, unit: str = "") -> pl.Series:
    """Return text cells as Float64, null where they are missing or no finite number."""
    bare = without_unit(cells, unit)
    fits = bare.str.contains(NUMBER_PATTERNS[decimal])
    plain = bare
    if decimal is Decimal.COMMA or bare.str.contains(f"[,{BLANKS}{APOSTROPHES}]").any():
        plain = plain.set(~fits, None)
        plain = plain.str.replace_all(f"[{decimal.grouping}{BLANKS}{APOSTROPHES}]", "")
        plain = plain.str.replace(decimal.sign, ".", literal=True)
    values = plain.cast(pl.Float64, strict=False)
    # The cast alone would take "nan" and "inf", and keep what the notation forbids.
    return values.set(~(fits & values.is_finite()), None)


def decimal_of(columns: Iterable[pl.Series]) -> Decimal | None:
    """Return the decimal sign that text columns of one file show; None where they show none.

    A column shows a sign if all its cells are numbers with that sign, and not all are with the
    other: "1,234" may be 1.234 or 1234, "1,5" is 1.5 alone. Columns that show both show none.
    """
    shown = {decimal for cells in columns if (decimal := _shown_by(cells))}
    return shown.pop() if len(shown) == 1 else None


def best_decimal(cells: pl.Series, told: Decimal | None, unit: str = "") -> Decimal:
    """Return the sign with which more cells are numbers; `told`, or the point, if equal."""
    first = told or Decimal.POINT
    if not cells.str.contains("[.,]").any():
        return first
    counts = {d: int(are_numbers(cells, d, unit).sum()) for d in (first, first.other)}
    return max(counts, key=counts.__getitem__)


def _shown_by(cells: pl.Series) -> Decimal | None:
    """Return the only sign with which all cells are numbers, or None."""
    unit = unit_of(cells)
    if not without_unit(cells, unit).str.contains(_SHOWS_DECIMAL).any():
        return None
    fitting = [decimal for decimal in Decimal if are_numbers(cells, decimal, unit).all()]
    return fitting[0] if len(fitting) == 1 else None
