"""Delimited text as a table of text, and one sentence for each that is none."""

import polars as pl
import pytest

from tunesmith.errors import DataError
from tunesmith.table.delimited import parse

PLAIN = b"name,weight\nfig,1.50\nplum,\n"


def rows(data):
    frame = parse(data, "'x.csv'").frame
    return frame.columns, frame.rows()


@pytest.mark.parametrize(
    "data",
    [
        PLAIN,
        b"\xef\xbb\xbf" + PLAIN,
        PLAIN.replace(b"\n", b"\r\n"),
        PLAIN.replace(b"\n", b"\r"),
        b"name,weight\r\nfig,1.50\rplum,\n",
        PLAIN.rstrip(b"\n"),
        PLAIN + b"\n\r\n\n",
        b' name ,"weight"\n"fig",1.50\nplum,""\n',
        PLAIN.replace(b",", b";"),
        PLAIN.replace(b",", b"\t"),
        PLAIN.replace(b",", b"|"),
        PLAIN.decode().encode("utf-16"),
        b"'name','weight'\n'fig','1.50'\n'plum',\n",
    ],
    ids=[
        "plain",
        "BOM",
        "CRLF",
        "CR",
        "mixed",
        "no end",
        "blank end",
        "quotes",
        ";",
        "tab",
        "|",
        "UTF-16",
        "'",
    ],
)
def test_one_table_in_many_guises(data):
    """Marks, line ends, quotes, separators and encodings change nothing."""
    assert rows(data) == (["name", "weight"], [("fig", "1.50"), ("plum", "")])


def test_text_stays_as_written():
    """Codes, blanks, commas, quotes and line feeds inside cells are kept, as strings."""
    data = b'zip,note\n00123," a, ""b""\nc"\n1e400,NA\n'
    assert rows(data) == (["zip", "note"], [("00123", ' a, "b"\nc'), ("1e400", "NA")])
    assert set(parse(data, "'x.csv'").frame.dtypes) == {pl.String}


def test_a_file_of_one_column_may_have_gaps():
    """With one column an empty line is an empty cell."""
    assert rows(b"a\n1\n\n3\n") == (["a"], [("1",), ("",), ("3",)])


REFUSED = {
    "no names": (
        b"5.1,3.5,setosa\n4.9,3.0,virginica\n",
        (
            "line 1 of 'x.csv' holds numbers, such as '5.1', where the column names should be; add "
            "a line of names above it"
        ),
    ),
    "short with ;": (
        b"a;b;c\n1,5;2;3\n4;5\n",
        (
            "line 3 of 'x.csv' has 2 fields where the header has 3; correct the line, and quote "
            "cells that hold ';' (it starts with '4')"
        ),
    ),
    "empty": (b"", "'x.csv' is empty; it needs a line of column names and rows below it"),
    "blank": (b"\n \r\n", "'x.csv' is empty; it needs a line of column names and rows below it"),
    "header": (b"a,b\n", "'x.csv' has a header and no rows; add rows below line 1"),
    "no header": (b"\na,b\n1,2\n", "line 1 of 'x.csv' is empty; it must hold the column names"),
    "long row": (
        b"a,b\n1,2\n1,2,3\n",
        (
            "line 3 of 'x.csv' has 3 fields where the header has 2; correct the line, and quote "
            "cells that hold ',' (it starts with '1')"
        ),
    ),
    "short row": (
        b'a,b,c\n1,"x\ny",3\n4,5,\n7,8\n',
        (
            "line 5 of 'x.csv' has 2 fields where the header has 3; correct the line, and quote "
            "cells that hold ',' (it starts with '7')"
        ),
    ),
    "blank row": (b"a,b\n1,2\n\n3,4\n", "line 3 of 'x.csv' is empty; remove it"),
    "open quote": (
        b'a,b\n1,2\n3,"4\n5,6\n',
        "line 3 of 'x.csv' cannot be split into fields (unexpected end of data); check its quotes",
    ),
    "quote in a quoted cell": (
        b'a,b\n1,x\n2,"5" pipe"\n3,y\n',
        (
            "line 3 of 'x.csv' cannot be split into fields (a quote inside a cell, in "
            '\'2,"5" pipe"\'); write it twice (""), and such a cell in quotes'
        ),
    ),
    "two ways": (
        b'a,b\n1, "x\n3,y"\n5,6\n',
        (
            "'x.csv' can be read with quotes inside cells and with blanks before quotes, which "
            'differ, from line 2 on; write "" for a quote in a cell, and such a cell in quotes'
        ),
    ),
    "rows within quotes": (
        b'a,b\n1,x\n2,"5\n3,6"\n4,y\n',
        (
            "a quoted cell goes on from line 3 of 'x.csv' to the next, but each of these lines is "
            'also a row if its quotes are taken as they stand; write "" for a quote in a cell, or '
            "take the line feed out of the cell"
        ),
    ),
    "backslash or escape": (
        b'a,b,c\n7,"\\",x\n8,",w\nk,",y\n9,5,",\\"\n1,"p\nq",2\n',
        (
            "line 2 of 'x.csv' has a backslash before a quote, which can be read in two ways; "
            'write "" for a quote in a cell'
        ),
    ),
    "twice": (
        b"a,b, a\n1,2,3\n",
        "line 1 of 'x.csv' names 'a' more than once; give each column its own name",
    ),
    "nameless": (
        b",, \n1,2,3\n",
        "line 1 of 'x.csv' holds no names; it must hold the column names",
    ),
    "nameless and named": (
        b"a,,column 2\n1,2,3\n",
        ("column 2 of 'x.csv' has no name, and another column is called so; name it in line 1"),
    ),
}


