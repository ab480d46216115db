"""What happened in a study, kept in one SQLite file by one writer."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Self, final

from filelock import FileLock

from tunesmith.errors import StoreError
from tunesmith.store.connection import explained, transaction
from tunesmith.store.event import Draft, Event, Row, from_row, to_row
from tunesmith.store.files import (
    create,
    found,
    leave,
    new_place,
    open_to_read,
    open_to_write,
    refuse_what_is_there,
)
from tunesmith.store.lock import release, take
from tunesmith.store.schema import damaged, read_stamp

CHECKPOINT_EVERY = 1000
"""Appends between two checkpoints. An append adds some 8 kB to the -wal file, so that stays
below about 10 MB, and a checkpoint of that costs milliseconds."""

_ROWS = 1000
"""Rows read at a time: a replay holds no reading transaction open while its caller thinks."""

_LAST = "SELECT coalesce(max(sequence), 0) FROM event"
_AFTER = """
    SELECT sequence, kind, trial, body, crc, stamp FROM event
    WHERE sequence > ? ORDER BY sequence LIMIT ?
"""
_INSERT = "INSERT INTO event VALUES (?, CAST(? AS TEXT), ?, CAST(? AS TEXT), ?, ?)"


@final
class Store:
    """An append-only sequence of events; what append has returned survives a kill or a power cut.

    Only the driver of a study opens it to write, which a lock sees to, and alone makes
    checkpoints; anyone may read meanwhile. Any thread may call, but one at a time, and never a
    forked child. Every method raises StoreError, with the remedy, where the file is at fault.
    """

    def __init__(self, db: sqlite3.Connection, name: str, lock: FileLock | None) -> None:
        """Not for callers: use create, open or read."""
        self._db = db
        self._name = name
        self._lock = lock
        self._pid = os.getpid()
        self._closed = False
        self._file: tuple[Path, tuple[int, int]] | None = None
        """Where the study is written, and which file that was."""
        self._stamp = read_stamp(db, name)
        self._unchecked = 0
        """Appends since the last checkpoint."""

    @classmethod
    def create(cls, path: str | Path) -> Self:
        """Start a study file at `path`, to write.

        Raises StoreError if there is one, StoreBusy if another process is just starting it,
        FileError if the folder does not exist or cannot be written in.
        """
        name = str(path)
        with explained(name), ExitStack() as undo:
            path = new_place(path)
            lock = take(path, name)
            undo.callback(release, lock)
            refuse_what_is_there(path, name)
            create(path, _new_stamp())
            store = cls._of(open_to_write(path, name), name, lock)
            store._file = path, _identity(path)
            undo.pop_all()
            return store

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open a study file to write. Raises StoreBusy while another process does."""
        name = str(path)
        with explained(name), ExitStack() as undo:
            path = found(path)
            lock = take(path, name)
            undo.callback(release, lock)
            store = cls._of(open_to_write(path, name), name, lock)
            store._file = path, _identity(path)
            undo.pop_all()
            return store

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Open a study file to read, which changes nothing and needs no lock."""
        name = str(path)
        with explained(name):
            return cls._of(open_to_read(found(path), name), name, None)

    @classmethod
    def read_on(cls, path: str | Path) -> Self:
        """Open a study file that was read before, for what was appended since.

        It takes a millisecond however large the file, since pages are not looked at but where
        they are read; each event is checked as ever.
        """
        name = str(path)
        with explained(name):
            return cls._of(open_to_read(found(path), name, whole=False), name, None)

    def append(self, *drafts: Draft) -> tuple[Event, ...]:
        """Store all of the drafts, or none, in one transaction; return them as events.

        Raises ValueError for a number that is not finite, TypeError for a body that is not JSON.
        """
        db = self._usable()
        if self._lock is None:
            raise StoreError(f"'{self._name}' was opened to read: open it to write")
        with explained(self._name):
            self._check_place()
            # Before the append, not after: its failure cannot be taken for that of a commit.
            if self._unchecked >= CHECKPOINT_EVERY:
                db.execute("PRAGMA wal_checkpoint(PASSIVE)")
                self._unchecked = 0
            with transaction(db):
                ((last,),) = db.execute(_LAST)
                rows = [to_row(n, draft, self._stamp) for n, draft in enumerate(drafts, last + 1)]
                db.executemany(_INSERT, rows)
            self._unchecked += 1
        return tuple(from_row(row) for row in rows)

    def replay(self, after: int = 0) -> Iterator[Event]:
        """Yield the events after number `after`, in order.

        Raises StoreError, naming the event, for one that is missing or not as it was written.
        """
        self._usable()
        if after < 0:
            raise ValueError(f"events are counted from 1, got {after=}")
        return self._replay(after)

    @property
    def stamp(self) -> int:
        """A number that is this study's own; 0 for one from before there were such numbers."""
        return self._stamp

    @property
    def last_sequence(self) -> int:
        """The number of the last event, 0 if there is none."""
        with explained(self._name):
            ((last,),) = self._usable().execute(_LAST)
        return int(last)

    def close(self) -> None:
        """Leave one file behind, and the lock to the next. Closing twice does no harm."""
        if self._closed or os.getpid() != self._pid:
            return
        self._closed = True
        with ExitStack() as last:
            if self._lock is not None:
                last.callback(release, self._lock)
                leave(self._db)
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @classmethod
    def _of(cls, db: sqlite3.Connection, name: str, lock: FileLock | None) -> Self:
        """Take an open connection, which is closed if the study does not say whose it is."""
        with ExitStack() as undo:
            undo.enter_context(closing(db))
            store = cls(db, name, lock)
            undo.pop_all()
            return store

    def _check_place(self) -> None:
        """Raise StoreError if another file, or none, is where the study was opened."""
        if self._file is None:
            return
        path, identity = self._file
        try:
            there = _identity(path) == identity
        except FileNotFoundError:
            there = False
        if not there:
            raise StoreError(
                f"'{self._name}' was moved, replaced or deleted while it was being run, and what "
                "was measured since is not stored: put it back under this name, or restore it "
                "from a copy, and the same call goes on"
            )

    def _usable(self) -> sqlite3.Connection:
        if self._closed:
            raise StoreError(f"'{self._name}' is closed: open it again")
        if os.getpid() != self._pid:
            raise StoreError(
                f"'{self._name}' was opened by process {self._pid} and cannot be used in its "
                f"forked child {os.getpid()}: let process {self._pid} write, or spawn instead"
            )
        return self._db

    def _replay(self, sequence: int) -> Iterator[Event]:
        while rows := self._rows(sequence):
            for row in rows:
                sequence += 1
                if row[0] != sequence:
                    raise damaged(self._name, f"event {sequence} is missing")
                try:
                    event = from_row(row)
                except ValueError as error:
                    raise damaged(self._name, f"event {sequence}: {error}") from error
                yield event

    def _rows(self, after: int) -> list[Row]:
        with explained(self._name):
            return self._usable().execute(_AFTER, (after, _ROWS)).fetchall()


def _identity(path: Path) -> tuple[int, int]:
    """Return what tells a file from any other that may take its name."""
    status = path.stat()
    return status.st_dev, status.st_ino


def _new_stamp() -> int:
    """Return a number that no other study has; nothing else depends on it."""
    return int.from_bytes(os.urandom(4))
