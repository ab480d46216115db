"""Files as they come: each gives the right table, and says so, or one sentence with the remedy.

Every file is made here, byte by byte.
"""

from datetime import datetime

import polars as pl
import pytest

from tunesmith.errors import DataError
from tunesmith.fit.data import look, source_of
from tunesmith.table.describe import describe

N = 61
"""Rows of most files."""

GOALS = [("no", "yes", "no")[row % 3] for row in range(N)]


def cells(*values):
    """Return N cells that repeat `values`, which no other column does in step."""
    return [values[row % len(values)] for row in range(N)]


def text(separator=",", end="\n", y=GOALS, **columns):
    """Return a table as a text file has it; the target is column y."""
    columns = columns | {"y": y}
    rows = [list(columns), *zip(*columns.values(), strict=True)]
    return "".join(separator.join(map(str, row)) + end for row in rows)


def changed(text, line, new):
    """Return `text` with another line in place of line `line`, counted from 1."""
    lines = text.splitlines(keepends=True)
    return "".join([*lines[: line - 1], new, *lines[line:]])


def read(folder, data, monkeypatch, target="y", **asked):
    """Return table and target of a file of these bytes, as fit and check read it."""
    monkeypatch.chdir(folder)
    (folder / "x.csv").write_bytes(data if isinstance(data, bytes) else data.encode())
    return look(source_of(folder.__class__("x.csv"), target, **asked))


SIZES = cells("1", "2.5", "40", "7")
WORDS = cells("fig", "plum", "größe", "kiwi", "nut")
PLAIN = text(size=SIZES, fruit=WORDS)
LONG = 3001
BIG = cells("123456789012345678901234567890", "5")
MANY = {f"c{k}": cells(*range(k % 7 + 2)) for k in range(2_000)}

RIGHT = {
    "plain": (PLAIN, ()),
    "UTF-8 BOM": (b"\xef\xbb\xbf" + PLAIN.encode(), ()),
    "Latin-1": (PLAIN.encode("latin-1"), ("read as Windows-1252",)),
    "UTF-16": (PLAIN.encode("utf-16"), ("read as UTF-16",)),
    "UTF-16 without a mark": (PLAIN.encode("utf-16-be"), ("read as UTF-16",)),
    "tabs": (text("\t", size=SIZES, fruit=WORDS), ("read as separated by tabs",)),
    "bars": (text("|", size=SIZES, fruit=WORDS), ("read as separated by bars",)),
    "semicolons and decimal comma": (
        text(";", size=[cell.replace(".", ",") for cell in SIZES], fruit=WORDS),
        ("read as separated by semicolons", "size is a number: decimal comma, such as '2,5'"),
    ),
    "CRLF": (PLAIN.replace("\n", "\r\n"), ()),
    "mixed line ends": (PLAIN.replace("\n", "\r\n", 9).replace("nut,no\n", "nut,no\r", 3), ()),
    "empty lines at the end": (PLAIN + "\n\r\n\n", ()),
    "single quotes": (
        changed(PLAIN, 1, "'size','fruit','y'\n"),
        ("read as quoted by '",),
    ),
}
"""One table, written in many ways; what is said about it first."""


@pytest.mark.parametrize(("data", "said"), RIGHT.values(), ids=RIGHT)
def test_one_table_in_many_files(tmp_path, monkeypatch, data, said):
    """Encodings, separators, decimal signs and line ends: the same table, and it is said."""
    table, target = read(tmp_path, data, monkeypatch)
    assert table.frame.to_dict(as_series=False) == {
        "size": cells(1.0, 2.5, 40.0, 7.0),
        "fruit": WORDS,
        "y": GOALS,
    }
    assert describe(table, target)[: 1 + len(said)] == ("1 number, 1 category", *said)


