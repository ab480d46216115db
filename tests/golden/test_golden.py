"""A study file of every schema version released still opens, and tells the same events.

`python tests/golden/test_golden.py` makes the file of the present version, once, when it is new.
"""

import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tunesmith.store import store as module
from tunesmith.store.event import Draft, Event
from tunesmith.store.schema import SCHEMA
from tunesmith.store.store import Store

HERE = Path(__file__).parent

HAPPENED = (
    (
        Draft(
            kind="asked",
            body={
                "metric": "loss",
                "goal": "min",
                "seed": 2**53 + 1,
                "note": 'größer "\\\x00\u2028',
            },
        ),
    ),
    (
        Draft(kind="started", trial=0, body={"config": {"rate": 5e-324, "units": [17, 3]}}),
        Draft(kind="started", trial=1, body={"config": {"rate": 1.7976931348623157e308}}),
    ),
    (Draft(kind="measured", trial=1, body={"epoch": 3, "loss": 0.1 + 0.2, "slope": -0.0}),),
    (
        Draft(kind="diverged", trial=0, body={"loss": "nan", "why": None, "again": False}),
        Draft(kind="noted", trial=2**63 - 1, body={"long": "0123456789" * 517}),
        Draft(kind="ended"),
    ),
)
"""What is in the file of every schema, one tuple for each append."""

STAMP = 0xC0FFEE17

EVENTS = [
    Event(sequence=n, kind=draft.kind, trial=draft.trial, body=draft.body)
    for n, draft in enumerate((draft for drafts in HAPPENED for draft in drafts), start=1)
]


def golden(schema: int) -> Path:
    """Return the path of the file of a schema version."""
    return HERE / f"schema_{schema}.db"


@pytest.mark.parametrize("schema", range(1, SCHEMA + 1))
def test_an_old_study_reads_as_ever(schema):
    """Every version has its file, and reading tells its events, to the last bit of each float."""
    with Store.read(golden(schema)) as store:
        assert repr(list(store.replay())) == repr(EVENTS)


@pytest.mark.parametrize("schema", range(1, SCHEMA + 1))
def test_an_old_study_goes_on(schema, tmp_path):
    """It opens to write, and its events stay."""
    path = Path(shutil.copy(golden(schema), tmp_path / "x.study"))
    with Store.open(path) as store:
        store.append(Draft(kind="resumed"))
        assert repr(list(store.replay())[:-1]) == repr(EVENTS)
        assert store.last_sequence == len(EVENTS) + 1


def test_an_old_study_is_kept_as_it_was(tmp_path):
    """Opened to write it is changed, and a copy of what it was lies beside it."""
    path = Path(shutil.copy(golden(1), tmp_path / "x.study"))
    Store.open(path).close()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["x.study", "x.study.schema-1"]
    for study, schema in ((path, SCHEMA), (tmp_path / "x.study.schema-1", 1)):
        with closing(sqlite3.connect(study)) as db:
            assert db.execute("PRAGMA user_version").fetchone() == (schema,)
        with Store.read(study) as store:
            assert repr(list(store.replay())) == repr(EVENTS)


def test_the_present_version_writes_the_same_rows(tmp_path, monkeypatch):
    """The same drafts give the same bytes as they did when the version was new."""
    monkeypatch.setattr(module, "_new_stamp", lambda: STAMP)
    with Store.create(tmp_path / "x.study") as new, Store.read(golden(SCHEMA)) as old:
        for drafts in HAPPENED:
            new.append(*drafts)
        assert new._rows(0) == old._rows(0)


if __name__ == "__main__":
    module._new_stamp = lambda: STAMP
    with Store.create(golden(SCHEMA)) as store:
        for drafts in HAPPENED:
            store.append(*drafts)
    sys.stdout.write(f"made {golden(SCHEMA)}\n")
