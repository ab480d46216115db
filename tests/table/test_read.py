"""CSV files as text, and one sentence for each that is none."""

import gzip
import hashlib

import polars as pl
import pytest

from tunesmith.errors import DataError, FileError
from tunesmith.table.read import file_sha256, read_text

PLAIN = b"name,weight\nfig,1.50\nplum,\n"


def write(folder, data, name="x.csv"):
    path = folder / name
    path.write_bytes(data)
    return path


def rows(path):
    frame = read_text(path)
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
        gzip.compress(PLAIN),
        gzip.compress(PLAIN[:12]) + gzip.compress(PLAIN[12:]),
    ],
    ids=["plain", "BOM", "CRLF", "CR", "mixed", "no end", "blank end", "quotes", "gz", "gz parts"],
)
def test_one_table_in_many_guises(tmp_path, data):
    """Marks, line ends, quotes and packing change nothing; the name does not matter."""
    path = write(tmp_path, data, "x.gz" if data == PLAIN else "x.csv")
    assert rows(path) == (["name", "weight"], [("fig", "1.50"), ("plum", "")])


def test_text_stays_as_written(tmp_path):
    """Codes, blanks, commas, quotes and line feeds inside cells are kept, as strings."""
    path = write(tmp_path, b'zip,note\n00123," a, ""b""\nc"\n1e400,NA\n')
    assert rows(path) == (["zip", "note"], [("00123", ' a, "b"\nc'), ("1e400", "NA")])
    assert set(read_text(path).dtypes) == {pl.String}


def test_a_file_of_one_column_may_have_gaps(tmp_path):
    """With one column an empty line is an empty cell."""
    assert rows(write(tmp_path, b"a\n1\n\n3\n")) == (["a"], [("1",), ("",), ("3",)])


REFUSED = {
    "empty": (b"", "'x.csv' is empty; it needs a line of column names and rows below it"),
    "blank": (b"\n \r\n", "'x.csv' is empty; it needs a line of column names and rows below it"),
    "header": (b"a,b\n", "'x.csv' has a header and no rows; add rows below line 1"),
    "no header": (b"\na,b\n1,2\n", "line 1 of 'x.csv' is empty; it must hold the column names"),
    "long row": (
        b"a,b\n1,2\n1,2,3\n",
        (
            "line 3 of 'x.csv' has 3 fields where the header has 2; correct the line, and quote "
            "cells that hold commas (it starts with '1')"
        ),
    ),
    "short row": (
        b'a,b,c\n1,"x\ny",3\n4,5,\n7,8\n',
        (
            "line 5 of 'x.csv' has 2 fields where the header has 3; correct the line, and quote "
            "cells that hold commas (it starts with '7')"
        ),
    ),
    "blank row": (b"a,b\n1,2\n\n3,4\n", "line 3 of 'x.csv' is empty; remove it"),
    "open quote": (
        b'a,b\n1,2\n3,"4\n5,6\n',
        "line 3 of 'x.csv' cannot be split into fields (unexpected end of data); check its quotes",
    ),
    "odd quote": (
        b'a,b\n5"6,2\n3,2"\n',
        "'x.csv' cannot be split into rows and columns; check its quotes",
    ),
    "utf-16": ("a,b\n1,2\n".encode("utf-16"), "'x.csv' is UTF-16 text; save it as UTF-8 CSV"),
    "nul": (
        "a,b\n1,2\n".encode("utf-16-le"),
        "'x.csv' has a NUL byte in line 1; save it as UTF-8 CSV",
    ),
    "latin-1": (
        "a,b\nx,1\né,2\n".encode("latin-1"),
        "'x.csv' is not UTF-8 in line 3; save it as UTF-8 CSV",
    ),
    "latin-1 header": (
        "é,b\nx,1\n".encode("latin-1"),
        "'x.csv' is not UTF-8 in line 1; save it as UTF-8 CSV",
    ),
    "parquet": (b"PAR1\x15\x04", "'x.csv' is a Parquet file; save it as UTF-8 CSV"),
    "excel": (b"PK\x03\x04\x14", "'x.csv' is a zip or Excel file; save it as UTF-8 CSV"),
    "twice": (
        b"a,b, a\n1,2,3\n",
        "line 1 of 'x.csv' names 'a' more than once; give each column its own name",
    ),
    "nameless": (
        b"a,,b\n1,2,3\n",
        (
            "column 2 of 'x.csv' has no name; name it in line 1, or remove it if it only numbers "
            "the rows"
        ),
    ),
    "semicolons": (
        b"a;b\n1,5;2\n",
        "'x.csv' looks separated by ';'; save it separated by commas",
    ),
    "tabs": (b"a\tb\n1\t2\n", "'x.csv' looks separated by '\\t'; save it separated by commas"),
}


@pytest.mark.parametrize(("data", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_table_is_refused(tmp_path, monkeypatch, data, sentence):
    """One sentence, with the line and the remedy."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, data)
    with pytest.raises(DataError) as caught:
        read_text("x.csv")
    assert str(caught.value) == sentence


def test_a_name_that_is_nearly_right(tmp_path, monkeypatch):
    """A missing file is said, with the nearest name in its folder."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, PLAIN, "adult.csv.gz")
    (tmp_path / "adlt.csv.g").mkdir()
    for read in (read_text, file_sha256):
        with pytest.raises(
            FileError, match=r"^no file 'adlt\.csv\.gz' here; did you mean 'adult\."
        ):
            read("adlt.csv.gz")
    with pytest.raises(FileError, match=r"^no file 'qq' here; check name and folder$"):
        read_text("qq")
    with pytest.raises(FileError, match=r"^no file 'no/x.csv' here; check name and folder$"):
        read_text("no/x.csv")


def test_what_cannot_be_read(tmp_path, monkeypatch):
    """A folder, a file used as a folder, and half a gzip file are errors of the file."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, gzip.compress(PLAIN)[:-9])
    for read in (read_text, file_sha256):
        with pytest.raises(FileError, match=r"^'\.' is a folder; name the CSV file in it$"):
            read(".")
        with pytest.raises(FileError, match=r"^'x.csv/y' cannot be read \(not a directory\); "):
            read("x.csv/y")
    with pytest.raises(FileError, match=r"^'x.csv' is a damaged gzip file .*; copy or pack it "):
        read_text("x.csv")


def test_file_sha256(tmp_path):
    """The sum is that of the bytes on disk, packed as they are."""
    data = gzip.compress(PLAIN * 7)
    assert file_sha256(write(tmp_path, data)) == hashlib.sha256(data).hexdigest()
