"""The tables of a study file, and how it came to be: numbered migrations, as SQL."""

import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing

from tunesmith.errors import StoreError, StoreTooNew

APPLICATION_ID = 0x54756E65
"""ASCII "Tune": tells file(1), and us, that a SQLite file is a study."""

PAGE = 4096
"""Bytes of a page of every study file, whatever SQLite would choose."""

REMEDY = "tunesmith doctor --repair writes what is whole to a new file, or restore it from a copy"


def m1_events(db: sqlite3.Connection) -> None:
    """All that ever happened, in order; the checksum covers the other four columns."""
    db.execute("""
        CREATE TABLE event (
            sequence INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,
            trial INTEGER,
            body TEXT NOT NULL,
            crc INTEGER NOT NULL
        ) STRICT
    """)


def m2_a_stamp(db: sqlite3.Connection) -> None:
    """Each row says whose it is, so that those of another study's -wal are known as such.

    The stamp of a study older than this is 0: its rows keep their checksums.
    """
    db.execute("CREATE TABLE study (stamp INTEGER NOT NULL, crc INTEGER NOT NULL) STRICT")
    db.execute("INSERT INTO study VALUES (0, ?)", (_crc(0),))
    db.execute("ALTER TABLE event ADD COLUMN stamp INTEGER NOT NULL DEFAULT 0")


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (m1_events, m2_a_stamp)
SCHEMA = len(MIGRATIONS)
"""The number in a study file's user_version."""


def build(db: sqlite3.Connection, stamp: int) -> None:
    """Turn an empty database into a study without events, in one transaction."""
    db.execute(f"PRAGMA page_size = {PAGE}")
    db.execute("BEGIN IMMEDIATE")
    _change(db, 0, SCHEMA)
    db.execute("UPDATE study SET stamp = ?, crc = ?", (stamp, _crc(stamp)))
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute("COMMIT")


def migrate(db: sqlite3.Connection) -> None:
    """Bring a study of an older schema to this one, in one transaction."""
    db.execute("BEGIN IMMEDIATE")
    ((version,),) = db.execute("PRAGMA user_version")
    _change(db, version, SCHEMA)
    db.execute("COMMIT")


def check(db: sqlite3.Connection, name: str) -> int:
    """Return the schema of a study file that we can read, whole in every page; else StoreError.

    A cut-off last page could take the last events with it without a gap in their sequence; only
    quick_check sees that. It reads at about 1 GB/s, so it is never left out.
    """
    version = check_tables(db, name)
    found = b"; ".join(row[0] for row in db.execute("PRAGMA quick_check(3)"))
    if found != b"ok":
        raise damaged(name, found.decode(errors="replace"))
    if version > 1:
        _check_stamps(db, name)
    return version


def check_tables(db: sqlite3.Connection, name: str) -> int:
    """Return the schema of a study file that we can read; StoreError for any other."""
    ((application,),) = db.execute("PRAGMA application_id")
    if application != APPLICATION_ID:
        raise not_a_study(name)
    ((version,),) = db.execute("PRAGMA user_version")
    if version > SCHEMA:
        raise StoreTooNew(
            f"'{name}' was written by a newer tunesmith (schema {version}, this one reads "
            f"{SCHEMA}): upgrade tunesmith"
        )
    if version < 1 or _definitions(db) != _expected(version):
        raise damaged(name, f"its tables are not those of schema {version}")
    return int(version)


def read_stamp(db: sqlite3.Connection, name: str) -> int:
    """Return the number that every row of this study carries."""
    match db.execute("SELECT stamp, crc FROM study").fetchall():
        case [(int(stamp), crc)] if crc == _crc(stamp):
            return stamp
    raise damaged(name, "it does not say which study it is")


def not_a_study(name: str) -> StoreError:
    """Return the error for a file that tunesmith did not write."""
    return StoreError(f"'{name}' is not a study file: give the name of one that tunesmith wrote")


def damaged(name: str, reason: str) -> StoreError:
    """Return the error for a study file that can no longer be trusted; `reason` may quote it."""
    reason = " ".join("".join(c if c.isprintable() else " " for c in reason).split())
    return StoreError(f"'{name}' is damaged ({reason}): {REMEDY}")


def _change(db: sqlite3.Connection, done: int, schema: int) -> None:
    for change in MIGRATIONS[done:schema]:
        change(db)
    db.execute(f"PRAGMA user_version = {schema}")


def _check_stamps(db: sqlite3.Connection, name: str) -> None:
    stamp = read_stamp(db, name)
    ((foreign,),) = db.execute("SELECT min(sequence) FROM event WHERE stamp <> ?", (stamp,))
    if foreign is not None:
        raise damaged(name, f"event {foreign} is of another study")


def _crc(stamp: int) -> int:
    return zlib.crc32(b"%d" % stamp)


def _expected(schema: int) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        fresh.text_factory = bytes
        _change(fresh, 0, schema)
        return _definitions(fresh)


def _definitions(db: sqlite3.Connection) -> list[tuple[object, ...]]:
    """Return all that the file defines: a trigger put there by a stranger would show.

    Compared to the letter, so a migration once released is not edited, not even its spaces.
    """
    return db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall()
