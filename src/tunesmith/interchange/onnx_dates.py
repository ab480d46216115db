"""The parts of a date in ONNX, which knows no dates: arithmetic on days since 1970."""

import math

import numpy as np

from tunesmith.interchange.onnx_draft import Draft

MISSING_MOMENT = -(2**63)
"""NumPy's NaT as a whole number."""

MICROSECONDS = 86_400e6
"""Of a day."""


def date_parts(draft: Draft, moments: str) -> dict[str, str]:
    """Add the parts of moments, int64 [N, 1] of microseconds; return the name of each.

    Days, year, day and hour are double, NaN where the moment is missing; month and weekday are
    int64, MISSING_MOMENT there.
    """
    missing = draft.add("Equal", moments, draft.constant(MISSING_MOMENT, np.int64))
    days = _there(draft, missing, _over(draft, _double(draft, moments), MICROSECONDS))
    hour = _times(draft, draft.add("Sub", days, draft.add("Floor", days)), 24)
    # In whole numbers: float64 rounds the last microseconds of a day up to the next.
    of_day = draft.add("Mod", moments, draft.constant(MICROSECONDS, np.int64))
    midnight = _double(draft, draft.add("Sub", moments, of_day))
    whole = _there(draft, missing, _over(draft, midnight, MICROSECONDS))
    year, month, day = _calendar(draft, whole)
    since_monday = _plus(draft, whole, 3)  # 1 January 1970 was a Thursday
    weeks = _times(draft, _floored(draft, since_monday, 7), 7)
    weekday = _plus(draft, draft.add("Sub", since_monday, weeks), 1)
    return {
        "days": days,
        "year": year,
        "day": day,
        "hour": hour,
        "month": _whole(draft, month, missing),
        "weekday": _whole(draft, weekday, missing),
    }


def _calendar(draft: Draft, whole: str) -> tuple[str, str, str]:
    """Return year, month and day of whole days since 1970.

    Hinnant 2013, "chrono-compatible low-level date algorithms", civil_from_days: an era is 400
    years, and years begin in March, so that a leap day is their last.
    """
    days = _plus(draft, whole, 719_468)  # since 1 March of the year 0
    era = _floored(draft, days, 146_097)
    of_era = draft.add("Sub", days, _times(draft, era, 146_097))
    leaps = draft.add("Sub", _floored(draft, of_era, 36_524), _floored(draft, of_era, 1_460))
    leaps = draft.add("Sub", leaps, _floored(draft, of_era, 146_096))
    years = _floored(draft, draft.add("Add", of_era, leaps), 365)
    before = draft.add("Add", _times(draft, years, 365), _floored(draft, years, 4))
    before = draft.add("Sub", before, _floored(draft, years, 100))
    of_year = draft.add("Sub", of_era, before)
    month = _floored(draft, _plus(draft, _times(draft, of_year, 5), 2), 153)  # 0 is March
    gone = _floored(draft, _plus(draft, _times(draft, month, 153), 2), 5)
    day = _plus(draft, draft.add("Sub", of_year, gone), 1)
    next_year = _floored(draft, month, 10)  # 1 for January and February
    month = draft.add("Sub", _plus(draft, month, 3), _times(draft, next_year, 12))
    year = draft.add("Add", draft.add("Add", years, _times(draft, era, 400)), next_year)
    return year, month, day


def _whole(draft: Draft, numbers: str, missing: str) -> str:
    """Return whole numbers as int64, MISSING_MOMENT where they are missing."""
    there = draft.add("Where", missing, draft.constant(0), numbers)
    cast = draft.add("Cast", there, to="int64")
    return draft.add("Where", missing, draft.constant(MISSING_MOMENT, np.int64), cast)


def _there(draft: Draft, missing: str, numbers: str) -> str:
    """Return numbers, NaN where they are missing."""
    return draft.add("Where", missing, draft.constant(math.nan), numbers)


def _double(draft: Draft, x: str) -> str:
    return draft.add("Cast", x, to="double")


def _plus(draft: Draft, x: str, number: float) -> str:
    return draft.add("Add", x, draft.constant(number))


def _times(draft: Draft, x: str, number: float) -> str:
    return draft.add("Mul", x, draft.constant(number))


def _over(draft: Draft, x: str, number: float) -> str:
    return draft.add("Div", x, draft.constant(number))


def _floored(draft: Draft, x: str, number: float) -> str:
    return draft.add("Floor", _over(draft, x, number))
