"""Connections to study files, and SQLite's complaints in words."""

import sqlite3
from contextlib import closing

import pytest

from tunesmith.errors import FileError, StoreBusy, StoreError
from tunesmith.store.connection import connect, explained, in_memory, transaction


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("busy_timeout", 5000),
        ("trusted_schema", 0),
        ("cell_size_check", 1),
        ("foreign_keys", 1),
        ("synchronous", 2),
        ("wal_autocheckpoint", 0),
        ("query_only", 0),
    ],
)
def test_settings(tmp_path, setting, expected):
    """Every connection is as durable and as wary as SQLite can be."""
    with closing(connect(tmp_path / "x.study", "rwc")) as db:
        assert db.execute(f"PRAGMA {setting}").fetchone() == (expected,)


def test_a_reading_connection_cannot_write(tmp_path):
    """Twice over: the file is opened to read, and SQLite is told so."""
    with closing(connect(tmp_path / "x.study", "rwc")) as db:
        db.execute("CREATE TABLE t (a INTEGER)")
    with closing(connect(tmp_path / "x.study", "ro")) as db:
        assert db.execute("PRAGMA query_only").fetchone() == (1,)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            db.execute("INSERT INTO t VALUES (3)")


@pytest.mark.parametrize("name", ["a b?mode=ro#c%41.study", "größe.study", "'x'.study"])
def test_a_file_may_have_any_name(tmp_path, name):
    """What means something in a URI means nothing in a file name."""
    with closing(connect(tmp_path / name, "rwc")) as db:
        db.execute("CREATE TABLE t (a INTEGER)")
    assert [file.name for file in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("mode", ["ro", "rw"])
def test_only_creating_creates(tmp_path, mode):
    """Opening what is not there leaves nothing there."""
    with pytest.raises(StoreError, match="cannot be opened"), explained("x.study"):
        connect(tmp_path / "x.study", mode)
    assert list(tmp_path.iterdir()) == []


def test_a_path_too_long_for_sqlite_is_named(tmp_path):
    """A path of 504 bytes is opened; with one byte more the sentence says so, and the remedy."""
    folder = tmp_path
    while len(bytes(folder)) < 400:
        folder /= "é" * 40
    folder.mkdir(parents=True)
    longest = folder / ("x" * (503 - len(bytes(folder))))
    with closing(connect(longest, "rwc")) as db:
        db.execute("CREATE TABLE t (a INTEGER)")
    longer = longest.with_name(longest.name + "x")
    with (
        pytest.raises(StoreError, match=r"has 505 bytes and .* than 504: choose a shorter name"),
        explained(str(longer)),
    ):
        connect(longer, "rwc")
    assert [file.name for file in folder.iterdir()] == [longest.name]


def test_an_old_sqlite_is_named(tmp_path, monkeypatch):
    """STRICT tables came with SQLite 3.37."""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 5))
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.36.5")
    with pytest.raises(
        StoreError, match=r"need SQLite 3\.37 or later and this Python has 3\.36\.5"
    ):
        connect(tmp_path / "x.study", "rwc")


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, sqlite3.OperationalError])
def test_a_transaction_is_all_or_nothing(tmp_path, error):
    """Whatever ends the block early, nothing of it is stored, and the next block is."""

    def broken_off(db):
        with transaction(db):
            db.execute("INSERT INTO t VALUES (3)")
            raise error

    with closing(connect(tmp_path / "x.study", "rwc")) as db:
        db.execute("CREATE TABLE t (a INTEGER)")
        with pytest.raises(error):
            broken_off(db)
        with transaction(db):
            db.execute("INSERT INTO t VALUES (5)")
        assert not db.in_transaction
        assert db.execute("SELECT a FROM t").fetchall() == [(5,)]


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        (
            sqlite3.SQLITE_NOTADB,
            StoreError,
            "'x.study' is not a study file: give the name of one that tunesmith wrote",
        ),
        (
            sqlite3.SQLITE_FULL,
            StoreError,
            (
                "the disk is full and 'x.study' cannot grow: what was saved before is safe, "
                "free some space and go on"
            ),
        ),
        (
            sqlite3.SQLITE_IOERR_WRITE,
            StoreError,
            (
                "'x.study' cannot be read or written (oops): check the disk and its free "
                "space, then open it again"
            ),
        ),
        (
            sqlite3.SQLITE_READONLY_DIRECTORY,
            StoreError,
            (
                "'x.study' cannot be opened (oops): check the permissions of the file and of its "
                "folder, or copy it to a folder of your own"
            ),
        ),
        (
            sqlite3.SQLITE_BUSY_SNAPSHOT,
            StoreBusy,
            "'x.study' is in use by another program: close it there and try again",
        ),
        (
            sqlite3.SQLITE_CORRUPT,
            StoreError,
            (
                "'x.study' is damaged (oops): tunesmith doctor --repair writes what is whole to a "
                "new file, or restore it from a copy"
            ),
        ),
    ],
)
def test_complaints_in_words(code, kind, message):
    """Each kind of error has its sentence and its remedy; the finer code does not matter."""
    error = sqlite3.OperationalError("oops")
    error.sqlite_errorcode = code
    with pytest.raises(kind) as caught, explained("x.study"):
        raise error
    assert str(caught.value) == message
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    "failing",
    [lambda db: db.execute("SELECT ?", (2**63,)), lambda db: b"\xff".decode()],
    ids=["number too large", "broken text"],
)
def test_what_python_makes_of_damage(tmp_path, failing):
    """Python's own complaints about what SQLite hands it are about the file too."""
    with (
        closing(connect(tmp_path / "x.study", "rwc")) as db,
        pytest.raises(StoreError) as caught,
        explained("x.study"),
    ):
        failing(db)
    assert str(caught.value).startswith("'x.study' is damaged (it holds what no study holds): ")


def test_a_complaint_without_a_code():
    """The errors that Python's sqlite3 raises by itself have none."""
    with pytest.raises(StoreError, match=r"^'x.study' is damaged \(oops\): "), explained("x.study"):
        raise sqlite3.ProgrammingError("oops")


def test_the_system_complains_in_words():
    """A permission the system refuses is named; what is in words already stays."""
    with pytest.raises(FileError) as caught, explained("x.study"):
        raise PermissionError(13, "Permission denied")
    assert str(caught.value) == (
        "'x.study' cannot be used (Permission denied): check its name and the permissions of its "
        "folder"
    )
    with pytest.raises(FileError, match=r"^as it is$"), explained("x.study"):
        raise FileError("as it is")


class Stopped:
    """A database that is stopped as soon as a transaction has begun."""

    def __init__(self, db):
        self.db = db

    def execute(self, statement):
        self.db.execute(statement)
        if statement.startswith("BEGIN"):
            raise KeyboardInterrupt

    @property
    def in_transaction(self):
        return self.db.in_transaction


def test_a_stop_as_a_transaction_begins_leaves_none_open():
    """So that the next one can begin."""
    with closing(in_memory()) as db:
        with pytest.raises(KeyboardInterrupt), transaction(Stopped(db)):
            pass
        assert not db.in_transaction
        with transaction(db):
            db.execute("CREATE TABLE t (x)")
