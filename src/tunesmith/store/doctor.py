"""What is left of a study file: its whole rows, those that can be gone on from, and the rest."""

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import final

import msgspec

from tunesmith.errors import FileError, StoreError
from tunesmith.store.connection import explained, in_memory
from tunesmith.store.event import Draft, Event, from_row
from tunesmith.store.files import found
from tunesmith.store.salvage import pages, whole_rows
from tunesmith.store.schema import check_tables, read_stamp
from tunesmith.store.store import Store

_WAL_MODE = 2
"""What a database says in its bytes 18 and 19 until it is closed."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """The events of a study whose rows are whole, in order."""

    events: tuple[Event, ...]
    following: int
    """How many of them follow each other from the first on, and make sense together."""

    @property
    def rest(self) -> tuple[Event, ...]:
        """Those after a gap, which cannot be gone on from."""
        return self.events[self.following :]


def wal_is_gone(path: Path) -> bool:
    """Return whether a study was not closed and the -wal it was left with is no longer there."""
    if Path(f"{found(path)}-wal").exists():  # first: a driver may be closing it
        return False
    with path.open("rb") as file:
        return file.read(20)[18:] == bytes((_WAL_MODE, _WAL_MODE))


def remains(path: Path, sensible: Callable[[Sequence[Event]], int]) -> Remains:
    """Return what is whole in a study file and its -wal, however damaged they are.

    `sensible` says how many of some events, from the first on, make sense together. Raises
    FileError for a file that cannot be read.
    """
    with explained(str(path)):
        there = found(path)
        content, wal = there.read_bytes(), b""
        with suppress(FileNotFoundError):
            wal = Path(f"{there}-wal").read_bytes()
    events = _events(content, wal, str(path))
    numbers = [event.sequence for event in events]
    unbroken = sum(number == place for place, number in enumerate(numbers, 1))
    return Remains(events=events, following=sensible(events[:unbroken]))


def write_repaired(path: Path, left: Remains) -> list[Path]:
    """Write what is left of the study at `path` to new files; return them.

    What can be gone on from becomes a study, the rest a file of lines of JSON beside it. Raises
    FileError if they cannot be written; the old study stays as it is.
    """
    stem = path.name.removesuffix(".study")
    study, salvage = _free(path, f"{stem}.repaired", ".study", ".salvage.jsonl")
    written = []
    if left.following:
        with Store.create(study) as store:
            store.append(
                *(
                    Draft(kind=event.kind, trial=event.trial, body=event.body)
                    for event in left.events[: left.following]
                )
            )
        written.append(study)
    if left.rest:
        _write_lines(salvage, left.rest)
        written.append(salvage)
    return written


def _events(content: bytes, wal: bytes, name: str) -> tuple[Event, ...]:
    """Return the whole events of the study that the file says it is, or else seems to be."""
    stamp = _stamp(content, name)
    rows = list(whole_rows(pages(content, wal)))
    if stamp is None and rows:
        own = list(whole_rows(pages(content, b"")))
        ((stamp, _),) = Counter(row[-1] for row in own or rows).most_common(1)
    first = {row[0]: row for row in reversed(rows) if row[-1] == stamp}
    return tuple(from_row(first[sequence]) for sequence in sorted(first))


def _stamp(content: bytes, name: str) -> int | None:
    """Return the stamp that stands in the file, without its -wal; None if it cannot be read."""
    if len(content) < 100:
        return None
    closed = content[:18] + b"\1\1" + content[20:]  # SQLite reads nothing else from memory
    with closing(in_memory()) as db:
        try:
            db.deserialize(closed)
            return read_stamp(db, name) if check_tables(db, name) > 1 else 0
        except (sqlite3.Error, StoreError, UnicodeDecodeError, OverflowError):
            return None


def _free(path: Path, stem: str, *endings: str) -> list[Path]:
    """Return names beside `path` that nothing has yet."""
    number = 1
    while True:
        mark = "" if number == 1 else f"-{number}"
        names = [path.with_name(f"{stem}{mark}{ending}") for ending in endings]
        if not any(os.path.lexists(name) for name in names):
            return names
        number += 1


def _write_lines(path: Path, events: Sequence[Event]) -> None:
    lines = (msgspec.json.encode(event) + b"\n" for event in events)
    try:
        with path.open("xb") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise FileError(
            f"'{path}' cannot be written ({error.strerror}): free some space, or copy the study "
            "to another disk"
        ) from error
