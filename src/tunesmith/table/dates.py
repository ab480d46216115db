"""Dates and times: how they are written, and the parts of them that a network can learn from."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import final

import polars as pl

SAMPLE = 200
"""Cells looked at before a whole column is tried as dates."""

_DAY = r"(?P<day>[0-9]{1,2})"
_MONTH = r"(?P<month>[0-9]{1,2}|[A-Za-z]{3,9}\.?)"
_YEAR = r"(?P<year>[0-9]{4})"
_BETWEEN = r"[-/., ]+"
_CLOCK = (
    r"(?P<hour>[01]?[0-9]|2[0-3]):(?P<minute>[0-5][0-9])(:(?P<second>[0-5][0-9](\.[0-9]+)?))?"
    r"( ?(?P<half>[aApP])[mM])?"
)
_ZONE = r"( ?(Z|(?P<zone>[+-][0-9]{2}):?(?P<zone_minute>[0-9]{2})))?"
_TIME = rf"((T| +){_CLOCK}{_ZONE})?"
COMPACT_DATE = r"^([0-9]{4})([0-9]{2})([0-9]{2})$"
"""Eight digits, year first."""

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@final
class Order(StrEnum):
    """How the parts of a date follow each other."""

    YEAR_FIRST = "year first"
    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"
    CLOCK = "time of day"


DATE_PATTERNS = {
    Order.YEAR_FIRST: f"^{_YEAR}{_BETWEEN}{_MONTH}{_BETWEEN}{_DAY}{_TIME}$",
    Order.DAY_FIRST: f"^{_DAY}{_BETWEEN}{_MONTH}{_BETWEEN}{_YEAR}{_TIME}$",
    Order.MONTH_FIRST: f"^{_MONTH}{_BETWEEN}{_DAY}{_BETWEEN}{_YEAR}{_TIME}$",
    Order.CLOCK: f"^{_CLOCK}$",
}
"""What a moment looks like in each order; exported modules match cells with the same text."""


def as_dates(cells: pl.Series, order: Order) -> pl.Series:
    """Return text cells as Datetime in microseconds, null where missing or no such date.

    With a zone they are in UTC; a time of day is on the first of January 1970.
    """
    texts = cells.drop_nulls().unique()  # a table has far more rows than days
    if texts.len() == 0:  # Polars would return text: there is nothing to replace
        return pl.Series(cells.name, [None] * cells.len(), dtype=pl.Datetime("us"))
    return cells.replace_strict(texts, _parsed(texts, order), return_dtype=pl.Datetime("us"))


def _parsed(texts: pl.Series, order: Order) -> pl.Series:
    """Return each text as a moment, null where it is none."""
    plain = texts.str.replace(COMPACT_DATE, "$1-$2-$3") if order is Order.YEAR_FIRST else texts
    parts = plain.str.extract_groups(DATE_PATTERNS[order]).struct.unnest()
    lacking = {"year": "1970", "month": "1", "day": "1"}
    for name in ("hour", "minute", "second", "half", "zone", "zone_minute"):
        lacking[name] = "" if name == "half" else "0"
    parts = parts.select(
        pl.col(name).fill_null(fill) if name in parts.columns else pl.lit(fill).alias(name)
        for name, fill in lacking.items()
    )
    moments = parts.select(
        pl.when(plain.str.contains(DATE_PATTERNS[order])).then(_moment()).alias(texts.name)
    )
    return moments.to_series()


def _moment() -> pl.Expr:
    """Return the moment that the parts of a date, all text, make."""
    names = pl.col("month").str.to_lowercase().str.head(3)
    month = names.replace(MONTHS, [str(k + 1) for k in range(12)])
    date = pl.concat_str("year", month, "day", separator="-").str.to_date(strict=False)
    hour = pl.col("hour").cast(pl.Int64)
    afternoon = pl.col("half").str.to_lowercase()
    hour = (
        pl.when(afternoon == "").then(hour).otherwise(hour % 12 + 12 * (afternoon == "p").cast(int))
    )
    sign = pl.when(pl.col("zone").str.starts_with("-")).then(-1).otherwise(1)
    offset = 60 * pl.col("zone").cast(pl.Int64) + sign * pl.col("zone_minute").cast(pl.Int64)
    minutes = 60 * hour + pl.col("minute").cast(pl.Int64) - offset
    micros = (pl.col("second").cast(pl.Float64) * 1e6).round().cast(pl.Int64)
    return date.cast(pl.Datetime("us")) + pl.duration(minutes=minutes, microseconds=micros)


def orders_of(cells: pl.Series) -> tuple[Order, ...]:
    """Return the orders in which most cells are dates, and equally many; () if fewer than half.

    Two orders are given only if cells are other dates in one than in the other. A first sample
    decides whether the whole column is looked at.
    """
    present = cells.drop_nulls()
    sample = present.head(SAMPLE)
    likely = [order for order in Order if 2 * as_dates(sample, order).count() > sample.len()]
    found = {order: as_dates(present, order) for order in likely}
    most = max((dates.count() for dates in found.values()), default=0)
    if 2 * most <= present.len():
        return ()
    first, *others = [order for order in likely if found[order].count() == most]
    return first, *(order for order in others if not found[order].equals(found[first]))


def _days(cells: pl.Series) -> pl.Series:
    return cells.dt.epoch("us").cast(pl.Float64) / 86_400e6


def _hour(cells: pl.Series) -> pl.Series:
    days = _days(cells)
    return 24 * (days - days.floor())


Part = Callable[[pl.Series], pl.Series]

NUMBER_PARTS: Mapping[str, Part] = {
    "days": _days,
    "year": lambda cells: cells.dt.year().cast(pl.Float64),
    "day": lambda cells: cells.dt.day().cast(pl.Float64),
    "hour": _hour,
}
"""Parts of moments, Datetime [N] -> Float64 [N]: the days since 1970, with the time of day as
their fraction; the year; the day of the month; the hour, with the minutes as its fraction."""

CATEGORY_PARTS: Mapping[str, Part] = {
    "month": lambda cells: cells.dt.month().cast(pl.String),
    "weekday": lambda cells: cells.dt.weekday().cast(pl.String),
}
"""Parts that come round again, Datetime [N] -> String [N]: month 1 to 12, weekday 1 (Monday) to
7."""
