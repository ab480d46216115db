"""What a table was taken for, in words."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.table.columns import type_columns
from tunesmith.table.describe import WIDTH, describe
from tunesmith.table.target import choose_target

N = 67


def described(target, **columns):
    table = type_columns(pl.DataFrame(columns))
    return describe(table, choose_target(table, target))


def numbers(step=1):
    return [str(step * i) for i in range(N)]


def test_a_plain_table():
    """Kinds are counted without the target; one column left out is named in the first line."""
    lines = described(
        "y",
        a=numbers(2),
        b=numbers(3),
        c=["u", "v"] * 33 + ["u"],
        id=[f"n{i}" for i in range(N)],
        y=["<=50K", "<=50K", ">50K"] * 22 + [""],
    )
    assert lines == (
        "2 number, 1 category, 1 left out (id: every value different)",
        "target y: 2 classes, '<=50K' 67 %",
        "classification, because y holds text",
        "1 row without a target is not used",
    )


def test_marks_in_the_target_get_a_line():
    """Rows lost to a mark are told from rows without a target."""
    lines = described("y", a=numbers(2), y=["None", "ill", "well", ""] * 16 + ["ill"] * 3)
    assert lines[-3:] == (
        "16 rows are not used: y is 'None' there, which stands for missing; if it is a",
        '  class, add --missing ""',
        "16 rows without a target are not used",
    )


def test_a_target_says_how_its_numbers_are_written():
    """As features do: what is read from text may surprise."""
    lines = described("y", a=numbers(2), y=[f"${1_000 + 7 * k}.50" for k in range(N)])
    assert lines[1:] == (
        "target y: number, median 1,231.5",
        "regression, because y holds 67 different numbers",
        "y is read as numbers: written with '$', such as '$1000.50'",
    )


def test_columns_left_out_for_one_reason_share_a_line():
    """Many constant columns, as in images, are one remark and not one each."""
    lines = described("y", y=numbers(), a=numbers(7), b=["0"] * N, c=["1"] * N, d=["0"] * N)
    assert lines[0] == "1 number, 3 left out (b, c, d: the same value in every row)"
    assert lines[1].startswith("target y: ")


def test_what_is_odd_gets_a_line():
    """Columns left out for several reasons, and categories that look like numbers, are said."""
    lines = described(
        "price",
        price=numbers(2500),
        zip=[f"{i % 9:03}" for i in range(N)],
        size=[*(str(i % 9) for i in range(N - 1)), "abc"],
        a_rather_long_name=[*(str(i % 9) for i in range(N - 1)), "a rather long value"],
        same=["x"] * N,
        gone=["NA"] * N,
        twin=["0"] * N,
    )
    assert lines == (
        "3 category, 3 left out",
        "left out same, twin: the same value in every row",
        "left out gone: missing in every row",
        "zip is a category: leading zeros, such as '000'",
        "size is a category: 1 of 67 values are not numbers, such as 'abc' at line 68",
        "a_rather_long_name is a category: 1 of 67 values are not numbers, such as 'a",
        "  rather long value' at line 68",
        "target price: number, median 82,500",
        "regression, because price holds 67 different numbers",
    )


def test_a_table_of_many_useless_columns_is_said_shortly():
    """Six of the columns left out are named, eight of the odd ones, the rest are counted."""
    same = {f"c{i}": ["1"] * N for i in range(1_100)}
    codes = {f"d{i}": [f"{k % 9:03}" for k in range(N)] for i in range(310)}
    lines = described("y", y=numbers(), **same, **codes)
    assert lines[:2] == (
        "310 category, 1,100 left out (c0, c1, c2, c3, c4, c5 and 1,094 more: the same",
        "  value in every row)",
    )
    assert lines[9:11] == (
        "d7 is a category: leading zeros, such as '000'",
        "and 302 more columns like these",
    )
    assert len(lines) == 13


@given(st.text(min_size=1, max_size=90), st.text(min_size=1, max_size=90))
def test_lines_fit_and_are_clean(name, value):
    """No line is longer than 80 characters or holds a control character, whatever the data."""
    cells = [*(str(i % 9) for i in range(N - 1)), "x" + value]
    same = ["s" + value] * N
    lines = described("y" + name, **{name: cells, "=" + name: same, "y" + name: cells[::-1]})
    assert all(len(line) <= WIDTH for line in lines)
    assert all(line.isprintable() for line in lines)
