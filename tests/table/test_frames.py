"""Data frames, arrays and Parquet files as tables."""

from datetime import date, datetime, time, timedelta, timezone

import numpy as np
import polars as pl
import pytest

from tunesmith.errors import DataError
from tunesmith.table.columns import type_columns
from tunesmith.table.frames import (
    NO_VALUES,
    _from_values,
    from_frame,
)
from tunesmith.table.guess import Kind

NOON = datetime(2021, 2, 3, 12)
ZONED = NOON.replace(tzinfo=timezone(timedelta(hours=2)))
FRAME = pl.DataFrame(
    {
        "whole": [1, 2, -7],
        "gaps": [1, None, 3],
        "float": [0.5, float("nan"), None],
        "long": [2**53, 2**60, 5],
        "truth": [True, None, False],
        "text": ["a", "", None],
        "day": [date(2021, 2, 3), None, date(2021, 2, 4)],
        "moment": [NOON, None, NOON],
        "zoned": [ZONED, None, ZONED],
        "clock": [time(5, 17), None, time(23)],
        "span": [timedelta(minutes=1), None, timedelta(days=-1)],
        "list": [[1], [2, 3], None],
        "bytes": [b"a", None, b"b"],
    },
    schema_overrides={"zoned": pl.Datetime("ns", "Europe/Athens"), "span": pl.Duration("ms")},
).with_columns(kind=pl.Series(["u", "v", "u"], dtype=pl.Categorical))
EXPECTED = {
    "whole": [1, 2, -7],
    "gaps": [1.0, None, 3.0],
    "float": [0.5, None, None],
    "long": [str(2**53), str(2**60), "5"],
    "truth": ["True", None, "False"],
    "text": ["a", "", None],
    "day": [datetime(2021, 2, 3), None, datetime(2021, 2, 4)],
    "moment": [NOON, None, NOON],
    "zoned": [datetime(2021, 2, 3, 10), None, datetime(2021, 2, 3, 10)],
    "clock": ["05:17:00", None, "23:00:00"],
    "span": [60.0, None, -86_400.0],
    "list": [None] * 3,
    "bytes": [None] * 3,
    "kind": ["u", "v", "u"],
}


def test_a_polars_frame():
    """Numbers and moments stay, truth values and categories are text, the rest has no values."""
    raw = from_frame(FRAME)
    assert raw.frame.to_dict(as_series=False) == EXPECTED
    assert raw.frame["list"].dtype == raw.frame["bytes"].dtype == NO_VALUES
    assert not raw.has_lines


LONG = [2**53 + 1 + 2 * n for n in range(40)]


@pytest.mark.parametrize(
    "dtype", [pl.Int64, pl.UInt64, pl.Int128, pl.Decimal(38, 0), pl.Decimal(38, 2)], ids=str
)
@pytest.mark.parametrize("gap", [False, True], ids=["whole", "gap"])
def test_long_whole_numbers_stay_exact(dtype, gap):
    """Those that float64 would round are text, missing cells or not, and so is all their column."""
    cells = [None if gap and n == 7 else n for n in [*LONG, 5]]
    frame = pl.DataFrame({"id": pl.Series(cells, dtype=pl.Int64).cast(dtype)})
    cells = from_frame(frame).frame["id"]
    assert cells.to_list() == [None if gap and n == 7 else str(n) for n in [*LONG, 5]]


@pytest.mark.parametrize("dtype", [pl.Int64, pl.UInt64, pl.Int128, pl.Decimal(38, 2)], ids=str)
def test_numbers_that_float64_holds_are_numbers(dtype):
    """The type of a column may allow for more than its numbers need."""
    frame = pl.DataFrame({"n": pl.Series([2**53 - 1, None, 5], dtype=pl.Int64).cast(dtype)})
    assert from_frame(frame).frame["n"].to_list() == [2.0**53 - 1, None, 5.0]


def test_fractions_are_rounded_as_any_number_is():
    """Digits behind the point name nothing; text keeps no needless zeros of them."""
    small = pl.Series("x", ["0.33333333333333333333", "-2.5"]).str.to_decimal(scale=20)
    large = pl.Series("y", ["123456789012345678.5", "10"]).str.to_decimal(scale=4)
    assert from_frame(pl.DataFrame([small, large])).frame.to_dict(as_series=False) == {
        "x": [1 / 3, -2.5],
        "y": ["123456789012345678.5", "10"],
    }


def test_a_frame_typed():
    """The kinds are those of the frame; cells that are no values are left out, and that is said."""
    table = type_columns(from_frame(FRAME.select(pl.exclude("zoned", "float"))))
    kinds = {column.name: column.kind for column in table.columns}
    assert kinds == {
        **dict.fromkeys(["whole", "gaps", "span"], Kind.NUMBER),
        **dict.fromkeys(["long", "truth", "text", "kind"], Kind.CATEGORY),
        **dict.fromkeys(["day", "moment", "clock"], Kind.DATE),
        **dict.fromkeys(["list", "bytes"], Kind.LEFT_OUT),
    }
    assert table.column("list").why == "its cells are no single values"
    assert table.column("moment").notation is None


