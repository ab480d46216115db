"""Study files as files: older ones, foreign parts beside them, and folders that refuse."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tunesmith.errors import StoreError
from tunesmith.store import files
from tunesmith.store.event import Draft
from tunesmith.store.store import Store

GOLDEN = Path(__file__).parents[1] / "golden" / "schema_1.db"
READS = """
import os, sys
from tunesmith.store.store import Store

def trials(path):
    with Store.read(path) as store:
        return [event.trial for event in store.replay()]

trials(sys.argv[1])  # all that is needed is loaded
if os.geteuid() == 0:
    os.setuid(65534)  # root may write anywhere
for path in sys.argv[2:]:
    print(*trials(path), os.access(os.path.dirname(path), os.W_OK))
"""


KILLED_IN_A_CHANGE = """
import os, sqlite3, sys

db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA cache_size = 2")
db.execute("BEGIN IMMEDIATE")
db.execute("UPDATE event SET body = body || hex(zeroblob(3000))")
os.kill(os.getpid(), 9)
"""


def crashed(path, name, commits=7):
    """Make a study whose driver did not come to its end: a file and its -wal."""
    original = path / f"{name}-original"
    with Store.create(original) as store:
        for number in range(commits):
            store.append(Draft(kind="measured", trial=number, body={"of": name}))
        for suffix in ("", "-wal"):
            shutil.copy(f"{original}{suffix}", f"{path / name}{suffix}")
    original.unlink()
    return path / name


def test_a_broken_wal_is_refused_and_left(tmp_path):
    """What SQLite would pass over in silence is said, and stays to be salvaged."""
    path = crashed(tmp_path, "x.study")
    wal = tmp_path / "x.study-wal"
    content = bytearray(wal.read_bytes())
    content[5000] ^= 16
    wal.write_bytes(content)
    before = path.read_bytes(), wal.read_bytes()
    for start in (Store.read, Store.open):
        with pytest.raises(StoreError, match=r"\(its -wal is broken before \d of its commits\)"):
            start(path)
    assert (path.read_bytes(), wal.read_bytes()) == before


@pytest.mark.parametrize("start", [Store.read, Store.open])
def test_an_empty_file_does_not_cost_its_wal(tmp_path, start):
    """SQLite would delete what lies beside an empty file; here it may be all that is left."""
    path = crashed(tmp_path, "x.study")
    path.write_bytes(b"")
    with pytest.raises(StoreError, match=r"x.study' is damaged \(only its -wal is left\)"):
        start(path)
    assert path.with_name("x.study-wal").stat().st_size > 20_000


@pytest.mark.parametrize("start", [Store.read, Store.open])
def test_the_wal_of_another_study(tmp_path, start):
    """Its rows are known by their stamp, and it is not taken into the file."""
    path, other = crashed(tmp_path, "x.study"), crashed(tmp_path, "y.study", commits=9)
    wal = Path(shutil.copy(f"{other}-wal", f"{path}-wal"))
    before = path.read_bytes(), wal.read_bytes()
    with pytest.raises(StoreError, match=r"is damaged \(event 1 is of another study\)"):
        start(path)
    assert (path.read_bytes(), wal.read_bytes()) == before


def test_an_older_study_is_read_without_being_changed(tmp_path):
    """It is brought to the present schema in memory alone."""
    path = Path(shutil.copy(GOLDEN, tmp_path / "x.study"))
    before = path.read_bytes()
    with Store.read(path) as store:
        assert store.last_sequence == 7
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["x.study"]


def test_a_copy_that_fails_changes_nothing(tmp_path, monkeypatch):
    """Without room for the copy an older study stays as it was."""
    path = Path(shutil.copy(GOLDEN, tmp_path / "x.study"))
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "_keep_copy", full)
    with pytest.raises(OSError, match="No space left"):
        Store.open(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["x.study"]


def test_a_study_is_read_where_nothing_may_be_written(tmp_path):
    """One that was closed, and one that was not: SQLite by itself would refuse the second."""
    with tempfile.TemporaryDirectory() as name:  # which anybody may come to
        folder = Path(name)
        path = crashed(folder, "open.study")
        Store.open(shutil.copy(GOLDEN, tmp_path / "x.study")).close()
        shutil.copy(path, folder / "closed.study")
        shutil.copy(f"{path}-wal", folder / "closed.study-wal")
        Store.open(folder / "closed.study").close()
        folder.chmod(0o555)
        done = subprocess.run(
            [sys.executable, "-c", READS, tmp_path / "x.study", folder / "closed.study", path],
            capture_output=True,
            text=True,
            check=False,
        )
        folder.chmod(0o755)
        left = sorted(file.name for file in folder.iterdir())
    assert (done.stdout, done.stderr) == ("0 1 2 3 4 5 6 False\n" * 2, "")
    assert left == ["closed.study", "open.study", "open.study-wal"]


@pytest.mark.parametrize("start", [Store.read, Store.open])
def test_killed_in_the_middle_of_a_change_of_schema(tmp_path, start):
    """Half of the file is new and the -journal has what it was: it is read as it was."""
    path = tmp_path / "x.study"
    with Store.create(path) as store:
        store.append(*(Draft(kind="noted", trial=number) for number in range(50)))
    before = path.read_bytes()
    subprocess.run([sys.executable, "-c", KILLED_IN_A_CHANGE, path], check=False)
    journal = path.with_name("x.study-journal")
    assert path.read_bytes() != before
    assert journal.stat().st_size > 0
    with start(path) as store:
        assert [event.trial for event in store.replay()] == list(range(50))
    assert journal.exists() == (start == Store.read)
