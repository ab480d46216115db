"""Study files made, opened to write or to read, and left: one file, whole, or nothing."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from tunesmith.errors import FileError, StoreError
from tunesmith.store.connection import connect, in_memory
from tunesmith.store.schema import (
    SCHEMA,
    build,
    check,
    check_tables,
    damaged,
    migrate,
    not_a_study,
)
from tunesmith.store.wal import lost_commits

BESIDE = ("-wal", "-journal")
"""What SQLite keeps beside a database that was not closed; without it, results may be missing."""


def resolved(path: str | Path) -> Path:
    """Follow links, so that a study has one lock by whatever name it is reached."""
    return Path(os.path.realpath(path))


def found(path: str | Path) -> Path:
    """Return where a study is; StoreError if there is none."""
    there = resolved(path)
    if there.is_dir():
        raise StoreError(f"'{path}' is a folder: give the name of a study file")
    if not there.exists():
        raise StoreError(f"no study '{path}' here: check the name, or start a study first")
    return there


def new_place(path: str | Path) -> Path:
    """Return where a new file of that name would be; FileError if its folder is not there."""
    there = resolved(path)
    if not there.parent.is_dir():
        raise FileError(f"no folder '{there.parent}' for '{path}': make it, or choose another")
    return there


def refuse_what_is_there(path: Path, name: str) -> None:
    """Raise StoreError if a new study would take the place of something."""
    if path.exists():
        raise StoreError(f"'{name}' exists already: open it to go on, or choose another name")
    for suffix in BESIDE:
        # SQLite would take it for a part of the new file. It may hold results: not ours to delete.
        if Path(f"{path}{suffix}").exists():
            raise StoreError(
                f"'{name}{suffix}' is left from a study that is gone: put that back beside it, "
                "or delete it"
            )


def create(path: Path, stamp: int) -> None:
    """Build a study file under another name: at `path` there is a whole study, or nothing."""
    with _unfinished(path) as new:
        with closing(connect(new, "rwc")) as db:
            build(db, stamp)
        new.rename(path)
    with suppress(OSError):  # Windows does not open folders
        folder = os.open(path.parent, os.O_RDONLY)
        with ExitStack() as opened:
            opened.callback(os.close, folder)
            os.fsync(folder)


def open_to_write(path: Path, name: str) -> sqlite3.Connection:
    """Open a study file, brought to this schema if it is older; the lock must be held.

    Nothing is written to a file that is refused.
    """
    _check_wal(path, name)
    hot = Path(f"{path}-journal").exists()  # which only who may write can roll back
    with closing(connect(path, "rw" if hot else "ro")) as db:
        schema = check(db, name)
    with ExitStack() as undo:
        db = undo.enter_context(closing(connect(path, "rw")))
        if schema < SCHEMA:
            _keep_copy(db, Path(f"{path}.schema-{schema}"))
            migrate(db)
        db.execute("PRAGMA journal_mode = WAL")
        undo.pop_all()
    return db


def open_to_read(path: Path, name: str, *, whole: bool = True) -> sqlite3.Connection:
    """Open a study file to read, which changes nothing; `whole` looks at every page of it."""
    if whole:
        _check_wal(path, name)
    try:
        with ExitStack() as undo:
            db = undo.enter_context(closing(connect(path, "ro")))
            if (check if whole else check_tables)(db, name) == SCHEMA:
                undo.pop_all()
                return db
    except sqlite3.OperationalError as error:
        # Where nothing may be written, SQLite cannot read a study that was not closed.
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise
    return _read_copy(path, name)


def leave(db: sqlite3.Connection) -> None:
    """Take the -wal into the file, which can then be read even where nothing can be written."""
    # If a reader or a full disk is in the way, the -wal stays, and with it all that was appended.
    with suppress(sqlite3.Error):
        db.execute("PRAGMA busy_timeout = 200")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("PRAGMA journal_mode = DELETE")


def _check_wal(path: Path, name: str) -> None:
    """Raise StoreError if what was on the disk can no longer be read from the -wal."""
    wal = Path(f"{path}-wal")
    if path.stat().st_size == 0:  # SQLite would delete the -wal, even for a reader
        raise damaged(name, "only its -wal is left") if wal.exists() else not_a_study(name)
    with suppress(FileNotFoundError):
        # Twice: a driver may just have begun it anew.
        if lost_commits(wal.read_bytes()) and (lost := lost_commits(wal.read_bytes())):
            raise damaged(name, f"its -wal is broken before {lost} of its commits")


def _keep_copy(db: sqlite3.Connection, path: Path) -> None:
    """Copy a study before its schema is changed."""
    with _unfinished(path) as new:
        with closing(connect(new, "rwc")) as copy:
            db.backup(copy)
        new.rename(path)


def _read_copy(path: Path, name: str) -> sqlite3.Connection:
    """Open a copy in memory, brought to this schema."""
    with tempfile.TemporaryDirectory(prefix="tunesmith-") as folder, ExitStack() as undo:
        copy = Path(folder) / "study"
        for suffix in ("", *BESIDE):
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{path}{suffix}", f"{copy}{suffix}")
        memory = undo.enter_context(closing(in_memory()))
        with closing(connect(copy, "rw")) as db:
            check(db, name)
            db.execute("PRAGMA journal_mode = DELETE")
            db.backup(memory)
        migrate(memory)
        memory.execute("PRAGMA query_only = 1")
        undo.pop_all()
    return memory


@contextmanager
def _unfinished(path: Path) -> Iterator[Path]:
    """Give another name for a file until it is whole; what is left of it is removed."""
    new = Path(f"{path}-new")
    leftovers = new, Path(f"{new}-journal")
    with ExitStack() as undo:
        for leftover in leftovers:
            leftover.unlink(missing_ok=True)
            undo.callback(leftover.unlink, missing_ok=True)
        yield new
