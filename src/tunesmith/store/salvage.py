"""Rows read out of the bytes of a study file and its -wal, without SQLite.

Damage to one page can hide others from SQLite. A row is known by the form of its record, wherever
it lies, and its checksum says whether it is whole. (The format: sqlite.org/fileformat2.html)
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from tunesmith.store.event import Row, from_row
from tunesmith.store.schema import PAGE
from tunesmith.store.wal import FRAME, HEADER, frames

_RECORD = re.compile(
    rb"(?=[\x06-\x0f]\x00(?:[\x81-\x8f][\x00-\x7f]|[\x0f-\x7f])[\x00-\x06\x08\x09])"
)
"""How a row's record begins: bytes of its head, then the types of sequence, kind and trial."""
_BYTES = (0, 1, 2, 3, 4, 6, 8)
"""Of an integer, by its type."""
_MOST_HERE = PAGE - 35
"""Bytes of a record that stay on its page; a longer one goes on elsewhere."""
_LEAST_HERE = (PAGE - 12) * 32 // 255 - 23


class Page(NamedTuple):
    """A page of the file, or one that a commit wrote to the -wal."""

    number: int
    content: bytes


def pages(content: bytes, wal: bytes) -> list[Page]:
    """Return those of the file, then those that were committed, then all else in the -wal."""
    own = [
        Page(1 + place // PAGE, content[place : place + PAGE])
        for place in range(0, len(content), PAGE)
    ]
    sound = {frame.place for frame in frames(wal) if frame.whole}
    places = range(HEADER + FRAME, len(wal), FRAME + PAGE)
    return own + [
        Page(int.from_bytes(wal[place - FRAME : place - FRAME + 4]), wal[place : place + PAGE])
        for place in sorted(places, key=lambda place: place not in sound)
    ]


def whole_rows(known: Sequence[Page]) -> Iterator[Row]:
    """Yield every row whose checksum is right, as often as it is there."""
    latest = {page.number: page.content for page in known}
    first = {page.number: page.content for page in reversed(known)}
    for page in known:
        for found in _RECORD.finditer(page.content):
            for others in (latest, first):
                # What looks like a row and is none breaks off somewhere, or is not as it says.
                with suppress(ValueError, IndexError, KeyError):
                    row = _row(page.content, found.start(), others)
                    from_row(row)
                    yield row
                    break


def _row(page: bytes, start: int, others: dict[int, bytes]) -> Row:
    """Read the record that begins at `start`, with what lies on other pages."""
    head = page[start]
    types = list(_numbers(page[start + 1 : start + head]))
    lengths = [_length(kind) for kind in types]
    if len(types) not in (5, 6):
        raise ValueError("a row has 5 columns, or 6 with its stamp")
    size = head + sum(lengths)
    record = _record(page, start, size, others)
    if len(record) != size:
        raise ValueError("it is cut off")
    values, place = [], head
    for kind, length in zip(types, lengths, strict=True):
        values.append(_value(kind, record[place : place + length]))
        place += length
    _, word, trial, body, crc, stamp = (*values, 0)[:6]
    return _number_before(page, start), word, trial, body, crc, stamp  # type: ignore[return-value]


def _record(page: bytes, start: int, size: int, others: dict[int, bytes]) -> bytes:
    if size <= _MOST_HERE:
        return page[start : start + size]
    here = _LEAST_HERE + (size - _LEAST_HERE) % (PAGE - 4)
    here = here if here <= _MOST_HERE else _LEAST_HERE
    parts, following = [page[start : start + here]], page[start + here : start + here + 4]
    for _ in range(0, size - here, PAGE - 4):
        other = others[int.from_bytes(following)]
        parts.append(other[4:])
        following = other[:4]
    return b"".join(parts)[:size]


def _numbers(content: bytes) -> Iterator[int]:
    """Yield SQLite's numbers of variable length: seven bits a byte, the last below 128."""
    number = 0
    for byte in content:
        number = number << 7 | byte & 127
        if byte < 128:
            yield number
            number = 0


def _number_before(content: bytes, end: int) -> int:
    """Return the number of variable length that ends before `end`; the one before ends too."""
    start = end - 1
    while start > 0 and content[start - 1] > 127:
        start -= 1
    (number,) = _numbers(content[start:end])
    return number


def _length(kind: int) -> int:
    if kind in (8, 9):
        return 0
    if kind >= 13 and kind % 2:
        return (kind - 13) // 2
    return _BYTES[kind]


def _value(kind: int, content: bytes) -> int | bytes | None:
    match kind:
        case 0:
            return None
        case 8 | 9:
            return kind - 8
        case _ if kind < 8:
            return int.from_bytes(content, signed=True)
    return content
