"""What the text of a cell says."""

import re
import sys

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.table.cells import (
    MISSING,
    NUMBER_PATTERNS,
    WHITESPACE,
    Decimal,
    are_codes,
    are_inexact,
    are_infinite,
    are_numbers,
    are_truth_values,
    as_numbers,
    best_decimal,
    decimal_of,
    unit_of,
    without_marks,
    without_unit,
)

NUMBERS = {
    "7": (7, 7),
    "-0": (0, 0),
    "+3e2": (300, 300),
    "1.5": (1.5, None),
    ".25": (0.25, None),
    "7.": (7, None),
    "1,5": (None, 1.5),
    ",25": (None, 0.25),
    "1,234": (1234, 1.234),
    "1.234": (1.234, 1234),
    "12.345.678,5": (None, 12345678.5),
    "-12,345,678.5e1": (-123456785, None),
    "0,234": (None, 0.234),
    "1,23,456": (None, None),
    "1234,567": (None, 1234.567),
    "1 234": (1234, 1234),
    "1\u00a0234\u00a0567.5": (1234567.5, None),
    "-1\u202f234,5": (None, -1234.5),
    "1'234'567.25": (1234567.25, None),
    "1\u2019234": (1234, 1234),
    "(2500.00)": (-2500, None),
    "(1.234,5)": (None, -1234.5),
    "\u22123.5": (-3.5, None),
    "1 234'567": (None, None),
    "1 23": (None, None),
    "12 3456": (None, None),
    "(-5)": (None, None),
    "(5": (None, None),
    "$5": (None, None),
    "12%": (None, None),
    "0x10": (None, None),
    "1_000": (None, None),
    "٣": (None, None),
    "nan": (None, None),
    "inf": (None, None),
    "1e400": (None, None),
}
"""A text, and its number with a decimal point and with a decimal comma."""


@pytest.mark.parametrize(("text", "values"), NUMBERS.items(), ids=NUMBERS)
def test_a_number_with_each_sign(text, values):
    """The other sign groups three digits or forbids the number; what is infinite is none."""
    for decimal, value in zip(Decimal, values, strict=True):
        cells = pl.Series("x", [text, None])
        assert as_numbers(cells, decimal).to_list() == [value, None]
        wild = text == "1e400"  # a number as it is written, but none as float64
        assert are_numbers(cells, decimal).to_list() == [value is not None or wild, None]


@given(st.integers(-(10**15), 10**15), st.sampled_from(list(Decimal)))
def test_digits_may_be_grouped(number, decimal):
    """A whole number written in groups of three is the same number."""
    text = f"{number:,}".replace(",", decimal.grouping)
    assert as_numbers(pl.Series([text]), decimal).to_list() == [number]


def test_marks_and_blanks():
    """Each mark stands for a missing value, with blanks around it or not."""
    cells = pl.Series([*MISSING, " NA\t", " a b ", "0", None])
    assert without_marks(cells).to_list() == [None] * (len(MISSING) + 1) + ["a b", "0", None]
    assert without_marks(pl.Series([" ", "NA", "x"]), ("", "x")).to_list() == [None, "NA", None]


def test_codes_infinities_and_long_numbers():
    """00123 is a code and 0.5 none; 2**53 - 1 is the last whole number that is exact."""
    cells = pl.Series(["00123", "-07", "0", "0.5", "10"])
    assert are_codes(cells).to_list() == [True, True, False, False, False]
    cells = pl.Series(["inf", "-INF", "Infinity", "information"])
    assert are_infinite(cells).to_list() == [True, True, True, False]
    cells = pl.Series([str(2**53 - 1), str(2**53), "-" + "7" * 30, "1" * 15, "5"])
    assert are_inexact(cells).to_list() == [False, True, True, False, False]


@pytest.mark.parametrize(
    ("columns", "decimal"),
    [
        ((["1.5", "2"], ["a", "b"]), Decimal.POINT),
        ((["1,5", "2"], ["3", "4"]), Decimal.COMMA),
        ((["1,234", "2"], ["1.234", "2"]), None),
        ((["1,234", "2"], ["1.5", "2"]), Decimal.POINT),
        ((["1.234", "2"], ["1,5", None]), Decimal.COMMA),
        ((["1,5", "2"], ["1.5", "2"]), None),
        ((["1,5", "a"], ["3", "4"]), None),
        ((["3", "4"],), None),
    ],
)
def test_the_sign_that_a_file_shows(columns, decimal):
    """It is shown by a column that is one of numbers with this sign alone."""
    assert decimal_of(pl.Series(cells) for cells in columns) is decimal


