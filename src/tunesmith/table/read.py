"""Reading a table from a file: CSV, its kin, and Parquet, plain or packed.

What a file is gets decided from its bytes, never from its name. A file that could be read in
two ways is refused with the line and the remedy.
"""

import gzip
import hashlib
import zlib
from pathlib import Path

from tunesmith.errors import DataError, FileError
from tunesmith.table.delimited import parse
from tunesmith.table.formats import other_format
from tunesmith.table.parquet import from_parquet
from tunesmith.table.raw import RawTable
from tunesmith.table.wording import no_file

GZIP = b"\x1f\x8b"
PARQUET = b"PAR1"


def read_table(path: str | Path) -> RawTable:
    """Return the table in a file: text separated by commas, semicolons, tabs or bars, or Parquet.

    Text is UTF-8, UTF-16 or Windows-1252, plain or gzip; every cell is a string as it is written,
    and the first line names the columns.

    Raises FileError for a file that cannot be read and DataError for one that is no such table.
    """
    path = Path(path)
    data = _load(path)
    refuse_others(data, path)
    read = from_parquet if data.startswith(PARQUET) else parse
    return read(data, called(path))


def refuse_others(start: bytes, path: Path) -> None:
    """Raise DataError for a file that starts as one of another kind."""
    if (kind := other_format(start)) is not None:
        raise DataError(f"{called(path)} is {kind}; save it as UTF-8 CSV")


def file_sha256(path: str | Path) -> str:
    """Return the SHA-256 of the file's bytes in hex; FileError where it cannot be read."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from error


def called(path: Path) -> str:
    """Return the path in quotes, whole: it is what the user typed."""
    return repr(str(path))


def _load(path: Path) -> bytes:
    """Return the file's bytes, unpacked where they are gzip."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    if not data.startswith(GZIP):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise damaged_gzip(path, error) from error


def damaged_gzip(path: Path, error: Exception) -> FileError:
    """Return the sentence for a gzip file that cannot be unpacked."""
    return FileError(f"{called(path)} is a damaged gzip file ({error}); copy or pack it again")


def unreadable(path: Path, error: OSError) -> FileError:
    """Return the sentence for a file that the system would not give us."""
    if isinstance(error, FileNotFoundError):
        return FileError(no_file(path, _names_in(path.parent)))
    if isinstance(error, IsADirectoryError) or path.is_dir():
        return FileError(f"{called(path)} is a folder; name the file in it")
    reason = (error.strerror or str(error)).lower()
    return FileError(f"{called(path)} cannot be read ({reason}); check path and permissions")


def _names_in(folder: Path) -> list[str]:
    """Return the names of the files in a folder, none if it cannot be listed."""
    try:
        return [entry.name for entry in folder.iterdir() if entry.is_file()]
    except OSError:
        return []
