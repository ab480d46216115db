"""A connection to a study file, and SQLite's complaints in our words."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from tunesmith.errors import FileError, StoreBusy, StoreError, TunesmithError
from tunesmith.store.schema import damaged, not_a_study

_SETTINGS = (
    "busy_timeout = 5000",  # milliseconds
    "trusted_schema = 0",  # a file from a stranger runs no functions
    "cell_size_check = 1",  # damage is noticed before it is believed
    "mmap_size = 0",  # an unreadable page is an error, not a crash
    "foreign_keys = 1",
    "synchronous = FULL",  # a commit survives a power cut
    "wal_autocheckpoint = 0",  # the driver says when
)
_OLDEST_SQLITE = (3, 37, 0)
"""The first with STRICT tables."""
_LONGEST_PATH = 504
"""Bytes of the longest path that SQLite opens: of its 512, 8 are for the end "-journal"."""


def connect(path: Path, mode: Literal["ro", "rw", "rwc"]) -> sqlite3.Connection:
    """Open the database, texts as bytes; "rwc" creates it. Transactions are begun by hand.

    sqlite3.Error if that fails, StoreError if the path is too long for SQLite.
    Any thread may use the connection, but only one at a time.
    """
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise StoreError(
            f"study files need SQLite 3.37 or later and this Python has {sqlite3.sqlite_version}: "
            "use a newer Python"
        )
    uri = f"{path.as_uri()}?mode={mode}"
    try:
        db = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    except sqlite3.OperationalError as error:
        length = len(os.fsencode(path.resolve()))
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CANTOPEN or length <= _LONGEST_PATH:
            raise
        raise StoreError(
            f"the path of '{path}' has {length} bytes and SQLite opens none of more than "
            f"{_LONGEST_PATH}: choose a shorter name, or a folder with a shorter path"
        ) from error
    try:
        db.text_factory = bytes
        for setting in _SETTINGS:
            db.execute(f"PRAGMA {setting}")
        if mode == "ro":
            db.execute("PRAGMA query_only = 1")
    except BaseException:
        db.close()
        raise
    return db


def in_memory() -> sqlite3.Connection:
    """Open an empty database in memory, to be used in the same way."""
    db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    db.text_factory = bytes
    return db


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All of the block is stored, or nothing of it."""
    try:
        db.execute("BEGIN IMMEDIATE")  # in here: a stop may come as soon as it has begun
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Whatever SQLite or the system refuses in the block is raised as one of our errors."""
    try:
        yield
    except TunesmithError:
        raise
    except sqlite3.Error as error:
        raise _in_words(name, error) from error
    except (OverflowError, UnicodeDecodeError) as error:
        # A number past SQLite's largest, a complaint that quotes broken text: only from damage.
        raise damaged(name, "it holds what no study holds") from error
    except OSError as error:
        raise FileError(
            f"'{name}' cannot be used ({error.strerror}): check its name and the permissions of "
            "its folder"
        ) from error


def _in_words(name: str, error: sqlite3.Error) -> TunesmithError:
    # The low byte is the kind of error, the rest says where in SQLite it came from.
    match getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF:
        case sqlite3.SQLITE_NOTADB:
            return not_a_study(name)
        case sqlite3.SQLITE_FULL:
            return StoreError(
                f"the disk is full and '{name}' cannot grow: what was saved before is safe, "
                "free some space and go on"
            )
        case sqlite3.SQLITE_IOERR:
            return StoreError(
                f"'{name}' cannot be read or written ({error}): check the disk and its free "
                "space, then open it again"
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return StoreError(
                f"'{name}' cannot be opened ({error}): check the permissions of the file and of "
                "its folder, or copy it to a folder of your own"
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreBusy(f"'{name}' is in use by another program: close it there and try again")
        case _:
            return damaged(name, str(error))