WRONG = {
    "Cyrillic": (
        text(town=cells("Омск", "Тула", "Уфа")).encode("cp1251"),
        "'x.csv' is neither UTF-8 nor Latin-1 in line 2; save it as UTF-8 CSV",
    ),
    "Japanese": (
        changed(PLAIN, 3, "2.5,東京都,no\n").encode("shift-jis", "replace"),
        "'x.csv' is neither UTF-8 nor Latin-1 in line 3; save it as UTF-8 CSV",
    ),
    "UTF-8 but for one line": (
        changed(PLAIN, 7, "2.5,\udcfc,no\n").encode(errors="surrogateescape"),
        (
            "'x.csv' is UTF-8 but for line 7, which another program may have written; correct the "
            "line, or save the file as UTF-8 CSV"
        ),
    ),
    "half a UTF-16 file": (
        PLAIN.encode("utf-16")[:-1],
        "'x.csv' begins as UTF-16 but is not, from byte {at} on; save it as UTF-8 CSV",
    ),
    "NUL bytes": (
        changed(PLAIN, 5, "2.5,a\0b,no\n"),
        "'x.csv' has a NUL byte in line 5; save it as UTF-8 CSV",
    ),
    "empty": ("", "'x.csv' is empty; it needs a line of column names and rows below it"),
    "header alone": ("size,y\n", "'x.csv' has a header and no rows; add rows below line 1"),
    "duplicate column": (
        text(size=SIZES, fruit=WORDS).replace("fruit", "size", 1),
        "line 1 of 'x.csv' names 'size' more than once; give each column its own name",
    ),
    "column without a name": (
        text(size=SIZES, fruit=WORDS).replace("size", "", 1).replace("fruit", "column 1", 1),
        "column 1 of 'x.csv' has no name, and another column is called so; name it in line 1",
    ),
    "no line of names": (
        PLAIN.split("\n", 2)[2],
        (
            "line 1 of 'x.csv' holds numbers, such as '2.5', where the column names should be; add "
            "a line of names above it"
        ),
    ),
    "row too long": (
        changed(PLAIN, 12, "7,fig,nut,no\n"),
        (
            "line 12 of 'x.csv' has 4 fields where the header has 3; correct the line, and quote "
            "cells that hold ',' (it starts with '7')"
        ),
    ),
    "row too short": (
        changed(PLAIN, 12, "7,fig\n"),
        (
            "line 12 of 'x.csv' has 2 fields where the header has 3; correct the line, and quote "
            "cells that hold ',' (it starts with '7')"
        ),
    ),
    "empty line between rows": (
        changed(PLAIN, 12, "\n"),
        "line 12 of 'x.csv' is empty; remove it",
    ),
    "quote never closed": (
        changed(PLAIN, 12, '7,"fig,no\n'),
        "line 12 of 'x.csv' cannot be split into fields (unexpected end of data); check its quotes",
    ),
    "two separators": (
        "a,b;c,y\n" + "1,2;3,no\n" * N,
        (
            "'x.csv' can be split at ',' and at ';'; save it separated by one of them, with quotes "
            "round cells that hold the other"
        ),
    ),
    "blanks": (
        text("   ", size=SIZES, fruit=WORDS),
        "'x.csv' looks separated by blanks; save it separated by commas",
    ),
    "a line for Excel": (
        "sep=;\n" + text(";", size=SIZES),
        "line 1 of 'x.csv' only names the separator; remove this line",
    ),
    "infinite": (
        changed(PLAIN, 12, "inf,fig,no\n"),
        (
            "column 'size' is taken for numbers but holds 'inf' at line 12; correct or empty the "
            "cell, or type the column as category"
        ),
    ),
    "beyond all floats": (
        changed(PLAIN, 12, "1e400,fig,no\n"),
        (
            "column 'size' is taken for numbers but holds '1e400' at line 12; correct or empty the "
            "cell, or type the column as category"
        ),
    ),
    "a comma of two meanings": (
        text(";", size=cells("1,234", "2,500", "987", "7,125")),
        (
            "column 'size' holds '1,234' at line 2, which may be 1.234 or 1234; say which with "
            "--types size=decimal-comma, or =number where the comma groups digits"
        ),
    ),
    "days or months": (
        text(when=cells("03/04/2021", "12/11/2021", "01/02/2022", "05/05/2022")),
        (
            "column 'when' holds dates such as '03/04/2021' at line 2, which may start with the "
            "day or with the month; say which with --types when=day-first or =month-first"
        ),
    ),
    "no such target": (
        text(size=SIZES).replace("y", "prices", 1),
        "no column 'y'; there are 'size', 'prices'",
    ),
    "one class": (
        text(size=SIZES, y=["yes"] * N),
        (
            "target 'y' has one class, 'yes', in all 61 rows; choose a target that has two classes "
            "or more"
        ),
    ),
    "target always missing": (
        text(size=SIZES, y=["NA"] * N),
        (
            "target 'y' is missing in every row; 61 rows are not used: y is 'NA' there, which "
            'stands for missing; if it is a class, add --missing ""'
        ),
    ),
    "target of dates": (
        text(size=SIZES, y=cells("2021-05-01", "2021-05-02")),
        "target 'y' holds dates; choose a number or a category, or type it as category",
    ),
    "5 rows": (
        "".join(PLAIN.splitlines(keepends=True)[:6]),
        (
            "5 rows are too few: tuning needs at least 30, to train, validate and test on "
            "different ones"
        ),
    ),
}