@pytest.mark.parametrize(
    ("cells", "told", "decimal"),
    [
        (["1", "2"], None, Decimal.POINT),
        (["1", "2"], Decimal.COMMA, Decimal.COMMA),
        (["1,234"], None, Decimal.POINT),
        (["1,234"], Decimal.COMMA, Decimal.COMMA),
        (["1,5", "2,25", "a"], Decimal.POINT, Decimal.COMMA),
    ],
)
def test_the_sign_that_fits_best(cells, told, decimal):
    """More numbers are better; what was told breaks a tie."""
    assert best_decimal(pl.Series(cells), told) is decimal


def test_blanks_are_what_polars_strips():
    """Of all characters: exported modules strip the same ones."""
    characters = [chr(k) for k in range(sys.maxunicode + 1) if not 0xD800 <= k < 0xE000]
    stripped = pl.Series(characters).str.strip_chars()
    assert "".join(pl.Series(characters).filter(stripped == "").sort()) == "".join(
        sorted(WHITESPACE)
    )


@given(
    st.lists(st.text(alphabet="01239+-.,eE \n", max_size=12), min_size=1), st.sampled_from(Decimal)
)
def test_python_matches_numbers_as_polars_does(texts, decimal):
    """The same pattern, in the language of exported modules: the same cells are numbers."""
    pattern = re.compile(NUMBER_PATTERNS[decimal])
    found = [pattern.fullmatch(text) is not None for text in texts]
    assert found == are_numbers(pl.Series(texts), decimal).to_list()


@pytest.mark.parametrize(
    ("text", "unit", "bare"),
    [
        ("$1,471.62", "$", "1,471.62"),
        ("-$5", "$", "-5"),
        ("$-5", "$", "-5"),
        ("($5.00)", "$", "-5.00"),
        ("$(5.00)", "$", "-5.00"),
        ("\u22125 \u20ac", "\u20ac", "-5"),
        ("5\u00a0\u20ac", "\u20ac", "5"),
        ("(5 \u20ac)", "\u20ac", "-5"),
        ("CHF 1'250.50", "CHF", "1'250.50"),
        ("12.5%", "%", "12.5"),
        ("12.5", "%", None),
        ("$5$", "$", None),
        ("7", "", "7"),
    ],
)
def test_a_number_without_its_unit(text, unit, bare):
    """The unit may stand on either side of the number and of its sign, once."""
    assert without_unit(pl.Series([text, None]), unit).to_list() == [bare, None]


@pytest.mark.parametrize(
    ("cells", "unit"),
    [
        (["$5", "$6.50", None, "7"], "$"),
        (["5 %", "6%", "x"], "%"),
        (["\u00a35", "\u00a36", "$7"], "\u00a3"),
        (["EUR 5"], "EUR"),
        (["5", "6", "$7"], ""),
        (["5", None], ""),
        ([None], ""),
    ],
)
def test_the_unit_of_a_column(cells, unit):
    """It is the one that most cells have."""
    assert unit_of(pl.Series(cells, dtype=pl.String)) == unit


def test_a_unit_settles_neither_sign_nor_number():
    """Prices show the decimal sign of a file, and are numbers only where all have the unit."""
    prices = pl.Series(["$1,471.62", "$3.50", "3.50"])
    assert as_numbers(prices, Decimal.POINT, "$").to_list() == [1471.62, 3.5, None]
    assert are_numbers(prices, Decimal.POINT, "$").to_list() == [True, True, False]
    assert decimal_of([prices.head(2)]) is Decimal.POINT
    assert decimal_of([pl.Series(["1,25 \u20ac"])]) is Decimal.COMMA


def test_truth_values():
    """Three ways to write each; other words, and numbers, are none."""
    assert are_truth_values(pl.Series(["True", "TRUE", "false", None]))
    assert not are_truth_values(pl.Series(["true", "yes"]))
    assert not are_truth_values(pl.Series(["1", "0"]))
    assert not are_truth_values(pl.Series([None], dtype=pl.String))
