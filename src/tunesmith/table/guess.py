"""What a column of text is most likely meant to hold, and why where that may surprise."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import final

import polars as pl

from tunesmith.errors import DataError
from tunesmith.table.cells import (
    APOSTROPHES,
    BLANKS,
    TRUTH,
    Decimal,
    are_codes,
    are_inexact,
    are_infinite,
    are_numbers,
    as_numbers,
    best_decimal,
    unit_of,
    without_unit,
)
from tunesmith.table.dates import Order, as_dates, orders_of
from tunesmith.table.wording import bare as bare_name
from tunesmith.table.wording import quoted

MIN_IDENTIFIERS = 51
"""Values, all different, from which on they are names of rows; fewer may be by accident."""

_IDENTIFIER_NAME = re.compile(r"(^|[\W_])(id|ids|index|idx|key|uuid|guid|rownum)$", re.IGNORECASE)
_ROW_NAMES = re.compile(r"column 1|Unnamed: 0|__index_level_[0-9]+__")
"""What a first column without a name is called here, by pandas, and by pandas in Parquet."""

_CAMEL_IDENTIFIER = re.compile(r"[a-z](Id|ID|Key|Index)$")


@final
class Kind(Enum):
    """What a column is taken for."""

    NUMBER = "number"
    CATEGORY = "category"
    DATE = "date"
    LEFT_OUT = "left out"


Notation = Decimal | Order
"""How the values of a number or date column are written."""


@final
@dataclass(frozen=True, slots=True)
class Reading:
    """How a column is read; `why` is said where it may surprise."""

    kind: Kind
    notation: Notation | None = None
    why: str = ""
    unit: str = ""
    """The currency sign or % that each of its numbers has before or behind it."""
    truth: bool = False
    """Whether its numbers are 0 and 1 alone, which may be written as False and True."""

    @property
    def said(self) -> str:
        """What it holds, in words."""
        match self.notation:
            case Order() as order:
                return f"dates, {order},"
            case Decimal.COMMA:
                signs = ["a decimal comma"]
            case _:
                signs = []
        signs += [quoted(self.unit)] if self.unit else []
        return "numbers" + (f" with {' and '.join(signs)}" if signs else "")

    @property
    def example(self) -> str:
        """A value as it is written in this column."""
        if isinstance(self.notation, Order):
            return _EXAMPLES[self.notation]
        number = "1234,5" if self.notation is Decimal.COMMA else "1234.5"
        return number + self.unit if self.unit == "%" else self.unit + number


_EXAMPLES = {
    Order.YEAR_FIRST: "2021-02-28",
    Order.DAY_FIRST: "28/02/2021",
    Order.MONTH_FIRST: "02/28/2021",
    Order.CLOCK: "14:30",
}

CORRECT = "correct or empty the cell, or type the column as category"
"""What to do about a cell that does not fit, before anything is trained."""

Place = Callable[[int], str]
"""Where a row is found, such as "line 5"."""


def guess(cells: pl.Series, place: Place, *, told: Decimal | None) -> Reading:
    """Return what text cells, null where missing, seem to be.

    Where they can be read in two ways, `told` decides: the decimal sign that the file shows.
    Without it, raises DataError with the remedy: nothing is guessed silently.
    """
    present = cells.drop_nulls()
    unit = unit_of(present)
    decimal = best_decimal(present, told, unit)
    is_number = are_numbers(present, decimal, unit)
    count = int(is_number.sum())
    if count == 0:
        return _guess_text(cells, place)
    if count == present.len():
        return _guess_numbers(cells, place, decimal, unit, told)
    others = present.filter(~is_number)
    if are_infinite(others).all():
        return Reading(Kind.NUMBER, decimal, unit=unit)
    if count < others.len():
        return Reading(Kind.CATEGORY)
    return Reading(Kind.CATEGORY, why=_no_numbers(cells, decimal, unit, place))


def hindrance(cells: pl.Series, place: Place) -> str:
    """Say which cells keep text that is mostly numbers from being numbers; "" where none do."""
    present = cells.drop_nulls()
    unit = unit_of(present)
    decimal = best_decimal(present, None, unit)
    count = int(are_numbers(present, decimal, unit).sum())
    if 2 * count < present.len() or count == present.len():
        return ""
    return _no_numbers(cells, decimal, unit, place)


def _no_numbers(cells: pl.Series, decimal: Decimal, unit: str, place: Place) -> str:
    """Say how many cells are no numbers, and where the first of them is."""
    misfits = cells.is_not_null() & ~are_numbers(cells, decimal, unit)
    what = "not " + Reading(Kind.NUMBER, decimal, unit=unit).said
    return _spoilt(cells.count(), misfits, cells, place, what)


def asked_for(
    cells: pl.Series, asked: Kind | Notation, place: Place, *, told: Decimal | None
) -> Reading:
    """Return what text cells are where the kind is known; the notation may still be open."""
    match asked:
        case Decimal():
            return Reading(Kind.NUMBER, asked, unit=unit_of(cells))
        case Order():
            return Reading(Kind.DATE, asked)
        case Kind.NUMBER:
            unit = unit_of(cells)
            return Reading(Kind.NUMBER, best_decimal(cells.drop_nulls(), told, unit), unit=unit)
        case Kind.DATE:
            return Reading(Kind.DATE, _order(cells, orders_of(cells), place))
    return Reading(asked)


def _guess_numbers(
    cells: pl.Series, place: Place, decimal: Decimal, unit: str, told: Decimal | None
) -> Reading:
    """Return the reading of cells that are all numbers in this notation."""
    present = cells.drop_nulls()
    bare = without_unit(present, unit)
    if (codes := present.filter(are_codes(bare))).len() > 0:
        return Reading(Kind.CATEGORY, why=f"leading zeros, such as {quoted(codes[0])}")
    if (inexact := present.filter(are_inexact(bare))).len() > 0:
        return Reading(
            Kind.CATEGORY, why=f"whole numbers too long to be exact, such as {quoted(inexact[0])}"
        )
    signs = f"[,({BLANKS}{APOSTROPHES}]"
    if not unit and decimal is Decimal.POINT and not present.str.contains(signs).any():
        return Reading(Kind.NUMBER, decimal)
    negative = present.str.contains("(", literal=True)
    if negative.all():  # more likely labels than numbers that are all negative
        return Reading(Kind.CATEGORY, why=f"all in parentheses, such as {quoted(present[0])}")
    commas = present.filter(bare.str.contains(",", literal=True))
    # Three decimals are usual for a measurement and rare for a price, so a price is not guessed.
    unclear = present.filter(bare.str.contains("[.,]")) if unit else commas
    if told is None and unclear.len() > 0 and are_numbers(present, decimal.other, unit).all():
        raise _two_readings(cells, unclear[0], place)
    remarks = {
        f"written with {quoted(unit)}": present if unit else present.clear(),
        f"{decimal.grouping!r} groups digits": present.filter(
            bare.str.contains(decimal.grouping, literal=True)
        ),
        "a blank groups digits": present.filter(bare.str.contains(f"[{BLANKS}]")),
        "an apostrophe groups digits": present.filter(bare.str.contains(f"[{APOSTROPHES}]")),
        "parentheses mean below zero": present.filter(negative),
        "decimal comma": commas if decimal is Decimal.COMMA else commas.clear(),
    }
    why = [f"{what}, such as {quoted(which[0])}" for what, which in remarks.items() if len(which)]
    return Reading(Kind.NUMBER, decimal, "; ".join(why), unit=unit)


def _two_readings(cells: pl.Series, cell: str, place: Place) -> DataError:
    """Return the sentence for a cell such as 1,234, in which nothing shows the decimal sign."""
    row = (cells == cell).arg_true()[0]
    sign, word, as_decimal, as_group = ",", "comma", "decimal-comma", "number"
    if "," not in cell:
        sign, word, as_decimal, as_group = ".", "point", "number", "decimal-comma"
    small, large = cell.replace(sign, "."), cell.replace(sign, "")
    return DataError(
        f"column {quoted(cells.name)} holds {quoted(cell)} at {place(row)}, which may be {small} "
        f"or {large}; say which with --types {bare_name(cells.name)}={as_decimal}, or ={as_group} "
        f"where the {word} groups digits"
    )


def _guess_text(cells: pl.Series, place: Place) -> Reading:
    """Return the guess for cells none of which is a number: dates or categories."""
    orders = orders_of(cells)
    if not orders:
        return Reading(Kind.CATEGORY)
    misfits = cells.is_not_null() & as_dates(cells, orders[0]).is_null()
    if misfits.any():
        what = f"not dates with the {orders[0]}"
        return Reading(Kind.CATEGORY, why=_spoilt(cells.count(), misfits, cells, place, what))
    order = _order(cells, orders, place)
    return Reading(Kind.DATE, order, f"{order}, such as {quoted(cells.drop_nulls()[0])}")


def _order(cells: pl.Series, orders: tuple[Order, ...], place: Place) -> Order:
    """Return the one of the possible orders that is meant; DataError where nothing tells."""
    if len(orders) < 2:
        return orders[0] if orders else Order.YEAR_FIRST
    row = cells.is_not_null().arg_true()[0]
    raise DataError(
        f"column {quoted(cells.name)} holds dates such as {quoted(cells[row])} at {place(row)}, "
        "which may start with the day or with the month; say which with --types "
        f"{bare_name(cells.name)}=day-first or =month-first"
    )


def _spoilt(count: int, misfits: pl.Series, cells: pl.Series, place: Place, what: str) -> str:
    """Say how many cells, and which first, keep a column from being what most of it is."""
    rows = misfits.fill_null(False).arg_true()
    return (
        f"{rows.len():,} of {count:,} values are {what}, such as {quoted(cells[rows[0]])} at "
        f"{place(rows[0])}"
    )


def nothing_to_learn(name: str, values: pl.Series, distinct: int) -> str:
    """Return why a column is of no use, or "" where it may be.

    Of no use are columns without a value, with one value in every row, and names of rows: text
    that never repeats, whole numbers that never repeat in a column called id, and numbers that
    count the rows. The names of rows that tables are written with never repeat in few rows either.
    """
    missing = values.null_count()
    are_row_names = _ROW_NAMES.fullmatch(name) is not None
    fewest = 2 if are_row_names else MIN_IDENTIFIERS
    if distinct == 0:
        return "missing in every row"
    if distinct == 1 and missing == 0:
        return "the same value in every row"
    if distinct < max(values.len() - missing, fewest):
        return ""
    if values.dtype == pl.String:
        return "every value different"
    if values.dtype == pl.Float64 and (values.drop_nulls() % 1 == 0).all():
        if _IDENTIFIER_NAME.search(name) or _CAMEL_IDENTIFIER.search(name):
            return "every value different"
        if missing == 0 and (values.diff().drop_nulls() == 1).all():
            return "it counts the rows"
        if are_row_names:
            return "every value different"
    return ""


def values_of(cells: pl.Series, reading: Reading, place: Place, remedy: str = CORRECT) -> pl.Series:
    """Return cells as what they are read as: Float64, Datetime or String.

    Raises DataError, with the place, for a cell that is no finite number or no such date.
    """
    match reading.notation:
        case Decimal() as decimal if cells.dtype == pl.String:
            values = as_numbers(cells, decimal, reading.unit)
            if reading.truth:
                words, numbers = list(TRUTH), list(TRUTH.values())
                truth = cells.replace_strict(words, numbers, default=None, return_dtype=pl.Float64)
                values = values.fill_null(truth)
        case Order() as order if cells.dtype == pl.String:
            values = as_dates(cells, order)
        case _ if cells.dtype.is_float():
            values = cells.set(cells.is_infinite(), None)
        case _:
            return cells
    wrong = (cells.is_not_null() & values.is_null()).arg_true()
    if wrong.len() == 0:
        return values
    raise DataError(
        f"column {quoted(cells.name)} is taken for {reading.said} but holds "
        f"{quoted(str(cells[wrong[0]]))} at {place(wrong[0])}; {remedy}"
    )