@pytest.mark.parametrize(("data", "sentence"), WRONG.values(), ids=WRONG)
def test_a_file_that_is_refused(tmp_path, monkeypatch, data, sentence):
    """One sentence, with the line or the column, and the remedy."""
    with pytest.raises(DataError) as caught:
        read(tmp_path, data, monkeypatch)
    assert str(caught.value) == sentence.format(at=f"{len(data) - 1:,}")


COLUMNS = {
    "missing marks": (
        cells("3", "NA", "null", "?", "-", "N/A", "None", "nan", " ", "5"),
        cells(3.0, *[None] * 8, 5.0),
        "",
    ),
    "whole numbers of many digits": (
        cells("9007199254740993", "5"),
        cells("9007199254740993", "5"),
        "x is a category: whole numbers too long to be exact, such as '9007199254740993'",
    ),
    "a whole number of 30 digits": (
        BIG,
        BIG,
        "x is a category: whole numbers too long to be exact, such as '12345678901234567890123…'",
    ),
    "codes": (cells("00123", "45"), None, "x is a category: leading zeros, such as '00123'"),
    "truth values": (cells("True", "False", "yes"), None, ""),
    "grouped digits": (
        cells('"1,234.5"', '"12,000"', "7"),
        cells(1234.5, 12000.0, 7.0),
        "x is a number: ',' groups digits, such as '1,234.5'",
    ),
    "mixed dates": (
        [*cells("2021-05-01", "2021-05-17")[:-1], "5/17/2021"],
        None,
        (
            "x is a category: 1 of 61 values are not dates with the year first, such as '5/17/2021'"
            " at line 62"
        ),
    ),
    "date and time": (
        cells("2021-05-01 06:30", "2021-12-31T23:59:59Z"),
        cells(datetime(2021, 5, 1, 6, 30), datetime(2021, 12, 31, 23, 59, 59)),
        "x is a date: year first, such as '2021-05-01 06:30'",
    ),
    "times with a zone": (
        cells("2021-05-01T06:30:00+02:00", "2021-12-31T23:00:00-05:30"),
        cells(datetime(2021, 5, 1, 4, 30), datetime(2022, 1, 1, 4, 30)),
        "x is a date: year first, such as '2021-05-01T06:30:00+02:…'",
    ),
    "days first": (
        cells("31.12.2020", "1.2.2021"),
        cells(datetime(2020, 12, 31), datetime(2021, 2, 1)),
        "x is a date: day first, such as '31.12.2020'",
    ),
    "months first": (
        cells("12/31/2020 1:05 PM", "2/1/2021 12:10 am"),
        cells(datetime(2020, 12, 31, 13, 5), datetime(2021, 2, 1, 0, 10)),
        "x is a date: month first, such as '12/31/2020 1:05 PM'",
    ),
    "times of day": (
        cells("05:17", "23:59"),
        cells(datetime(1970, 1, 1, 5, 17), datetime(1970, 1, 1, 23, 59)),
        "x is a date: time of day, such as '05:17'",
    ),
    "constant": (["7"] * N, [7.0] * N, "left out x: the same value in every row"),
    "all missing": (["NA"] * N, [None] * N, "left out x: missing in every row"),
    "names of rows": ([f"n{k}" for k in range(N)], None, "left out x: every value different"),
    "row numbers": (list(range(5, N + 5)), None, "left out x: it counts the rows"),
    "names of rows and a fault": (
        [f"{k}.25" for k in range(N - 1)] + ["?!"],
        None,
        (
            "left out x: every value different; 1 of 61 values are not numbers, such as '?!' at "
            "line 62"
        ),
    ),
}


