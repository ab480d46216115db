"""What a column of text is meant to hold."""

import polars as pl
import pytest

from tunesmith.errors import DataError
from tunesmith.table.cells import Decimal
from tunesmith.table.dates import Order
from tunesmith.table.guess import (
    MIN_IDENTIFIERS,
    Kind,
    Reading,
    asked_for,
    guess,
    nothing_to_learn,
    values_of,
)


def place(row):
    return f"place {row}"


def series(*cells):
    return pl.Series("x", cells, dtype=pl.String)


@pytest.mark.parametrize(
    ("cells", "told", "guessed"),
    [
        (("1", None, "2.5"), None, Reading(Kind.NUMBER, Decimal.POINT)),
        (("1", "2"), Decimal.COMMA, Reading(Kind.NUMBER, Decimal.COMMA)),
        (
            ("1", "2,5"),
            None,
            Reading(Kind.NUMBER, Decimal.COMMA, "decimal comma, such as '2,5'"),
        ),
        (
            ("1,234", "2"),
            Decimal.POINT,
            Reading(Kind.NUMBER, Decimal.POINT, "',' groups digits, such as '1,234'"),
        ),
        (
            ("1.234", "2"),
            Decimal.COMMA,
            Reading(Kind.NUMBER, Decimal.COMMA, "'.' groups digits, such as '1.234'"),
        ),
        (
            ("12,345,678", "2"),
            None,
            Reading(Kind.NUMBER, Decimal.POINT, "',' groups digits, such as '12,345,678'"),
        ),
        (("007", "11"), None, Reading(Kind.CATEGORY, why="leading zeros, such as '007'")),
        (("7", "inf"), None, Reading(Kind.NUMBER, Decimal.POINT)),
        (("7", "a", "b"), None, Reading(Kind.CATEGORY)),
        (
            ("7", None, "8", "a", "9"),
            None,
            Reading(Kind.CATEGORY, why="1 of 4 values are not numbers, such as 'a' at place 3"),
        ),
        ((None, None), None, Reading(Kind.CATEGORY)),
        (
            ("$1,471.62", "$12.00"),
            None,
            Reading(
                Kind.NUMBER,
                Decimal.POINT,
                "written with '$', such as '$1,471.62'; ',' groups digits, such as '$1,471.62'",
                unit="$",
            ),
        ),
        (
            ("1\u202f234,5", "(12)"),
            None,
            Reading(
                Kind.NUMBER,
                Decimal.COMMA,
                "a blank groups digits, such as '1\\u202f234,5'; parentheses mean below zero, such "
                "as '(12)'; decimal comma, such as '1\\u202f234,5'",
            ),
        ),
        (
            ("12 %", "3 %", "n.b.", "0.5", "4%"),
            None,
            Reading(
                Kind.CATEGORY,
                why="2 of 5 values are not numbers with '%', such as 'n.b.' at place 2",
            ),
        ),
        (
            ("(1)", "(2)"),
            None,
            Reading(Kind.CATEGORY, why="all in parentheses, such as '(1)'"),
        ),
        (
            ("13/02/2021", None),
            None,
            Reading(Kind.DATE, Order.DAY_FIRST, "day first, such as '13/02/2021'"),
        ),
        (
            ("2021-02-13", "2021-02-14", None, "soon"),
            None,
            Reading(
                Kind.CATEGORY,
                why="1 of 3 values are not dates with the year first, such as 'soon' at place 3",
            ),
        ),
    ],
)
def test_guesses(cells, told, guessed):
    """Numbers with either sign, codes, dates, and what a few misfits do to a column."""
    assert guess(series(*cells), place, told=told) == guessed


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (
            ("1,234", "2"),
            (
                "column 'x' holds '1,234' at place 0, which may be 1.234 or 1234; say which with "
                "--types x=decimal-comma, or =number where the comma groups digits"
            ),
        ),
        (
            ("1.234 €", "2 €"),
            (
                "column 'x' holds '1.234 €' at place 0, which may be 1.234 € or 1234 €; say which "
                "with --types x=number, or =decimal-comma where the point groups digits"
            ),
        ),
        (
            (None, "03/02/2021"),
            (
                "column 'x' holds dates such as '03/02/2021' at place 1, which may start with the "
                "day or with the month; say which with --types x=day-first or =month-first"
            ),
        ),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(cells, sentence):
    """One sentence with both readings."""
    with pytest.raises(DataError) as caught:
        guess(series(*cells), place, told=None)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("asked", "cells", "notation"),
    [
        (Kind.CATEGORY, ("1", "2"), None),
        (Kind.NUMBER, ("1,5", "2"), Decimal.COMMA),
        (Kind.NUMBER, ("1,234", "2"), Decimal.POINT),
        (Decimal.COMMA, ("1,234", "2"), Decimal.COMMA),
        (Kind.DATE, ("13/02/2021",), Order.DAY_FIRST),
        (Kind.DATE, ("20210213",), Order.YEAR_FIRST),
        (Kind.DATE, (None,), Order.YEAR_FIRST),
        (Order.MONTH_FIRST, ("01/02/2021",), Order.MONTH_FIRST),
    ],
)
def test_a_kind_that_is_asked_for(asked, cells, notation):
    """The kind is as asked, and the notation as the cells have it."""
    found = asked_for(series(*cells), asked, place, told=None)
    assert found.notation == notation
    assert found.kind.value == {Decimal: "number", Order: "date"}.get(
        type(asked), getattr(asked, "value", "")
    )


