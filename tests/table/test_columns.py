"""What columns are taken for."""

from datetime import datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.errors import DataError
from tunesmith.table.cells import MISSING, Decimal
from tunesmith.table.columns import find_column, type_columns
from tunesmith.table.dates import Order
from tunesmith.table.guess import MIN_IDENTIFIERS, Kind, Reading
from tunesmith.table.raw import RawTable


def typed(*cells, **asked):
    table = type_columns(pl.DataFrame({"x": cells}, schema={"x": pl.String}), **asked)
    return table.columns[0], table.frame["x"].to_list()


@pytest.mark.parametrize(
    ("cells", "kind", "values", "why"),
    [
        (("1", "-2.5", "+3e2", ".5", "7."), Kind.NUMBER, [1, -2.5, 300, 0.5, 7], ""),
        ((" 1 ", "\t2"), Kind.NUMBER, [1, 2], ""),
        (("0", "0.5", "-0.25"), Kind.NUMBER, [0, 0.5, -0.25], ""),
        (("3", "?", "5"), Kind.NUMBER, [3, None, 5], ""),
        (("red", "NA", "blue"), Kind.CATEGORY, ["red", None, "blue"], ""),
        (("00123", "45"), Kind.CATEGORY, ["00123", "45"], "leading zeros, such as '00123'"),
        (("True", "False"), Kind.CATEGORY, ["True", "False"], ""),
        (("1", "two", "three"), Kind.CATEGORY, ["1", "two", "three"], ""),
        (("0x10", "1_000"), Kind.CATEGORY, ["0x10", "1_000"], ""),
        (("inf", "-Infinity"), Kind.CATEGORY, ["inf", "-Infinity"], ""),
        (("٣", "1"), Kind.CATEGORY, ["٣", "1"], "1 of 2 values are not numbers, such as '٣'"),
        (("7", "7"), Kind.LEFT_OUT, [7, 7], "the same value in every row"),
        (("a", "a "), Kind.LEFT_OUT, ["a", "a"], "the same value in every row"),
        (("", "null"), Kind.LEFT_OUT, [None, None], "missing in every row"),
        (("a", ""), Kind.CATEGORY, ["a", None], ""),
        (("4", ""), Kind.NUMBER, [4, None], ""),
    ],
)
def test_kinds(cells, kind, values, why):
    """Finite decimals are numbers; codes, words and other notations are not."""
    column, found = typed(*cells)
    assert (column.kind, found) == (kind, values)
    assert column.why.startswith(why) if why else column.why == ""
    assert column.missing == values.count(None)
    assert column.distinct == len({*values} - {None})


@pytest.mark.parametrize("mark", [*MISSING, "  ", " NA\t"])
def test_missing_marks(mark):
    """Each mark, with or without blanks, leaves a number column a number column."""
    column, values = typed("1", mark, "3")
    assert (column.kind, column.missing, values) == (Kind.NUMBER, 1, [1, None, 3])


def test_a_few_words_among_numbers_are_said_with_their_line():
    """A number column spoilt by text is a category, and says where."""
    cells = [str(i % 977) for i in range(2_999)]
    column, _ = typed(*cells, "", "abc", *cells, "x")
    assert column.kind is Kind.CATEGORY
    assert column.why == "2 of 6,000 values are not numbers, such as 'abc' at line 3002"


@pytest.mark.parametrize("wild", ["inf", "-INF", "Infinity", "1e400", "-1e400"])
def test_an_infinite_number_is_refused(wild):
    """Among numbers no infinity is let through; as a category it may stay."""
    with pytest.raises(DataError) as caught:
        typed("1", "", wild, "3")
    assert str(caught.value) == (
        f"column 'x' is taken for numbers but holds '{wild}' at line 4; correct or empty the cell, "
        "or type the column as category"
    )
    assert typed("1", wild, types={"x": Kind.CATEGORY})[0].kind is Kind.CATEGORY
    assert typed("1", wild, drop=["x"])[0].kind is Kind.LEFT_OUT


def test_text_identifiers_are_left_out():
    """Text that never repeats names rows, if there is enough of it; numbers may never repeat."""
    names = [f"n{i}" for i in range(MIN_IDENTIFIERS)]
    assert typed(*names, "")[0].why == "every value different"
    assert typed(*names, "")[0].kind is Kind.LEFT_OUT
    assert typed(*names[1:], "")[0].kind is Kind.CATEGORY
    assert typed(*names, "n3")[0].kind is Kind.CATEGORY
    assert typed(*map(str, range(0, 3 * MIN_IDENTIFIERS, 3)))[0].kind is Kind.NUMBER


def test_types_and_drop_overrule():
    """What is asked for is done, without a second thought."""
    assert typed("1", "2", types={"x": Kind.CATEGORY})[1] == ["1", "2"]
    assert typed("007", "11", types={"x": Kind.NUMBER})[1] == [7, 11]
    assert typed("5", "5", types={"x": Kind.NUMBER})[0].kind is Kind.NUMBER
    assert typed("5", "6", drop=["x"])[0].why == "dropped as asked"
    with pytest.raises(
        DataError, match=r"^column 'x' is taken for numbers but holds 'b' at line 3"
    ):
        typed("5", "b", types={"x": Kind.NUMBER})


