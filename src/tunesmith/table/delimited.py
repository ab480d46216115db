"""A delimited text file as a table of text: every cell a string, nothing guessed, nothing lost."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import polars as pl

from tunesmith.errors import DataError
from tunesmith.table.raw import RawTable
from tunesmith.table.sniff import Dialect, decoded, dialect_of
from tunesmith.table.wording import listed, quoted

_NUMBER = re.compile(r"[+-]?([0-9]+[.]?|[0-9]*[.][0-9]+)([eE][+-]?[0-9]+)?")


def parse(data: bytes, called: str, *, above: int = 0, dialect: Dialect | None = None) -> RawTable:
    """Return the table in a text file's bytes, every column String, as it is written.

    The first line names the columns (names lose the blanks around them). An empty cell is "".
    Empty lines at the end are no rows. `called` is the file in quotes. The bytes may be the header
    and some rows of a larger file: `above` counts the lines left out between them, and `dialect`
    is known from other rows.

    Raises DataError, with the line and the remedy, for bytes that are no such table.
    """
    data, encoding = decoded(data, called, above)
    if not data.strip():
        raise DataError(f"{called} is empty; it needs a line of column names and rows below it")
    if data.count(b"\r") > data.count(b"\r\n"):  # old Mac line ends, perhaps among others
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    data = data.rstrip(b"\r\n") + b"\n"
    dialect = dialect or dialect_of(data, called)
    names = _column_names(data, dialect, called)
    frame = _split(data, dialect, names, called, above)
    return RawTable(frame=frame, form=_form(encoding, dialect), above=above)


def _form(encoding: str, dialect: Dialect) -> str:
    """Say what is not plain about a file; "" for UTF-8 with commas."""
    signs = {"\t": "tabs", ";": "semicolons", "|": "bars", ",": "commas"}
    said = [encoding] if encoding != "UTF-8" else []
    if dialect.separator != ",":
        said.append(f"separated by {signs[dialect.separator]}")
    if dialect.quote != '"':
        said.append("quoted by '")
    return ", ".join(said)


def _split(
    data: bytes, dialect: Dialect, names: list[str], called: str, above: int
) -> pl.DataFrame:
    """Return the rows below the header."""
    try:
        frame = pl.read_csv(
            data,
            infer_schema=False,
            separator=dialect.separator,
            quote_char=dialect.quote,
        ).fill_null("")
    except pl.exceptions.PolarsError as error:
        _check_rows(data, dialect, len(names), called, above)
        raise DataError(
            f"{called} cannot be split into rows and columns; check its quotes"
        ) from error
    if frame.height == 0:
        raise DataError(f"{called} has a header and no rows; add rows below line 1")
    # Polars fills a row that is too short with empty cells, so only such a row can be one.
    if len(names) > 1 and (frame.to_series(-1) == "").any():
        _check_rows(data, dialect, len(names), called, above)
    frame.columns = names
    return frame


def _records(
    data: bytes, dialect: Dialect, called: str, above: int = 0
) -> Iterator[tuple[int, list[str]]]:
    """Yield the line each record starts in, and its fields; slow, for finding what is wrong."""
    text = io.TextIOWrapper(io.BytesIO(data), "utf-8", newline="")
    csv.field_size_limit(max(csv.field_size_limit(), len(data)))  # a cell may be long
    reader = csv.reader(text, delimiter=dialect.separator, quotechar=dialect.quote, strict=True)
    while True:
        line = reader.line_num + 1 + (above if reader.line_num else 0)
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError(
                f"line {line} of {called} cannot be split into fields ({error}); check its quotes"
            ) from error
        yield line, fields


def _column_names(data: bytes, dialect: Dialect, called: str) -> list[str]:
    """Return the names in the first line, checked: present, different, and names."""
    _, fields = next(_records(data, dialect, called))
    names = [field.strip() for field in fields]
    if not names:
        raise DataError(f"line 1 of {called} is empty; it must hold the column names")
    if "" in names:
        raise DataError(
            f"column {names.index('') + 1} of {called} has no name; name it in line 1, or remove "
            "it if it only numbers the rows"
        )
    if (number := _number_among(names)) is not None:
        raise DataError(
            f"line 1 of {called} holds numbers, such as {quoted(number)}, where the column names "
            "should be; add a line of names above it"
        )
    if twice := [name for name, times in Counter(names).items() if times > 1]:
        raise DataError(
            f"line 1 of {called} names {listed(twice)} more than once; give each column its own "
            "name"
        )
    return names


def _number_among(names: list[str]) -> str | None:
    """Return the first name that is a number, if the names look like a row of cells.

    Years, counts and quantiles may be names: whole numbers, and numbers that rise.
    """
    numbers = [name for name in names if _NUMBER.fullmatch(name)]
    values = [float(name) for name in numbers]
    rising = all(one < other for one, other in pairwise(values))
    if not numbers or (rising and (len(numbers) > 1 or numbers[0].isdigit())):
        return None
    return numbers[0]


def _check_rows(data: bytes, dialect: Dialect, width: int, called: str, above: int) -> None:
    """Raise DataError for the first row that has not `width` fields, naming its line."""
    for line, fields in _records(data, dialect, called, above):
        if not fields and width > 1:
            raise DataError(f"line {line} of {called} is empty; remove it")
        if len(fields) > 0 and len(fields) != width:
            have = f"{len(fields):,} field{'s' if len(fields) > 1 else ''}"
            raise DataError(
                f"line {line} of {called} has {have} where the header has {width:,}; correct the "
                f"line, and quote cells that hold {dialect.separator!r} (it starts with "
                f"{quoted(fields[0])})"
            )