def test_a_frame_typed_as_asked():
    """Numbers asked for as categories are called as in a text file: 1, not 1.0."""
    types = {"gaps": Kind.CATEGORY, "whole": Kind.CATEGORY, "day": Kind.CATEGORY}
    table = type_columns(from_frame(FRAME.select(*types)), types=types)
    assert table.frame["gaps"].to_list() == ["1", None, "3"]
    assert table.frame["whole"].to_list() == ["1", "2", "-7"]
    with pytest.raises(
        DataError, match=r"^column 'text' is taken for numbers but holds 'a' at row 1"
    ):
        type_columns(from_frame(FRAME.select("text")), types={"text": Kind.NUMBER})


CODES = ["7", "12", "7", None]
DAYS = ["2021-02-03", "2021-03-04", "2021-02-03", None]


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum], ids=str)
def test_a_declared_category_is_one(dtype):
    """A categorical type decides: labels of digits are no numbers and labels of dates no dates."""
    types = [dtype(["7", "12"]), dtype(DAYS[:2])] if dtype is pl.Enum else [dtype, dtype]
    frame = pl.DataFrame({"code": pl.Series(CODES, dtype=types[0]), "n": CODES})
    frame = frame.with_columns(day=pl.Series(DAYS, dtype=types[1]))
    raw = from_frame(frame)
    assert raw.categories == {"code", "day"}
    table = type_columns(raw)
    kinds = [column.kind for column in table.columns]
    assert kinds == [Kind.CATEGORY, Kind.NUMBER, Kind.CATEGORY]
    assert table.frame["code"].to_list() == CODES
    asked = type_columns(raw, types={"code": Kind.NUMBER})
    assert asked.frame["code"].to_list() == [7, 12, 7, None]
    same = type_columns(from_frame(frame.select("code")[::2]))
    assert (same.columns[0].kind, same.columns[0].why) == (
        Kind.LEFT_OUT,
        "the same value in every row",
    )


def test_text_of_a_frame_is_no_mark():
    """Null says what is missing, so that None, NA and - may be values; empty text is missing."""
    cells = ["None", "NA", "-", "?", "null", "", None]
    table = type_columns(from_frame(pl.DataFrame({"x": cells})))
    assert table.frame["x"].to_list() == [*cells[:5], None, None]
    assert (table.columns[0].missing, table.columns[0].marks) == (2, ())


def test_a_lazy_frame_is_refused():
    """It has no rows yet, and the remedy is said instead of its plan."""
    with pytest.raises(DataError) as caught:
        from_frame(pl.LazyFrame({"a": [1]}))
    assert str(caught.value) == (
        "a LazyFrame has no rows until it is collected; give what its .collect() returns"
    )


def test_an_infinite_number_in_a_frame():
    """It is refused with its row, as in a file with its line."""
    frame = pl.DataFrame({"x": [1.0, float("inf"), 3.0]})
    with pytest.raises(
        DataError, match=r"^column 'x' is taken for numbers but holds 'inf' at row 2"
    ):
        type_columns(from_frame(frame))


def test_what_is_no_frame():
    """One sentence: what it is, and what would do."""
    with pytest.raises(DataError) as caught:
        from_frame([1, 2])
    assert str(caught.value) == (
        "a list is no data frame; give a pandas or polars one, or an array"
    )
    with pytest.raises(DataError, match=r"^the table names 'a' more than once; give each column "):
        from_frame(pl.DataFrame({"a": [1], " a": [2]}))


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.array([[1, 2], [3, 4]]), {"x0": [1, 3], "x1": [2, 4]}),
        (np.array([[1.5, np.nan]]), {"x0": [1.5], "x1": [None]}),
        (np.array([[True, False]]), {"x0": ["True"], "x1": ["False"]}),
        (np.array([["a", "1.5"]]), {"x0": ["a"], "x1": ["1.5"]}),
        (np.array([["a", None], [3, 2.5]], object), {"x0": ["a", "3"], "x1": [None, "2.5"]}),
        (np.array([["2021-02-03", "NaT"]], "M8[D]"), {"x0": [datetime(2021, 2, 3)], "x1": [None]}),
        (np.array([[90, 30]], "m8[s]"), {"x0": [90.0], "x1": [30.0]}),
        (np.array([[2**63, 1]], np.uint64), {"x0": [str(2**63)], "x1": [1]}),
        (np.empty((0, 2)), {"x0": [], "x1": []}),
    ],
    ids=lambda value: getattr(value, "dtype", None) and str(value.dtype),
)
def test_arrays(array, expected):
    """Numbers, moments and text are what they are."""
    columns = [_from_values(f"x{place}", values) for place, values in enumerate(array.T)]
    assert pl.DataFrame(columns).to_dict(as_series=False) == expected
