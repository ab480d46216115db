"""A delimited text file as a table of text: every cell a string, nothing guessed, nothing lost."""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import final

import polars as pl

from tunesmith.errors import DataError
from tunesmith.table.lenient import Habit, Reading, has_escapes, lenient_readings
from tunesmith.table.raw import RawTable
from tunesmith.table.sniff import Dialect, decoded, dialect_of
from tunesmith.table.structure import Fault, Structure, structure_of
from tunesmith.table.wording import listed, numbered, quoted

_NUMBER = re.compile(r"[+-]?([0-9]+[.]?|[0-9]*[.][0-9]+)([eE][+-]?[0-9]+)?")


def parse(data: bytes, called: str, *, above: int = 0, dialect: Dialect | None = None) -> RawTable:
    """Return the table in a text file's bytes, every column String, as it is written.

    The first line names the columns (names lose the blanks around them). A column without
    a name is called by its number, as in "column 1". An empty cell is "". Empty lines at the end
    are no rows, and line ends are line feeds, in cells too. `called` is the
    file in quotes. The bytes may be the header and some rows of a larger file: `above` counts the
    lines left out between them, and `dialect` is known from other rows.

    Raises DataError, with the line and the remedy, for bytes that are no such table, and for
    quotes that can be read in two ways.
    """
    data, encoding = decoded(data, called, above)
    if not data.strip():
        raise DataError(f"{called} is empty; it needs a line of column names and rows below it")
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    data = data.rstrip(b"\n") + b"\n"
    text = _Text(data=data, dialect=dialect or dialect_of(data, called), called=called, above=above)
    names = _header(text)
    structure = structure_of(data, text.dialect, len(names))
    reading = None
    if structure.fault is not None:
        reading = _read_leniently(text, structure.fault, len(names))
        names = reading.rows[0]
    else:
        _refuse_doubt(text, structure)
    names = checked_names(names, called)
    frame = _split(text, names, structure) if reading is None else _framed(names, reading.rows[1:])
    if frame.height == 0:
        raise DataError(f"{called} has a header and no rows; add rows below line 1")
    form = _form(encoding, text.dialect, reading.habit if reading else "")
    return RawTable(frame=frame, form=form, above=above)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """A text file, or its header and some of its rows; the arguments of `parse`."""

    data: bytes
    dialect: Dialect
    called: str
    above: int

    def line(self, at: int) -> int:
        """Return the line of the file that byte `at` is in."""
        line = self.data.count(b"\n", 0, at) + 1
        return line + self.above if line > 1 else line

    def start(self, at: int) -> str:
        """Return the first cell of the line that starts with byte `at`, in quotes."""
        line = self.data[at : self.data.find(b"\n", at)].decode()
        return quoted(line.split(self.dialect.separator)[0])


def _form(encoding: str, dialect: Dialect, habit: str) -> str:
    """Say what is not plain about a file; "" for UTF-8 with commas."""
    signs = {"\t": "tabs", ";": "semicolons", "|": "bars", ",": "commas"}
    said = [encoding] if encoding != "UTF-8" else []
    if dialect.separator != ",":
        said.append(f"separated by {signs[dialect.separator]}")
    if dialect.quote != '"':
        said.append("quoted by '")
    return ", ".join([*said, habit] if habit else said)


def _header(text: _Text) -> list[str]:
    """Return the fields of the first row."""
    first = io.TextIOWrapper(io.BytesIO(text.data), "utf-8", newline="")
    csv.field_size_limit(max(csv.field_size_limit(), len(text.data)))  # a cell may be long
    reader = csv.reader(first, delimiter=text.dialect.separator, quotechar=text.dialect.quote)
    fields = next(reader)
    if not fields:
        raise DataError(f"line 1 of {text.called} is empty; it must hold the column names")
    return fields


def _read_leniently(text: _Text, fault: Fault, width: int) -> Reading:
    """Return the only way to read a text that is not well formed; DataError if there is none."""
    readings = []
    if fault.kind == "quote" or has_escapes(text.data, text.dialect):
        readings = lenient_readings(text.data, text.dialect)
    if len(readings) == 1 and not (text.above and readings[0].habit is Habit.ESCAPE):
        return readings[0]  # backslashes mean the same in all rows of a file, those above too
    quote, line, called = text.dialect.quote, text.line(fault.at), text.called
    if len(readings) > 1:
        ways = " and with ".join(reading.habit for reading in readings)
        raise DataError(
            f"{called} can be read with {ways}, which differ, from line {line} on; write "
            f"{2 * quote} for a quote in a cell, and such a cell in quotes"
        )
    if fault.kind == "quote":
        begin = max(fault.at - 8, text.data.rfind(b"\n", 0, fault.at) + 1)
        end = min(fault.at + 16, text.data.find(b"\n", fault.at))
        near = quoted(text.data[begin:end].decode(errors="ignore"))
        raise DataError(
            f"line {line} of {called} cannot be split into fields (a quote inside a cell, in "
            f"{near}); write it twice ({2 * quote}), and such a cell in quotes"
        )
    if fault.kind == "open":
        raise DataError(
            f"line {line} of {called} cannot be split into fields (unexpected end of data); check "
            "its quotes"
        )
    if not fault.fields:
        raise DataError(f"line {line} of {called} is empty; remove it")
    raise DataError(
        f"line {line} of {called} has {fault.fields:,} field{'s' if fault.fields > 1 else ''} "
        f"where the header has {width:,}; correct the line, and quote cells that hold "
        f"{text.dialect.separator!r} (it starts with {text.start(fault.at)})"
    )


def _refuse_doubt(text: _Text, structure: Structure) -> None:
    """Raise DataError for a well-formed text that has other rows if it is read otherwise."""
    quote = text.dialect.quote
    if structure.doubt is not None:
        line = text.line(structure.doubt)
        raise DataError(
            f"a quoted cell goes on from line {line} of {text.called} to the next, but each of "
            f"these lines is also a row if its quotes are taken as they stand; write {2 * quote} "
            "for a quote in a cell, or take the line feed out of the cell"
        )
    if has_escapes(text.data, text.dialect):
        readings = lenient_readings(text.data, text.dialect)
        if any(reading.habit is Habit.ESCAPE for reading in readings):
            line = text.line(text.data.find(b"\\" + quote.encode()))
            raise DataError(
                f"line {line} of {text.called} has a backslash before a quote, which can be read "
                f"in two ways; write {2 * quote} for a quote in a cell"
            )


def _split(text: _Text, names: list[str], structure: Structure) -> pl.DataFrame:
    """Return the rows below the header of a well-formed text."""
    try:
        frame = pl.read_csv(
            text.data,
            infer_schema=False,
            separator=text.dialect.separator,
            quote_char=text.dialect.quote,
        ).fill_null("")
    except pl.exceptions.PolarsError:
        frame = None
    if frame is None or frame.shape != (structure.rows - 1, len(names)):
        reading = lenient_readings(text.data, text.dialect)[0]
        return _framed(names, reading.rows[1:])  # the slow way, should polars ever go wrong
    frame.columns = names
    return frame


def _framed(names: list[str], rows: list[list[str]]) -> pl.DataFrame:
    """Return rows of text as a table."""
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def checked_names(fields: list[str], called: str) -> list[str]:
    """Return the names in the first line, checked: different, and names."""
    written = [field.strip() for field in fields]
    if not any(written):
        raise DataError(f"line 1 of {called} holds no names; it must hold the column names")
    names = numbered(written)
    for name, own in zip(names, written, strict=True):
        if not own and name in written:
            raise DataError(
                f"{name} of {called} has no name, and another column is called so; name it in "
                "line 1"
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