def test_numbers_as_categories_are_named_one_by_one():
    """A whole number is called 1 and not 1.0, whatever other numbers there are."""
    frame = pl.DataFrame({"x": [1.0, 2.5, -0.0, 1e300, float("nan")]})
    table = type_columns(RawTable(frame=frame), types={"x": Kind.CATEGORY})
    assert table.frame["x"].to_list() == ["1", "2.5", "0", "1e+300", None]


def test_unknown_columns_are_named():
    """In types, in drop, and for the target: the nearest name, or all of them."""
    frame = pl.DataFrame({"age": ["1", "2"], "income": ["a", "b"]})
    with pytest.raises(DataError, match=r"^no column 'agee'; did you mean 'age'\?$"):
        type_columns(frame, types={"agee": Kind.NUMBER})
    with pytest.raises(DataError, match=r"^no column 'Income'; did you mean 'income'\?$"):
        type_columns(frame, drop=["Income"])
    with pytest.raises(DataError, match=r"^no column 'xyz'; there are 'age', 'income'$"):
        find_column(type_columns(frame), "xyz")
    assert find_column(frame.columns, "age") == "age"


def test_features():
    """Features are neither left out nor the target, in the order of the file."""
    frame = pl.DataFrame({"b": ["1", "2"], "same": ["z", "z"], "y": ["u", "v"], "a": ["p", "q"]})
    table = type_columns(frame)
    assert table.features("y") == ("b", "a")
    assert table.rows == 2
    assert table.column("same").kind is Kind.LEFT_OUT


def test_types_that_open_text_both_ways():
    """A notation that is asked for settles a reading, and so does one that is stored."""
    text = pl.DataFrame({"n": ["1,234", "7"], "d": ["01/02/2021", "03/02/2021"]})
    asked = type_columns(text, types={"n": Decimal.COMMA, "d": Order.DAY_FIRST})
    stored = {
        "n": Reading(Kind.NUMBER, Decimal.COMMA),
        "d": Reading(Kind.DATE, Order.DAY_FIRST),
    }
    for table in (asked, type_columns(text, stored=stored)):
        assert table.frame.row(0) == (1.234, datetime(2021, 2, 1))
        assert [column.notation for column in table.columns] == [Decimal.COMMA, Order.DAY_FIRST]


@pytest.mark.parametrize(
    ("reading", "cells", "what", "example"),
    [
        (
            Reading(Kind.NUMBER, Decimal.COMMA),
            ("1,25", "1.5"),
            "numbers with a decimal comma but holds '1.5'",
            "1234,5",
        ),
        (
            Reading(Kind.NUMBER, Decimal.POINT),
            ("1,234", "1,23"),
            "numbers but holds '1,23'",
            "1234.5",
        ),
        (
            Reading(Kind.NUMBER, Decimal.POINT, unit="%"),
            ("12%", "0.12"),
            "numbers with '%' but holds '0.12'",
            "1234.5%",
        ),
        (
            Reading(Kind.NUMBER, Decimal.POINT, unit="$"),
            ("$12", "\u20ac12"),
            "numbers with '$' but holds '\u20ac12'",
            "$1234.5",
        ),
        (
            Reading(Kind.DATE, Order.DAY_FIRST),
            ("01/02/2021", "02/13/2021"),
            "dates, day first, but holds '02/13/2021'",
            "28/02/2021",
        ),
    ],
)
def test_a_file_that_contradicts_what_is_stored_is_refused(reading, cells, what, example):
    """A stored reading is not decided anew, however well another would fit."""
    with pytest.raises(DataError) as caught:
        type_columns(pl.DataFrame({"x": cells}), stored={"x": reading})
    assert str(caught.value) == (
        f"column 'x' is taken for {what} at line 3; correct or empty the cell (training had values "
        f"such as {example})"
    )


def test_typed_numbers_lack_a_unit():
    """12 is not 12 %, and nobody knows which is meant; without a value nothing is."""
    stored = {"x": Reading(Kind.NUMBER, Decimal.POINT, unit="%")}
    with pytest.raises(DataError) as caught:
        type_columns(RawTable(frame=pl.DataFrame({"x": [None, 0.12]})), stored=stored)
    assert str(caught.value) == (
        "column 'x' holds 0.12 at line 3, which lacks the '%' of the training table; write it as "
        "text, such as 1234.5%"
    )
    nothing = pl.DataFrame({"x": pl.Series([None], dtype=pl.Float64)})
    assert type_columns(nothing, stored=stored).frame["x"].to_list() == [None]


def test_marks_of_missing_values_are_kept():
    """What stands for a missing value is known, the empty cell aside."""
    column, _ = typed("1", "?", "", " NA ", "?")
    assert (column.marks, column.marked, column.missing) == (("?", "NA"), 3, 4)
    column, _ = typed("1", "", "2")
    assert (column.marks, column.marked, column.missing) == ((), 0, 1)


@given(
    st.lists(
        st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
        min_size=2,
        max_size=40,
    )
)
def test_written_numbers_come_back(numbers):
    """Every finite float that Python writes is read as the same float."""
    _, values = typed(*("" if x is None else repr(x) for x in numbers))
    assert values == numbers
