"""What bytes are: the encoding of a text, and what separates and quotes its fields."""

import codecs
import csv
import io
import re
from dataclasses import dataclass
from itertools import islice
from typing import final

from tunesmith.errors import DataError

SEPARATORS = (",", ";", "\t", "|")
"""What may stand between two fields."""

SAMPLE_ROWS = 100
"""Rows on which a separator must prove itself."""

SAMPLE_BYTES = 1 << 20
"""Bytes looked at where a part tells enough."""

_BOMS = {
    codecs.BOM_UTF8: "UTF-8",
    codecs.BOM_UTF32_LE: "UTF-32",  # begins as UTF-16 does, so it is tried first
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_UTF8_LETTER = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}")
_FOREIGN = re.compile("[\x80-\U0010ffff]{3}")


@final
@dataclass(frozen=True, slots=True)
class Dialect:
    """What separates the fields of a text file, and what quotes them."""

    separator: str = ","
    quote: str = '"'


def decoded(data: bytes, called: str, above: int = 0) -> tuple[bytes, str]:
    """Return a text as UTF-8 without byte order mark, and the name of its encoding.

    Text that is not UTF-8 is taken for Windows-1252, of which Latin-1 is a part, if that gives
    single letters among ASCII ones. `above` is as in RawTable.

    Raises DataError, with the line, for any other text: letters of another alphabet would become
    wrong ones.
    """
    encoding = _marked(data) or _unmarked_utf16(data)
    if encoding not in ("", "UTF-8"):
        try:
            return data.decode(encoding).removeprefix("\ufeff").encode(), encoding.upper()[:6]
        except UnicodeDecodeError as error:
            raise DataError(
                f"{called} begins as {encoding[:6]} but is not, from byte {error.start:,} on; "
                "save it as UTF-8 CSV"
            ) from error
    data = data.removeprefix(codecs.BOM_UTF8)
    if (nul := data.find(b"\0")) >= 0:
        raise DataError(
            f"{called} has a NUL byte in line {_line(data, nul, above)}; save it as UTF-8 CSV"
        )
    wrong = _first_not_utf8(data)
    if wrong is None:
        return data, "UTF-8"
    return _from_windows(data, _line(data, wrong, above), called), "Windows-1252"


def _marked(data: bytes) -> str:
    """Return the encoding that a byte order mark names, or ""."""
    return next((name for bom, name in _BOMS.items() if data.startswith(bom)), "")


def _unmarked_utf16(data: bytes) -> str:
    """Return which UTF-16 a text without mark is, or "": every other byte is 0."""
    sample = data[: SAMPLE_BYTES // 2 * 2]
    if len(data) % 2 or not sample:
        return ""
    half = len(sample) // 2
    for first, name in ((0, "UTF-16-BE"), (1, "UTF-16-LE")):
        zeros, others = sample[first::2].count(0), sample[1 - first :: 2].count(0)
        if others == 0 and zeros > half / 2:
            return name
    return ""


def _first_not_utf8(data: bytes) -> int | None:
    """Return where a text stops to be UTF-8, or None; a part at a time, to need little memory."""
    if data.isascii():
        return None
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(data), SAMPLE_BYTES):
        end = start + SAMPLE_BYTES
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(data[start:end], final=end >= len(data))
        except UnicodeDecodeError as error:
            return start - held + error.start
    return None


def _from_windows(data: bytes, line: int, called: str) -> bytes:
    """Return Windows-1252 text as UTF-8; `line` is the first one that is no UTF-8."""
    if _UTF8_LETTER.search(data):
        raise DataError(
            f"{called} is UTF-8 but for line {line}, which another program may have written; "
            "correct the line, or save the file as UTF-8 CSV"
        )
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = None
    if text is None or _FOREIGN.search(text):
        raise DataError(
            f"{called} is neither UTF-8 nor Latin-1 in line {line}; save it as UTF-8 CSV"
        )
    return text.encode()


def _line(data: bytes, at: int, above: int) -> int:
    """Return the line of the file that byte `at` is in; other lines may follow the header."""
    line = data.count(b"\n", 0, at) + 1
    return line + above if line > 1 else line


def needs_all(data: bytes) -> bool:
    """Return whether a text that starts so has no line feeds by which to part its bytes."""
    wide = _marked(data) not in ("", "UTF-8") or _unmarked_utf16(data) != ""
    return wide or data.count(b"\r") > data.count(b"\r\n")


def dialect_of(data: bytes, called: str) -> Dialect:
    """Return what separates and quotes the fields of UTF-8 text, from its first rows.

    That is the separator which splits the header, and all first rows into as many fields. Where
    none does, the file is ragged: then it is the one that splits the header most.

    Raises DataError where two of them do, and where only blanks could be meant.
    """
    text = data[:SAMPLE_BYTES].decode(errors="ignore")
    if re.match(r"sep=.\s*\n", text, re.IGNORECASE):
        raise DataError(f"line 1 of {called} only names the separator; remove this line")
    quote = "'" if re.match(r" *'[^'\n]*' *[,;\t|] *'", text) else '"'
    widths = {sign: _widths(text, sign, quote) for sign in SEPARATORS}
    splitting = [sign for sign in SEPARATORS if widths[sign][0] > 1]
    fitting = [sign for sign in splitting if len(set(widths[sign])) == 1]
    if len(fitting) > 1:
        raise DataError(
            f"{called} can be split at {fitting[0]!r} and at {fitting[1]!r}; save it separated by "
            "one of them, with quotes round cells that hold the other"
        )
    if not splitting:
        _refuse_blanks(text, called)
    choice = fitting or sorted(splitting, key=lambda sign: -widths[sign][0]) or [","]
    return Dialect(choice[0], quote)


def _widths(text: str, separator: str, quote: str) -> list[int]:
    """Return how many fields the header and the first rows have; rows without any are left out."""
    # The sample may end within a row: its last line is not looked at, unless it is the only one.
    lines = io.StringIO(text, newline="").readlines()
    whole = lines[:-1] if len(text) >= SAMPLE_BYTES and len(lines) > 1 else lines
    reader = csv.reader(whole, delimiter=separator, quotechar=quote)
    widths = []
    try:
        widths = [len(fields) for fields in islice(reader, SAMPLE_ROWS) if fields]
    except csv.Error:
        return [0]  # such as a field beyond the limit of 128 KiB: not split at this sign
    return widths or [0]


def _refuse_blanks(text: str, called: str) -> None:
    """Raise DataError where blanks would split the header and the first rows alike."""
    rows = [len(line.split()) for line in text.splitlines()[:SAMPLE_ROWS] if line.strip()]
    if len(rows) > 2 and rows[0] > 1 and len(set(rows)) == 1 and '"' not in text:
        raise DataError(f"{called} looks separated by blanks; save it separated by commas")
