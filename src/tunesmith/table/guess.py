"""What a column of text is most likely meant to hold, and why where that may surprise."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import final

import polars as pl

from tunesmith.errors import DataError
from tunesmith.table.cells import (
    Decimal,
    are_codes,
    are_inexact,
    are_infinite,
    are_numbers,
    as_numbers,
    best_decimal,
)
from tunesmith.table.dates import Order, as_dates, orders_of
from tunesmith.table.wording import bare, quoted

MIN_IDENTIFIERS = 51
"""Values, all different, from which on they are names of rows; fewer may be by accident."""

_IDENTIFIER_NAME = re.compile(r"(^|[\W_])(id|ids|index|idx|key|uuid|guid|rownum)$", re.IGNORECASE)
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
class Guess:
    """What a column seems to be; `why` is said where it may surprise."""

    kind: Kind
    notation: Notation | None = None
    why: str = ""


Place = Callable[[int], str]
"""Where a row is found, such as "line 5"."""


def guess(cells: pl.Series, place: Place, *, told: Decimal | None, hint: Order | None) -> Guess:
    """Return what text cells, null where missing, seem to be.

    Where they can be read in two ways, `told` and `hint` decide: the decimal sign that the file
    shows, and the order of dates that the column is known to have. Without them, raises DataError
    with the remedy: nothing is guessed silently.
    """
    present = cells.drop_nulls()
    decimal = best_decimal(present, told)
    is_number = are_numbers(present, decimal)
    count = int(is_number.sum())
    if count == 0:
        return _guess_text(cells, place, hint)
    if count == present.len():
        return _guess_numbers(cells, place, decimal, told=told is not None)
    others = present.filter(~is_number)
    if are_infinite(others).all():
        return Guess(Kind.NUMBER, decimal)
    if count < others.len():
        return Guess(Kind.CATEGORY)
    misfits = cells.is_not_null() & ~are_numbers(cells, decimal)
    return Guess(Kind.CATEGORY, why=_spoilt(present.len(), misfits, cells, place, "not numbers"))


def asked_for(
    cells: pl.Series,
    asked: Kind | Notation,
    place: Place,
    *,
    told: Decimal | None,
    hint: Order | None,
) -> Guess:
    """Return what text cells are where the kind is known; the notation may still be open."""
    match asked:
        case Decimal():
            return Guess(Kind.NUMBER, asked)
        case Order():
            return Guess(Kind.DATE, asked)
        case Kind.NUMBER:
            return Guess(Kind.NUMBER, best_decimal(cells.drop_nulls(), told))
        case Kind.DATE:
            return Guess(Kind.DATE, _order(cells, orders_of(cells), place, hint))
    return Guess(asked)


def _guess_numbers(cells: pl.Series, place: Place, decimal: Decimal, *, told: bool) -> Guess:
    """Return the guess for cells that are all numbers."""
    present = cells.drop_nulls()
    if (codes := present.filter(are_codes(present))).len() > 0:
        return Guess(Kind.CATEGORY, why=f"leading zeros, such as {quoted(codes[0])}")
    if (inexact := present.filter(are_inexact(present))).len() > 0:
        return Guess(
            Kind.CATEGORY, why=f"whole numbers too long to be exact, such as {quoted(inexact[0])}"
        )
    grouped = present.filter(present.str.contains(decimal.grouping, literal=True))
    commas = present.filter(present.str.contains(",", literal=True))
    if grouped.len() > 0:
        why = f"{decimal.grouping!r} groups digits, such as {quoted(grouped[0])}"
    elif commas.len() > 0:
        why = f"decimal comma, such as {quoted(commas[0])}"
    else:
        return Guess(Kind.NUMBER, decimal)
    if not told and are_numbers(present, decimal.other).all():
        cell = commas[0]
        row = (cells == cell).arg_true()[0]
        small, large = cell.replace(",", "."), cell.replace(",", "")
        raise DataError(
            f"column {quoted(cells.name)} holds {quoted(cell)} at {place(row)}, which may be "
            f"{small} or {large}; say which with --types {bare(cells.name)}=decimal-comma, or "
            "=number where the comma groups digits"
        )
    return Guess(Kind.NUMBER, decimal, why)


def _guess_text(cells: pl.Series, place: Place, hint: Order | None) -> Guess:
    """Return the guess for cells none of which is a number: dates or categories."""
    orders = orders_of(cells)
    if not orders:
        return Guess(Kind.CATEGORY)
    misfits = cells.is_not_null() & as_dates(cells, orders[0]).is_null()
    if misfits.any():
        what = f"not dates with the {orders[0]}"
        return Guess(Kind.CATEGORY, why=_spoilt(cells.count(), misfits, cells, place, what))
    order = _order(cells, orders, place, hint)
    return Guess(Kind.DATE, order, f"{order}, such as {quoted(cells.drop_nulls()[0])}")


def _order(cells: pl.Series, orders: tuple[Order, ...], place: Place, hint: Order | None) -> Order:
    """Return the one of the possible orders that is meant; DataError where nothing tells."""
    if len(orders) < 2:
        return orders[0] if orders else hint or Order.YEAR_FIRST
    if hint in orders:
        return hint
    row = cells.is_not_null().arg_true()[0]
    raise DataError(
        f"column {quoted(cells.name)} holds dates such as {quoted(cells[row])} at {place(row)}, "
        "which may start with the day or with the month; say which with --types "
        f"{bare(cells.name)}=day-first or =month-first"
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
    count the rows.
    """
    missing = values.null_count()
    if distinct == 0:
        return "missing in every row"
    if distinct == 1 and missing == 0:
        return "the same value in every row"
    if distinct < max(values.len() - missing, MIN_IDENTIFIERS):
        return ""
    if values.dtype == pl.String:
        return "every value different"
    if values.dtype == pl.Float64 and (values.drop_nulls() % 1 == 0).all():
        if _IDENTIFIER_NAME.search(name) or _CAMEL_IDENTIFIER.search(name):
            return "every value different"
        if missing == 0 and (values.diff().drop_nulls() == 1).all():
            return "it counts the rows"
    return ""


def values_of(cells: pl.Series, guessed: Guess, place: Place) -> pl.Series:
    """Return cells as what they were guessed to be: Float64, Datetime or String.

    Raises DataError, with the place, for a cell that is no finite number or no such date.
    """
    what = "numbers"
    match guessed.notation:
        case Decimal() as decimal:
            values = as_numbers(cells, decimal)
            what += " with a decimal comma" if decimal is Decimal.COMMA else ""
        case Order() as order:
            values, what = as_dates(cells, order), f"dates, {order},"
        case None if guessed.kind is Kind.NUMBER:
            values = cells.set(cells.is_infinite(), None)
        case None:
            return cells
    wrong = (cells.is_not_null() & values.is_null()).arg_true()
    if wrong.len() == 0:
        return values
    raise DataError(
        f"column {quoted(cells.name)} is taken for {what} but holds "
        f"{quoted(str(cells[wrong[0]]))} at {place(wrong[0])}; correct or empty the cell, or type "
        "the column as category"
    )