@pytest.mark.parametrize(("given", "values", "said"), COLUMNS.values(), ids=COLUMNS)
def test_a_column_that_is_odd(tmp_path, monkeypatch, given, values, said):
    """Its values are the right ones, and what it was taken for is said where it may surprise."""
    data = text(x=given, size=SIZES, gone=["NA"] * N)  # so that each left out gets its line
    table, target = read(tmp_path, data, monkeypatch, drop=("gone",))
    found = table.frame["x"].to_list()
    if values is not None:
        assert found == values
    else:
        assert [str(value).removesuffix(".0") for value in found] == list(map(str, given))
    lines = " ".join(line.strip() for line in describe(table, target))
    assert said in lines
    assert ("x is a" in lines or "left out x" in lines) == bool(said)


def test_text_in_a_long_column_of_numbers(tmp_path, monkeypatch):
    """One word in row 3001 makes a category, and its line is said."""
    given = [str(row % 97) for row in range(LONG)] + ["abc"]
    y = [("no", "yes")[row % 5 == 0] for row in range(LONG + 1)]
    table, target = read(tmp_path, text(x=given, y=y), monkeypatch)
    assert describe(table, target)[1:3] == (
        "x is a category: 1 of 3,002 values are not numbers, such as 'abc' at line 3003",
        "target y: 2 classes, 'no' 80 %",
    )


def test_a_column_may_be_called_something_else(tmp_path, monkeypatch):
    """What two readings leave open is settled by --types, each way."""
    data = text(";", size=cells("1,234", "2,5"), when=cells("03/04/2021", "12/11/2021"), y=GOALS)
    data = data.replace("2,5;", "2,500;")
    for size, when, number, moment in (
        ("decimal-comma", "day-first", 1.234, datetime(2021, 4, 3)),
        ("number", "month-first", 1234, datetime(2021, 3, 4)),
    ):
        table, _ = read(tmp_path, data, monkeypatch, types={"size": size, "when": when})
        assert table.frame.row(0)[:2] == (number, moment)
    table, _ = read(tmp_path, data, monkeypatch, types={"size": "text", "when": "category"})
    assert table.frame.row(0)[:2] == ("1,234", "03/04/2021")


def test_a_decimal_comma_in_one_column_settles_the_others(tmp_path, monkeypatch):
    """1,234 is 1.234 beside 0,5, and 1.234 is 1234."""
    data = text(";", a=cells("0,5", "1,25"), b=cells("1,234", "2,500"), c=cells("1.234", "12.500"))
    table, _ = read(tmp_path, data, monkeypatch)
    assert table.frame.row(0)[:3] == (0.5, 1.234, 1234)


@pytest.mark.parametrize(
    ("y", "task", "lines"),
    [
        (
            [*["no", "yes"] * 30, "may"],
            "classification",
            ("target y: 3 classes, 'no' 49 %", "classification, because y holds text"),
        ),
        (
            ["NA", *["no", "yes"] * 30],
            "classification",
            (
                "target y: 2 classes, 'no' 50 %",
                "classification, because y holds text",
                "1 row is not used: y is 'NA' there, which stands for missing; if it is a class,",
                '  add --missing ""',
            ),
        ),
        (
            ["-3", "10", "9", "-3"] * 15,
            "classification",
            (
                "target y: 3 classes, '-3' 50 %",
                "classification, because y holds whole numbers, 3 different ones",
            ),
        ),
        (
            [f'"{row / 7:.3f}"' for row in range(N)],
            "regression",
            ("target y: number, median 4.286", "regression, because y holds 61 different numbers"),
        ),
    ],
    ids=["class of one row", "missing in some rows", "whole numbers", "numbers as text"],
)
def test_targets(tmp_path, monkeypatch, y, task, lines):
    """A rare class, gaps and quoted numbers in the target are read, and said."""
    table, target = read(tmp_path, text(size=SIZES[: len(y)], y=y), monkeypatch)
    assert target.task == task
    assert describe(table, target)[-len(lines) :] == lines


def test_two_thousand_columns(tmp_path, monkeypatch):
    """A wide table is read whole and said in a few lines."""
    table, target = read(tmp_path, text(**MANY), monkeypatch)
    assert len(table.features("y")) == 2_000
    assert len(describe(table, target)) < 12


def test_ten_thousand_categories(tmp_path, monkeypatch):
    """A category of 10,000 values is one, if they come back."""
    given = [f"v{row % 10_000}" for row in range(20_001)]
    y = [("no", "yes")[row % 2] for row in range(20_001)]
    table, _ = read(tmp_path, text(x=given, y=y), monkeypatch)
    assert (table.column("x").kind.value, table.column("x").distinct) == ("category", 10_000)
    assert table.frame["x"].equals(pl.Series("x", given))
