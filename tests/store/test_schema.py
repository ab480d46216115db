"""The table of a study file, and what is no study file."""

import sqlite3
from contextlib import closing

import pytest

from tunesmith.errors import StoreError
from tunesmith.store.schema import (
    APPLICATION_ID,
    MIGRATIONS,
    SCHEMA,
    build,
    check,
    damaged,
    migrate,
    read_stamp,
)


@pytest.fixture
def db():
    """Build an empty study in memory, texts as bytes, as in a store."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.text_factory = bytes
        build(db, 3)
        yield db


def test_a_study_says_what_it_is(db):
    """The file's own number reads "Tune" in ASCII, and its version is the last migration."""
    assert db.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert APPLICATION_ID.to_bytes(4, "big") == b"Tune"
    assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),) == (SCHEMA,)
    check(db, "x.study")


def test_the_columns(db):
    """One table of events, in which only the trial may be missing."""
    columns = db.execute('SELECT name, type, "notnull", pk FROM pragma_table_info(?)', ("event",))
    assert columns.fetchall() == [
        (b"sequence", b"INTEGER", 0, 1),
        (b"kind", b"TEXT", 1, 0),
        (b"trial", b"INTEGER", 0, 0),
        (b"body", b"TEXT", 1, 0),
        (b"crc", b"INTEGER", 1, 0),
        (b"stamp", b"INTEGER", 1, 0),
    ]


def test_the_table_is_strict(db):
    """SQLite itself refuses a text for a number."""
    with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT value in INTEGER column"):
        db.execute("INSERT INTO event VALUES (1, 'a', 'b', 'c', 3, 5)")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            "PRAGMA application_id = 3",
            "'x.study' is not a study file: give the name of one that tunesmith wrote",
        ),
        (
            f"PRAGMA user_version = {SCHEMA + 6}",
            (
                f"'x.study' was written by a newer tunesmith (schema {SCHEMA + 6}, this one reads "
                f"{SCHEMA}): upgrade tunesmith"
            ),
        ),
        (
            "PRAGMA user_version = 0",
            (
                "'x.study' is damaged (its tables are not those of schema 0): tunesmith doctor "
                "--repair writes what is whole to a new file, or restore it from a copy"
            ),
        ),
        (
            "CREATE TRIGGER t AFTER INSERT ON event BEGIN DELETE FROM event; END",
            (
                "'x.study' is damaged (its tables are not those of schema 2): tunesmith doctor "
                "--repair writes what is whole to a new file, or restore it from a copy"
            ),
        ),
    ],
    ids=["other program", "newer", "no version", "trigger"],
)
def test_what_is_not_a_study(db, change, message):
    """A file of others, of later versions, or with more in it than a study has, is refused."""
    db.execute(change)
    with pytest.raises(StoreError) as caught:
        check(db, "x.study")
    assert str(caught.value) == message


def test_an_empty_database_is_not_a_study():
    """What has no tables was not written by us."""
    with closing(sqlite3.connect(":memory:")) as db, pytest.raises(StoreError, match="not a study"):
        check(db, "x.study")


def test_a_reason_is_one_plain_line():
    """What a damaged file has us quote cannot steer a terminal."""
    assert str(damaged("x.study", "near \x1b[2J\n  a\x00b: é")) == (
        "'x.study' is damaged (near [2J a b: é): tunesmith doctor --repair writes what is whole "
        "to a new file, or restore it from a copy"
    )


def test_a_building_that_fails_leaves_nothing(monkeypatch):
    """Migrations and version are one transaction."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as empty:
        monkeypatch.setattr("tunesmith.store.schema.MIGRATIONS", (MIGRATIONS[0], MIGRATIONS[0]))
        with pytest.raises(sqlite3.OperationalError, match="already exists"):
            build(empty, 3)
        empty.execute("ROLLBACK")
        assert empty.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)
        assert empty.execute("PRAGMA application_id").fetchone() == (0,)


def test_the_first_schema_becomes_the_present_one():
    """A study of then has the stamp 0, in every row; a new one has its own."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as old:
        old.text_factory = bytes
        MIGRATIONS[0](old)
        old.execute("INSERT INTO event VALUES (1, 'a', NULL, '{}', 3)")
        old.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        old.execute("PRAGMA user_version = 1")
        assert check(old, "x.study") == 1
        migrate(old)
        assert check(old, "x.study") == SCHEMA
        assert read_stamp(old, "x.study") == 0
        assert old.execute("SELECT crc, stamp FROM event").fetchall() == [(3, 0)]


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM study",
        "INSERT INTO study SELECT * FROM study",
        "UPDATE study SET stamp = 7",
        "UPDATE study SET crc = 7",
    ],
)
def test_a_study_has_one_stamp(db, change):
    """Without it nobody can say which rows are its own."""
    assert read_stamp(db, "x.study") == 3
    db.execute(change)
    with pytest.raises(StoreError, match=r"is damaged \(it does not say which study it is\)"):
        read_stamp(db, "x.study")


def test_a_row_of_another_study(db):
    """It is named, whatever else is right with it."""
    db.execute("INSERT INTO event VALUES (7, 'a', NULL, '{}', 3, 3), (9, 'a', NULL, '{}', 3, 5)")
    with pytest.raises(StoreError, match=r"is damaged \(event 9 is of another study\)"):
        check(db, "x.study")
