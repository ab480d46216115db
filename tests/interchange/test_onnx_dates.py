"""The calendar as ONNX arithmetic: Python's own, day by day and gap by gap."""

from datetime import datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.interchange.onnx_in_numpy import OPERATORS

from tunesmith.interchange.onnx_dates import MISSING_MOMENT, date_parts
from tunesmith.interchange.onnx_draft import Draft
from tunesmith.table.dates import CATEGORY_PARTS, NUMBER_PARTS

PARTS = {**NUMBER_PARTS, **CATEGORY_PARTS}


def parts_of(moments):
    """Return the parts of moments, int64 [N], as the graph computes them: [N] each by name."""
    draft = Draft({"when"})
    names = date_parts(draft, "when")
    values = {**draft.constants, "when": np.reshape(moments, (-1, 1))}
    for node in draft.nodes:
        given = [values[name] for name in node.inputs]
        with np.errstate(invalid="ignore"):
            values[node.output] = OPERATORS[node.op](*given, **node.attributes)
    return {part: values[name][:, 0] for part, name in names.items()}


def micros(moments):
    return np.array(moments, "datetime64[us]").astype(np.int64)


def test_every_day_of_four_centuries():
    """Leap days, and the centuries that have none: all parts are those of the encoder."""
    days = np.arange(np.datetime64("1799-12-31"), np.datetime64("2201-01-01"))
    moments = days.astype("datetime64[us]") + np.timedelta64(12_345_678_901, "us")
    found = parts_of(moments.astype(np.int64))
    for part, take in PARTS.items():
        expected = take(pl.Series(moments)).cast(pl.Float64)
        np.testing.assert_allclose(found[part], expected, rtol=1e-15, atol=1e-9)


@given(st.datetimes(datetime(1700, 1, 1), datetime(2250, 12, 31)))
@example(datetime(2200, 12, 31, 23, 59, 59, 999_999))
def test_any_moment(moment):
    """To the last microsecond of a day, which float64 would round up to the next."""
    parts = parts_of(micros([moment]))
    whole = [int(parts[name][0]) for name in ("year", "month", "day", "weekday")]
    assert whole == [moment.year, moment.month, moment.day, moment.isoweekday()]


def test_a_missing_moment():
    """NumPy's NaT gives NaN for numbers and the missing value of whole ones."""
    parts = parts_of(micros(["NaT"]))
    assert np.datetime64("NaT", "us").astype(np.int64) == MISSING_MOMENT
    assert [np.isnan(parts[name][0]) for name in NUMBER_PARTS] == [True] * 4
    assert [parts[name][0] for name in CATEGORY_PARTS] == [MISSING_MOMENT] * 2


def test_a_day_by_hand():
    """Noon of the leap day of 2000, a Tuesday, 30 years and 8 leap days less one after 1970."""
    parts = parts_of(micros(["2000-02-29T12:00"]))
    expected = {"days": 11_016.5, "year": 2000, "day": 29, "hour": 12, "month": 2, "weekday": 2}
    assert {name: values[0] for name, values in parts.items()} == pytest.approx(expected)
