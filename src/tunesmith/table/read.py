"""Reading a CSV file as text: every cell a string, nothing guessed, nothing lost.

What a file is gets decided from its bytes, never from its name. A file that could be read in
two ways is refused with the line and the remedy.
"""

import csv
import gzip
import hashlib
import io
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from tunesmith.errors import DataError, FileError
from tunesmith.table.wording import listed, nearest, quoted

_UTF8_BOM = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
_NO_CSV = {
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
    b"PAR1": "a Parquet file",
    b"PK\x03\x04": "a zip or Excel file",
    b"SQLite format 3": "an SQLite file",
}
"""First bytes, and what a file that starts with them is."""

_OTHER_SEPARATORS = (";", "\t", "|")


def read_text(path: str | Path) -> pl.DataFrame:
    """Return the table in a comma-separated file, every column String, as it is written.

    The file is UTF-8, with or without BOM, plain or gzip, and its first line names the columns
    (names lose the blanks around them). An empty cell is "". Empty lines at the end are no rows.

    Raises FileError for a file that cannot be read and DataError for one that is no such table.
    """
    path = Path(path)
    data = _text_bytes(_load(path), path)
    names = _column_names(data, path)
    try:
        frame = pl.read_csv(data, infer_schema=False).fill_null("")
    except pl.exceptions.PolarsError as error:
        _check_rows(data, len(names), path)
        raise DataError(
            f"{_called(path)} cannot be split into rows and columns; check its quotes"
        ) from error
    if frame.height == 0:
        raise DataError(f"{_called(path)} has a header and no rows; add rows below line 1")
    # Polars fills a row that is too short with empty cells, so only such a row can be one.
    if len(names) > 1 and (frame.to_series(-1) == "").any():
        _check_rows(data, len(names), path)
    frame.columns = names
    return frame


def file_sha256(path: str | Path) -> str:
    """Return the SHA-256 of the file's bytes in hex; FileError where it cannot be read."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def _called(path: Path) -> str:
    """Return the path in quotes, whole: it is what the user typed."""
    return repr(str(path))


def _load(path: Path) -> bytes:
    """Return the file's bytes, unpacked where they are gzip."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
    if not data.startswith(_GZIP):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise FileError(
            f"{_called(path)} is a damaged gzip file ({error}); copy or pack it again"
        ) from error


def _unreadable(path: Path, error: OSError) -> FileError:
    """Return the sentence for a file that the system would not give us."""
    if isinstance(error, FileNotFoundError):
        near = nearest(path.name, _names_in(path.parent))
        remedy = f"did you mean {str(path.parent / near)!r}?" if near else "check name and folder"
        return FileError(f"no file {_called(path)} here; {remedy}")
    if isinstance(error, IsADirectoryError) or path.is_dir():
        return FileError(f"{_called(path)} is a folder; name the CSV file in it")
    reason = (error.strerror or str(error)).lower()
    return FileError(f"{_called(path)} cannot be read ({reason}); check path and permissions")


def _names_in(folder: Path) -> list[str]:
    """Return the names of the files in a folder, none if it cannot be listed."""
    try:
        return [entry.name for entry in folder.iterdir() if entry.is_file()]
    except OSError:
        return []


def _text_bytes(data: bytes, path: Path) -> bytes:
    """Return the UTF-8 bytes of a text file, without BOM, each line ended by a line feed."""
    called = _called(path)
    for start, kind in _NO_CSV.items():
        if data.startswith(start):
            raise DataError(f"{called} is {kind}; save it as UTF-8 CSV")
    if (nul := data.find(b"\0")) >= 0:
        raise DataError(f"{called} has a NUL byte in line {_line(data, nul)}; save it as UTF-8 CSV")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = _line(data, error.start)
        raise DataError(f"{called} is not UTF-8 in line {line}; save it as UTF-8 CSV") from error
    data = data.removeprefix(_UTF8_BOM)
    if not data.strip():
        raise DataError(f"{called} is empty; it needs a line of column names and rows below it")
    if data.count(b"\r") > data.count(b"\r\n"):  # old Mac line ends, perhaps among others
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return data.rstrip(b"\r\n") + b"\n"


def _line(data: bytes, at: int) -> int:
    """Return the line that byte `at` is in."""
    return data.count(b"\n", 0, at) + 1


def _records(data: bytes, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the line each record starts in, and its fields; slow, for finding what is wrong."""
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(data), "utf-8", newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError(
                f"line {line} of {_called(path)} cannot be split into fields ({error}); "
                "check its quotes"
            ) from error
        yield line, fields


def _column_names(data: bytes, path: Path) -> list[str]:
    """Return the names in the first line, checked: present, different, and split by commas."""
    called = _called(path)
    _, fields = next(_records(data, path))
    names = [field.strip() for field in fields]
    if not names:
        raise DataError(f"line 1 of {called} is empty; it must hold the column names")
    if len(names) == 1:
        for separator in _OTHER_SEPARATORS:
            if separator in names[0]:
                raise DataError(
                    f"{called} looks separated by {separator!r}; save it separated by commas"
                )
    if "" in names:
        raise DataError(
            f"column {names.index('') + 1} of {called} has no name; name it in line 1, or remove "
            "it if it only numbers the rows"
        )
    if twice := [name for name, times in Counter(names).items() if times > 1]:
        raise DataError(
            f"line 1 of {called} names {listed(twice)} more than once; give each column its own "
            "name"
        )
    return names


def _check_rows(data: bytes, width: int, path: Path) -> None:
    """Raise DataError for the first row that has not `width` fields, naming its line."""
    called = _called(path)
    for line, fields in _records(data, path):
        if not fields and width > 1:
            raise DataError(f"line {line} of {called} is empty; remove it")
        if len(fields) > 0 and len(fields) != width:
            have = f"{len(fields):,} field{'s' if len(fields) > 1 else ''}"
            raise DataError(
                f"line {line} of {called} has {have} where the header has {width:,}; correct the "
                f"line, and quote cells that hold commas (it starts with {quoted(fields[0])})"
            )
