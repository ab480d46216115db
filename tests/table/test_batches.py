"""Files in batches: the same table, however it is cut."""

import gzip

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.errors import DataError, FileError
from tunesmith.table import batches
from tunesmith.table.batches import read_batches
from tunesmith.table.columns import type_columns
from tunesmith.table.encode import fit_encoder
from tunesmith.table.guess import Kind
from tunesmith.table.read import read_table

ROWS = "".join(
    f'{k},"größe, ""{k}""\n{"x" * (k % 13)}",{k / 7:.3f}\n' if k % 3 else f"{k},plain,\n"
    for k in range(400)
)
TEXT = ("number,note,share\n" + ROWS).encode()


@pytest.fixture
def small(monkeypatch):
    """Make batches of 700 bytes or 90 rows."""
    monkeypatch.setattr(batches, "BATCH_BYTES", 700)
    monkeypatch.setattr(batches, "BATCH_ROWS", 90)


def write(folder, data, name="x.csv"):
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "data",
    [
        TEXT,
        b"\xef\xbb\xbf" + TEXT,
        TEXT.replace(b",", b";"),
        TEXT.decode().encode("latin-1"),
        TEXT.replace(b"\n", b"\r\n"),
        TEXT.rstrip(b"\n"),
        TEXT + b"\n\n" * 400,
        gzip.compress(TEXT),
        gzip.compress(TEXT[:999]) + gzip.compress(TEXT[999:]),
    ],
    ids=["plain", "BOM", ";", "Latin-1", "CRLF", "no end", "blank end", "gz", "gz parts"],
)
def test_batches_of_text_are_the_table(tmp_path, small, data):
    """Cut after whole rows, quoted line feeds kept; the places of rows are those in the file."""
    path = write(tmp_path, data)
    whole, parts = read_table(path), list(read_batches(path))
    assert len(parts) > 10
    assert pl.concat(part.frame for part in parts).equals(whole.frame)
    first = 0
    for part in parts:
        assert part.form == whole.form
        assert part.place(part.frame.height - 1) == whole.place(first + part.frame.height - 1)
        first += part.frame.height


@pytest.mark.parametrize("at", [700, 1399, 1400, 1401, len(TEXT) - 1, len(TEXT), len(TEXT) + 1])
def test_a_batch_may_end_anywhere(tmp_path, monkeypatch, at):
    """A file of one batch, of nearly two, and with nothing after the last one."""
    monkeypatch.setattr(batches, "BATCH_BYTES", at)
    path = write(tmp_path, TEXT)
    parts = [part.frame for part in read_batches(path)]
    assert pl.concat(parts).equals(read_table(path).frame)


@given(size=st.integers(40, 300), gaps=st.lists(st.booleans(), min_size=90, max_size=90))
def test_gaps_in_a_file_of_one_column_are_kept(tmp_path_factory, size, gaps):
    """With one column an empty line is an empty cell, at the end of a batch too."""
    text = "a\n" + "".join(f"{'' if gap else k}\n" for k, gap in enumerate(gaps)) + "7\n"
    path = write(tmp_path_factory.mktemp("gaps"), text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "BATCH_BYTES", size)
        parts = [part.frame for part in read_batches(path)]
    assert pl.concat(parts).equals(read_table(path).frame)


@pytest.mark.parametrize(
    "data",
    [TEXT.decode().encode("utf-16"), b"a,b\r" + b"1,2\r" * 400],
    ids=["UTF-16", "CR"],
)
def test_what_cannot_be_cut_is_read_whole(tmp_path, small, data):
    """The table is the same, in one batch."""
    path = write(tmp_path, data)
    (part,) = read_batches(path)
    assert part.frame.equals(read_table(path).frame)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gz"])
def test_parquet(tmp_path, small, pack):
    """Rows of a Parquet file come in batches, those of a packed one at once."""
    frame = pl.DataFrame({"x": range(400), "y": ["a", None] * 200})
    frame.write_parquet(tmp_path / "y")
    path = write(tmp_path, pack((tmp_path / "y").read_bytes()))
    parts = list(read_batches(path))
    assert [part.frame.height for part in parts] == (
        [90, 90, 90, 90, 40] if pack is bytes else [400]
    )
    assert pl.concat(part.frame for part in parts).equals(frame)
    assert parts[-1].place(3) == ("row 364" if pack is bytes else "row 4")


