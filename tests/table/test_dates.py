"""Dates and times as they are written, and their parts."""

from datetime import datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.table.dates import CATEGORY_PARTS, NUMBER_PARTS, Order, as_dates, orders_of

DAY = datetime(2021, 2, 3)
EVENING = datetime(2021, 2, 3, 22, 5)
WRITTEN = {
    Order.YEAR_FIRST: {
        "2021-02-03": DAY,
        "2021/2/3": DAY,
        "2021.02.03": DAY,
        "20210203": DAY,
        "2021-Feb-03": DAY,
        "2021-02-03 22:05": EVENING,
        "2021-02-03T22:05:00.000": EVENING,
        "2021-02-03T22:05:00Z": EVENING,
        "2021-02-03 23:35 +0130": EVENING,
        "2021-02-03T20:20:00-01:45": EVENING,
        "2021-02-30": None,
        "2021-13-01": None,
        "2021-02-03 24:00": None,
        "2021-02": None,
        "21-02-03": None,
        "03.02.2021": None,
    },
    Order.DAY_FIRST: {
        "03.02.2021": DAY,
        "3/2/2021": DAY,
        "3-2-2021": DAY,
        "3 February 2021": DAY,
        "03-FEB-2021 10:05 pm": EVENING,
        "31.02.2021": None,
        "3 Foo 2021": None,
        "2021-02-03": None,
    },
    Order.MONTH_FIRST: {
        "02/03/2021": DAY,
        "2-3-2021": DAY,
        "Feb 3, 2021": DAY,
        "Feb. 3, 2021 10:05:00PM": EVENING,
        "13/03/2021": None,
    },
    Order.CLOCK: {
        "22:05": datetime(1970, 1, 1, 22, 5),
        "10:05 PM": datetime(1970, 1, 1, 22, 5),
        "12:30am": datetime(1970, 1, 1, 0, 30),
        "7:05:30.5": datetime(1970, 1, 1, 7, 5, 30, 500_000),
        "24:00": None,
        "7": None,
    },
}


@pytest.mark.parametrize(
    ("order", "text", "moment"),
    [(order, *pair) for order, pairs in WRITTEN.items() for pair in pairs.items()],
)
def test_one_date(order, text, moment):
    """A date that exists is read, in UTC; what is no date in that order is missing."""
    dates = as_dates(pl.Series("x", [text, None, text]), order)
    assert dates.to_list() == [moment, None, moment]
    assert (dates.name, dates.dtype) == ("x", pl.Datetime("us"))


def test_no_dates_at_all():
    """A column without a value has dates without a value, and no order."""
    cells = pl.Series([None, None], dtype=pl.String)
    assert as_dates(cells, Order.DAY_FIRST).to_list() == [None, None]
    assert orders_of(cells) == ()


@pytest.mark.parametrize(
    ("cells", "orders"),
    [
        (["2021-02-03", "2021-12-11"], (Order.YEAR_FIRST,)),
        (["13/02/2021", "01/02/2021"], (Order.DAY_FIRST,)),
        (["02/13/2021", "01/02/2021"], (Order.MONTH_FIRST,)),
        (["03/02/2021", "01/02/2021"], (Order.DAY_FIRST, Order.MONTH_FIRST)),
        (["03/03/2021", "1/1/2021"], (Order.DAY_FIRST,)),  # the same dates either way
        (["03/02/2021", "x", "y"], ()),
        (["05:17", "23:59", None], (Order.CLOCK,)),
        (["fig", "plum"], ()),
    ],
)
def test_the_orders_that_are_possible(cells, orders):
    """Two only where they give other dates; none where half of the cells are no dates."""
    assert orders_of(pl.Series(cells)) == orders


@given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31)))
def test_every_moment_that_python_writes_is_read(moment):
    """ISO text, as str and isoformat give it, is the same moment to the microsecond."""
    cells = pl.Series([str(moment), moment.isoformat()])
    assert as_dates(cells, Order.YEAR_FIRST).to_list() == [moment, moment]


def test_parts():
    """Drawn by hand: an afternoon in 2021, a night before 1970, and nothing."""
    cells = pl.Series([datetime(2021, 2, 3, 18), datetime(1969, 12, 31, 6), None])
    parts = {name: take(cells).to_list() for name, take in NUMBER_PARTS.items()}
    assert parts == {
        "days": [18_661.75, -0.75, None],
        "year": [2021.0, 1969.0, None],
        "day": [3.0, 31.0, None],
        "hour": [18.0, 6.0, None],
    }
    parts = {name: take(cells).to_list() for name, take in CATEGORY_PARTS.items()}
    assert parts == {"month": ["2", "12", None], "weekday": ["3", "3", None]}