N = MIN_IDENTIFIERS


@pytest.mark.parametrize(
    ("name", "values", "why"),
    [
        ("x", [None] * N, "missing in every row"),
        ("x", [3.0] * N, "the same value in every row"),
        ("x", [3.0] * N + [None], ""),
        ("x", [f"n{k}" for k in range(N)] + [None], "every value different"),
        ("x", [f"n{k}" for k in range(N - 1)], ""),
        ("x", [float(k) for k in range(7, N + 7)], "it counts the rows"),
        ("x", [float(-k) for k in range(N)], ""),
        ("x", [2.0 * k for k in range(N)], ""),
        ("x", [k + 0.5 for k in range(N)], ""),
        *(
            (name, [2.0 * k for k in range(N)], "every value different")
            for name in ("id", "user_id")
        ),
        *(
            (name, [2.0 * k for k in range(N)], "every value different")
            for name in ("ID", "userId")
        ),
        *((name, [2.0 * k for k in range(N)], "") for name in ("paid", "monkey", "idle")),
        ("id", [2.5 * k for k in range(N)], ""),
        ("id", [2.0 * k for k in range(N)] + [0.0], ""),
        ("column 1", [3.0, 4.0, 5.0], "it counts the rows"),
        ("Unnamed: 0", [7.0, 4.0, 5.0], "every value different"),
        ("__index_level_0__", ["u", "v"], "every value different"),
        ("column 1", [0.0, 1.0, 0.0], ""),
        ("column 2", [0.0, 1.0, 2.0], ""),
    ],
)
def test_what_there_is_nothing_to_learn_from(name, values, why):
    """Nothing, one value, and names of rows: text, numbers called id, and counts."""
    cells = pl.Series(name, values, strict=False)
    assert nothing_to_learn(name, cells, cells.drop_nulls().n_unique()) == why


@pytest.mark.parametrize(
    ("guessed", "cells", "what"),
    [
        (Reading(Kind.NUMBER, Decimal.POINT), series("1", None, "1,5"), "numbers but holds '1,5'"),
        (
            Reading(Kind.NUMBER, Decimal.COMMA),
            series("1", None, "1.5"),
            "numbers with a decimal comma but holds '1.5'",
        ),
        (
            Reading(Kind.DATE, Order.DAY_FIRST),
            series("1.2.2021", None, "soon"),
            "dates, day first, but holds 'soon'",
        ),
        (
            Reading(Kind.NUMBER),
            pl.Series("x", [1.0, None, float("-inf")]),
            "numbers but holds '-inf'",
        ),
    ],
)
def test_a_value_that_does_not_fit(guessed, cells, what):
    """One sentence with the place and the remedy."""
    with pytest.raises(DataError) as caught:
        values_of(cells, guessed, place)
    assert str(caught.value) == (
        f"column 'x' is taken for {what} at place 2; correct or empty the cell, or type the column "
        "as category"
    )