def test_the_type_of_a_column_is_that_of_the_model(tmp_path, small):
    """Long whole numbers and gaps in some batches alone change nothing."""
    numbers = [2**60 + n if n < 9 or 200 < n < 230 else None if n % 7 == 0 else n % 5
               for n in range(400)]  # fmt: skip
    frame = pl.DataFrame(
        {"code": numbers, "size": [n % 9 / (4 if n > 200 else 1) for n in range(400)]}
    )
    frame.write_parquet(tmp_path / "x")
    for types in ({}, {"code": Kind.NUMBER}, {"size": Kind.CATEGORY}):
        table = type_columns(read_table(tmp_path / "x"), types=types)
        encoder = fit_encoder(table, ["code", "size"], np.arange(400))
        parts = [encoder.transform(encoder.typed(part)) for part in read_batches(tmp_path / "x")]
        assert len(parts) > 3
        assert np.array_equal(np.concatenate(parts), encoder.transform(table))


@pytest.mark.parametrize("pack", [str.encode, lambda text: text.encode("utf-8-sig")])
@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize(
    "cell", ["5{q} pipe", " {q}a,b{q}", "{q}a \\{q} b{q}", "{q}a{q}{q}b\nc{q}"]
)
def test_unusual_quotes_in_batches(tmp_path, small, pack, quote, cell):
    """Rows are those of the whole file, whatever the quotes in its first batch are."""
    cells = [cell if n % 9 == 0 else "{q}x{q}" for n in range(400)]
    lines = [f"{n},{cell.format(q=quote)}" for n, cell in enumerate(cells)]
    path = write(tmp_path, pack("\n".join([f"{quote}n{quote},{quote}t{quote}", *lines])))
    parts = pl.concat(part.frame for part in read_batches(path))
    assert parts["n"].to_list() == [str(n) for n in range(400)]
    assert parts.equals(read_table(path).frame)


def with_a_cell(cell):
    """Return a text of many batches with a cell in row 333, in line 335."""
    lines = [f"{n},{cell if n == 333 else 'x'}" for n in range(400)]
    return "\n".join(["n,t", *lines]).encode()


@pytest.mark.parametrize("cell", ['5" pipe', ' "a,b"'])
def test_unusual_quotes_in_a_later_batch(tmp_path, small, cell):
    """The rows after it are those of the whole file."""
    path = write(tmp_path, with_a_cell(cell))
    parts = pl.concat(part.frame for part in read_batches(path))
    assert parts.equals(read_table(path).frame)


@pytest.mark.parametrize("cell", ['"a \\" b"', '5\\" pipe'])
def test_escapes_in_a_later_batch(tmp_path, small, cell):
    """They are refused: backslashes in the batches above would have been read otherwise."""
    parts = read_batches(write(tmp_path, with_a_cell(cell)))
    assert next(parts).frame.height > 9
    with pytest.raises(DataError, match="line 335 "):
        list(parts)


WRONG = {
    "ragged": (
        TEXT + b"1,2,3,4\n" + TEXT[18:],
        "line 668 of 'x.csv' has 4 fields where the header",
    ),
    "NUL": (TEXT + b"1,\0,3\n" + TEXT[18:], "'x.csv' has a NUL byte in line 668; save it as"),
    "short": (TEXT + b"1,2\n" + TEXT[18:], "line 668 of 'x.csv' has 2 fields where the header"),
    "blank": (TEXT + b"\n" + TEXT[18:], "line 668 of 'x.csv' is empty; remove it"),
    "broken": (TEXT + "é\xff\n".encode("latin-1") * 9 + TEXT[18:], "'x.csv' is UTF-8 but for line"),
    "open quote": (TEXT + b'1,"2,3\n' + TEXT[18:], "line 668 of 'x.csv' cannot be split into fi"),
}


@pytest.mark.parametrize(("data", "sentence"), WRONG.values(), ids=WRONG)
def test_a_fault_far_into_a_file_has_its_line(tmp_path, monkeypatch, small, data, sentence):
    """The line is that of the file, not of the batch; the batches before it are given."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, data)
    parts = read_batches("x.csv")
    assert next(parts).frame.height > 3
    with pytest.raises(DataError) as caught:
        list(parts)
    assert str(caught.value).startswith(sentence)


def test_files_that_cannot_be_read(tmp_path, monkeypatch, small):
    """The sentences are those of a whole file."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileError, match=r"^no file 'x.csv' here; check name and folder$"):
        list(read_batches("x.csv"))
    with pytest.raises(FileError, match=r"^'\.' is a folder; name the file in it$"):
        list(read_batches("."))
    write(tmp_path, gzip.compress(TEXT * 20)[:-9])
    with pytest.raises(
        FileError, match=r"^'x.csv' is a damaged gzip file .*; copy or pack it again"
    ):
        list(read_batches("x.csv"))
    write(tmp_path, b"PAR1" + TEXT)
    with pytest.raises(FileError, match=r"^'x.csv' is a damaged Parquet file; copy or write it ag"):
        list(read_batches("x.csv"))
    write(tmp_path, b"PK\x03\x04" + TEXT)
    with pytest.raises(DataError, match=r"^'x.csv' is a zip or Excel file; save it as UTF-8 CSV$"):
        list(read_batches("x.csv"))
