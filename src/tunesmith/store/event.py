"""One thing that happened, and the row it is kept in."""

import math
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, final

import msgspec

_WORD = re.compile("[a-z]+(_[a-z]+)*")
_BODY = msgspec.json.Decoder(dict[str, Any])
_LARGEST = 2**63 - 1
"""What an INTEGER of SQLite can hold."""

Row = tuple[int, bytes, int | None, bytes, int, int]
"""sequence, kind, trial, body, crc, stamp: an event as the table holds it, texts as UTF-8 bytes.

The stamp is the study's own: the row of another study is known by it."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An event before a store has given it its place.

    The body is JSON: str, int, finite float, bool, None, and lists and dicts of these.
    """

    kind: str
    """A lower-case word, such as "measured"; more than one are joined by "_"."""
    trial: int | None = None
    body: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a kind or trial that no event can have."""
        _check(self.kind, self.trial)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened in a study; sequence counts 1, 2, 3 ... without gaps."""

    sequence: int
    kind: str
    trial: int | None
    body: Mapping[str, object]

    def __post_init__(self) -> None:
        """Refuse a kind or trial that no event can have."""
        _check(self.kind, self.trial)


def to_row(sequence: int, draft: Draft, stamp: int = 0) -> Row:
    """Return the row of a draft that becomes event `sequence`; equal drafts give equal bytes.

    Raises ValueError for a number that is not finite, TypeError for a value JSON does not have.
    """
    plain = dict(draft.body)
    _check_plain(plain, f"the body of a '{draft.kind}' event", "")
    kind, body = draft.kind.encode(), msgspec.json.encode(plain)
    crc = _crc(sequence, kind, draft.trial, body, stamp)
    return sequence, kind, draft.trial, body, crc, stamp


def from_row(row: Row) -> Event:
    """Return the event of a row; ValueError if the row is not one that to_row made."""
    sequence, kind, trial, body, crc, stamp = row
    try:
        if crc != _crc(sequence, kind, trial, body, stamp):
            raise ValueError("it does not match its checksum")
        content = _BODY.decode(body)
        return Event(sequence=sequence, kind=kind.decode(), trial=trial, body=content)
    except (TypeError, RecursionError, msgspec.DecodeError) as error:
        raise ValueError("its content is not that of an event") from error


def _crc(sequence: int, kind: bytes, trial: int | None, body: bytes, stamp: int) -> int:
    """CRC-32 of the row, begun at its stamp: a kind has no line feed, so none are framed alike."""
    row = b"%b\n%b\n%b\n%b" % (b"%d" % sequence, kind, str(trial).encode(), body)
    return zlib.crc32(row, stamp & 0xFFFFFFFF)


def _check(kind: str, trial: int | None) -> None:
    if not _WORD.fullmatch(kind):
        raise ValueError(
            f"the kind of an event is a lower-case word such as 'measured', got {kind!r}"
        )
    if trial is None:
        return
    if type(trial) is not int:
        raise TypeError(f"the trial of an event is an int or None, got {trial!r}")
    if not 0 <= trial <= _LARGEST:
        raise ValueError(f"the trial of an event is a number from 0 to 2**63 - 1, got {trial}")


def _check_plain(value: object, owner: str, place: str) -> None:
    """Refuse what JSON would change: nan becomes null, a tuple a list, an int key a text."""
    if isinstance(value, dict):
        for key, item in value.items():
            if type(key) is not str:
                raise TypeError(f"{owner} has the key {key!r}{_at(place)}: keys must be texts")
            _check_plain(key, owner, place)
            _check_plain(item, owner, f"{place}[{key!r}]")
    elif type(value) is list:
        for index, item in enumerate(value):
            _check_plain(item, owner, f"{place}[{index}]")
    elif type(value) is float:
        if not math.isfinite(value):
            raise ValueError(f"{owner} holds {value}{_at(place)}: store it as text")
    elif type(value) is str:
        if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
            raise ValueError(f"{owner} holds {value!r}{_at(place)}, which has no UTF-8 form")
    elif value is not None and type(value) not in (bool, int):
        raise TypeError(
            f"{owner} holds a {type(value).__name__}{_at(place)}: "
            "give str, int, float, bool, None, list or dict"
        )


def _at(place: str) -> str:
    return f" at {place}" if place else ""
