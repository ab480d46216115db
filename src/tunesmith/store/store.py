"""What happened in a study, kept in one SQLite file by one writer."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Self, final

from filelock import FileLock

from tunesmith.errors import FileError, StoreError
from tunesmith.store.connection import connect, explained, transaction
from tunesmith.store.event import Draft, Event, Row, from_row, to_row
from tunesmith.store.lock import release, take
from tunesmith.store.schema import build, check, damaged

CHECKPOINT_EVERY = 1000
"""Appends between two checkpoints. An append adds some 8 kB to the -wal file, so that stays
below about 10 MB, and a checkpoint of that costs milliseconds."""

_ROWS = 1000
"""Rows read at a time: a replay holds no reading transaction open while its caller thinks."""

_LAST = "SELECT coalesce(max(sequence), 0) FROM event"
_AFTER = "SELECT sequence, kind, trial, body, crc FROM event WHERE sequence > ? ORDER BY 1 LIMIT ?"
_INSERT = "INSERT INTO event VALUES (?, CAST(? AS TEXT), ?, CAST(? AS TEXT), ?)"


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
            path = _resolved(path)
            if not path.parent.is_dir():
                raise FileError(
                    f"no folder '{path.parent}' for '{name}': make it, or choose another"
                )
            lock = take(path, name)
            undo.callback(release, lock)
            _refuse_what_is_there(path, name)
            _create(path)
            store = cls._locked(path, name, lock)
            undo.pop_all()
            return store

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open a study file to write. Raises StoreBusy while another process does."""
        name = str(path)
        with explained(name), ExitStack() as undo:
            path = _found(path)
            lock = take(path, name)
            undo.callback(release, lock)
            store = cls._locked(path, name, lock)
            undo.pop_all()
            return store

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Open a study file to read, which changes nothing and needs no lock."""
        name = str(path)
        with explained(name), ExitStack() as undo:
            db = undo.enter_context(closing(connect(_found(path), "ro")))
            check(db, name)
            undo.pop_all()
            return cls(db, name, None)

    def append(self, *drafts: Draft) -> tuple[Event, ...]:
        """Store all of the drafts, or none, in one transaction; return them as events.

        Raises ValueError for a number that is not finite, TypeError for a body that is not JSON.
        """
        db = self._usable()
        if self._lock is None:
            raise StoreError(f"'{self._name}' was opened to read: open it to write")
        with explained(self._name):
            # Before the append, not after: its failure cannot be taken for that of a commit.
            if self._unchecked >= CHECKPOINT_EVERY:
                db.execute("PRAGMA wal_checkpoint(PASSIVE)")
                self._unchecked = 0
            with transaction(db):
                ((last,),) = db.execute(_LAST)
                rows = [to_row(n, draft) for n, draft in enumerate(drafts, last + 1)]
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
                _tidy(self._db)
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @classmethod
    def _locked(cls, path: Path, name: str, lock: FileLock) -> Self:
        with ExitStack() as undo:
            db = undo.enter_context(closing(connect(path, "rw")))
            check(db, name)  # before the first write, so that a damaged file stays as it is
            db.execute("PRAGMA journal_mode = WAL")
            undo.pop_all()
            return cls(db, name, lock)

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


def _resolved(path: str | Path) -> Path:
    """Follow links, so that a study has one lock by whatever name it is reached."""
    return Path(os.path.realpath(path))


def _found(path: str | Path) -> Path:
    resolved = _resolved(path)
    if resolved.is_dir():
        raise StoreError(f"'{path}' is a folder: give the name of a study file")
    if not resolved.exists():
        raise StoreError(f"no study '{path}' here: check the name, or start a study first")
    return resolved


def _refuse_what_is_there(path: Path, name: str) -> None:
    if path.exists():
        raise StoreError(f"'{name}' exists already: open it to go on, or choose another name")
    for suffix in ("-wal", "-journal"):
        # SQLite would take it for a part of the new file. It may hold results: not ours to delete.
        if Path(f"{path}{suffix}").exists():
            raise StoreError(
                f"'{name}{suffix}' is left from a study that is gone: put that back beside it, "
                "or delete it"
            )


def _create(path: Path) -> None:
    """Build the file under another name: at `path` there is a whole study, or nothing."""
    new = Path(f"{path}-new")
    leftovers = new, Path(f"{new}-journal")
    with ExitStack() as undo:
        for leftover in leftovers:
            leftover.unlink(missing_ok=True)
            undo.callback(leftover.unlink, missing_ok=True)
        with closing(connect(new, "rwc")) as db:
            build(db)
        new.rename(path)
    with suppress(OSError):  # Windows does not open folders
        folder = os.open(path.parent, os.O_RDONLY)
        with ExitStack() as opened:
            opened.callback(os.close, folder)
            os.fsync(folder)


def _tidy(db: sqlite3.Connection) -> None:
    """Take the -wal into the file, which can then be read even where nothing can be written."""
    # If a reader or a full disk is in the way, the -wal stays, and with it all that was appended.
    with suppress(sqlite3.Error):
        db.execute("PRAGMA busy_timeout = 200")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("PRAGMA journal_mode = DELETE")
