"""Files as tables, and one sentence for each that is none."""

import gzip
import hashlib

import polars as pl
import pytest

from tunesmith.errors import DataError, FileError
from tunesmith.table.read import file_sha256, read_table

PLAIN = b"name,weight\nfig,1.50\nplum,\n"
FRAME = pl.DataFrame({"name": ["fig", "plum"], "weight": [1.5, None]})


def write(folder, data, name="x.csv"):
    path = folder / name
    path.write_bytes(data)
    return path


def parquet(frame, path):
    frame.write_parquet(path)
    return path.read_bytes()


@pytest.mark.parametrize("name", ["x.csv", "x.gz", "x.parquet"])
@pytest.mark.parametrize(
    "data",
    [PLAIN, gzip.compress(PLAIN), gzip.compress(PLAIN[:12]) + gzip.compress(PLAIN[12:])],
    ids=["plain", "gz", "gz parts"],
)
def test_packing_and_name_do_not_matter(tmp_path, data, name):
    """What a file is stands in its bytes."""
    raw = read_table(write(tmp_path, data, name))
    assert raw.frame.to_dict(as_series=False) == {"name": ["fig", "plum"], "weight": ["1.50", ""]}
    assert (raw.form, raw.has_lines) == ("", True)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gz"])
def test_parquet(tmp_path, pack):
    """A Parquet file keeps its types, and has rows instead of lines."""
    raw = read_table(write(tmp_path, pack(parquet(FRAME, tmp_path / "y"))))
    assert raw.frame.equals(FRAME)
    assert not raw.has_lines


KINDS = {
    "zip or Excel": (b"PK\x03\x04\x14", "a zip or Excel file"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1", "an old Excel file"),
    "SQLite": (b"SQLite format 3\0", "an SQLite file"),
    "PDF": (b"%PDF-1.7", "a PDF"),
    "zstd": (b"\x28\xb5\x2f\xfd\x04", "packed with zstd"),
    "bzip2": (b"BZh91", "packed with bzip2"),
    "xz": (b"\xfd7zXZ\0", "packed with xz"),
    "PNG": (b"\x89PNG\r\n", "a picture"),
    "JPEG": (b"\xff\xd8\xff\xe0", "a picture"),
}


@pytest.mark.parametrize(("data", "kind"), KINDS.values(), ids=KINDS)
def test_other_files_are_named(tmp_path, monkeypatch, data, kind):
    """One sentence, with what the file is and the remedy."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, data)
    with pytest.raises(DataError) as caught:
        read_table("x.csv")
    assert str(caught.value) == f"'x.csv' is {kind}; save it as UTF-8 CSV"


def test_parquet_that_holds_nothing(tmp_path, monkeypatch):
    """A damaged file is an error of the file; one without rows is no table."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, parquet(FRAME, tmp_path / "y")[:-9])
    with pytest.raises(FileError, match=r"^'x.csv' is a damaged Parquet file; copy or write it ag"):
        read_table("x.csv")
    write(tmp_path, parquet(FRAME.head(0), tmp_path / "y"))
    with pytest.raises(DataError, match=r"^'x.csv' has columns and no rows; add rows$"):
        read_table("x.csv")


def test_a_name_that_is_nearly_right(tmp_path, monkeypatch):
    """A missing file is said, with the nearest name in its folder."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, PLAIN, "adult.csv.gz")
    (tmp_path / "adlt.csv.g").mkdir()
    for read in (read_table, file_sha256):
        with pytest.raises(
            FileError, match=r"^no file 'adlt\.csv\.gz' here; did you mean 'adult\."
        ):
            read("adlt.csv.gz")
    with pytest.raises(FileError, match=r"^no file 'qq' here; check name and folder$"):
        read_table("qq")
    with pytest.raises(FileError, match=r"^no file 'no/x.csv' here; check name and folder$"):
        read_table("no/x.csv")


def test_what_cannot_be_read(tmp_path, monkeypatch):
    """A folder, a file used as a folder, and half a gzip file are errors of the file."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, gzip.compress(PLAIN)[:-9])
    for read in (read_table, file_sha256):
        with pytest.raises(FileError, match=r"^'\.' is a folder; name the file in it$"):
            read(".")
        with pytest.raises(FileError, match=r"^'x.csv/y' cannot be read \(not a directory\); "):
            read("x.csv/y")
    with pytest.raises(FileError, match=r"^'x.csv' is a damaged gzip file .*; copy or pack it "):
        read_table("x.csv")


def test_file_sha256(tmp_path):
    """The sum is that of the bytes on disk, packed as they are."""
    data = gzip.compress(PLAIN * 7)
    assert file_sha256(write(tmp_path, data)) == hashlib.sha256(data).hexdigest()