@pytest.mark.parametrize(("data", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_table_is_refused(data, sentence):
    """One sentence, with the line and the remedy."""
    with pytest.raises(DataError) as caught:
        parse(data, "'x.csv'")
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (PLAIN, ""),
        (PLAIN.replace(b",", b"\t"), "separated by tabs"),
        ("größe;b\n1;2\n".encode("latin-1"), "Windows-1252, separated by semicolons"),
        ("a|b\n1|2\n".encode("utf-16-le"), "UTF-16, separated by bars"),
        (b"'a','b'\n1,2\n", "quoted by '"),
    ],
)
def test_what_is_not_plain_is_said(data, form):
    """Encoding, separator and quotes are said where they are not the usual ones."""
    assert parse(data, "'x.csv'").form == form


def test_names_may_be_whole_numbers():
    """A table written from an array has columns 0, 1, 2."""
    assert rows(b"0,1,2\n5.5,3,1\n")[0] == ["0", "1", "2"]


def test_a_cell_may_be_long():
    """Longer than Python's csv module allows unless told otherwise, with rows to be counted."""
    long = "x" * 200_000
    assert rows(f"a,b\n{long},\n1,2\n".encode())[1] == [(long, ""), ("1", "2")]


def test_columns_without_a_name_are_numbered():
    """As pandas and R write the names of rows, and spreadsheets a separator at the end."""
    assert rows(b',a,"",b,\n7,1,2,3,\n') == (
        ["column 1", "a", "column 3", "b", "column 5"],
        [("7", "1", "2", "3", "")],
    )


@pytest.mark.parametrize(
    ("names", "number"),
    [
        ("5.1,3.5,setosa", "5.1"),
        ("39,State-gov,77516,13", "39"),
        ("2.5,fig", "2.5"),
        ("-7,fig", "-7"),
        ("7,fig", None),
        ("1999,2000,2001", None),
        ("id,0.1,0.5,0.9", None),
    ],
)
def test_cells_in_place_of_names(names, number):
    """Numbers that do not rise are no names; years, counts and quantiles may be."""
    data = f"{names}\n{names}\n".encode()
    if number is None:
        assert rows(data)[0] == names.split(",")
    else:
        with pytest.raises(
            DataError, match=f"^line 1 of 'x.csv' holds numbers, such as '{number}'"
        ):
            rows(data)


READ = {
    "bare": (b'a,b\n5"6,2\n3,2"\n', [('5"6', "2"), ("3", '2"')], "quotes inside cells"),
    "blanks": (
        b'a, "b"\n1, "x, ""y"""\n 3, z\n',
        [("1", 'x, "y"'), ("3", "z")],
        "blanks before quotes",
    ),
    "backslashes": (
        b'a,b\n"7 \\" \\n \\\\","c\nd"\n8,e\n',
        [('7 " \\n \\', "c\nd"), ("8", "e")],
        "quotes escaped by backslashes",
    ),
    "apostrophes": (b"'a','b'\n'5','don''t'\n6,o'k\n", [("5", "don't"), ("6", "o'k")], "quoted by"),
    "a path": (b'a,b\n"C:\\","x\ny"\n2,3\n', [("C:\\", "x\ny"), ("2", "3")], ""),
}


@pytest.mark.parametrize(("data", "cells", "form"), READ.values(), ids=READ)
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
def test_quotes_that_can_be_read_in_one_way(data, cells, form, end):
    """Every row is kept, and what is not plain is said; the line ends make no difference."""
    raw = parse(data.replace(b"\n", end), "'x.csv'")
    assert (raw.frame.columns, raw.frame.rows()) == (["a", "b"], cells)
    assert form in raw.form
    assert bool(form) == bool(raw.form)


@pytest.mark.parametrize("habit", ['"{} \\" pipe"', '{}" pipe', ' "{}, pipe"', '"{}"" pipe"'])
@pytest.mark.parametrize("rows", [{7, 8}, {7, 12}, set(range(30)), {29}, {0}])
def test_no_row_is_lost_in_quotes(habit, rows):
    """However many cells are quoted in an unusual way, and wherever, all rows are read."""
    lines = [f"{n},{habit.format(n) if n in rows else 'x'},{n}" for n in range(30)]
    frame = parse(("n,t,y\n" + "\n".join(lines)).encode(), "'x.csv'").frame
    assert frame["n"].to_list() == frame["y"].to_list() == [str(n) for n in range(30)]
    assert (frame["t"] != "x").arg_true().to_list() == sorted(rows)


def test_polars_is_checked_against_the_text(monkeypatch):
    """Should polars lose a row, the table is read by Python's csv module."""
    read = pl.read_csv
    monkeypatch.setattr(pl, "read_csv", lambda *args, **options: read(*args, **options).head(1))
    assert rows(PLAIN) == (["name", "weight"], [("fig", "1.50"), ("plum", "")])
