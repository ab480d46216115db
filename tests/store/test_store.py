"""A study file: started, opened, read, shared, full, killed; damage is in its own tests below."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing

import pytest

from tunesmith import rng
from tunesmith.errors import FileError, StoreBusy, StoreError
from tunesmith.store import files as module_files
from tunesmith.store import store as module
from tunesmith.store.event import Draft
from tunesmith.store.store import Store

DRIVER = """
import sys
from tunesmith.store.store import Store
from tunesmith.store.event import Draft

with Store.open(sys.argv[1]) as store:
    while True:
        size = 1 + store.last_sequence % 3
        events = store.append(*(
            Draft(kind="measured", trial=part, body={"of": size, "loss": "x" * 700})
            for part in range(size)
        ))
        print(events[-1].sequence, flush=True)
"""
KILLED_WHILE_CREATING = """
import os, sys
from tunesmith.store import files
from tunesmith.store.store import Store

build = files.build
files.build = lambda db, stamp: (build(db, stamp), os.kill(os.getpid(), 9))
Store.create(sys.argv[1])
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.study"


def files(path):
    return sorted(file.name for file in path.parent.iterdir())


def drafts(count):
    return [
        Draft(kind="measured", trial=n, body={"epoch": n, "loss": 1 / (n + 3), "note": "é" * n})
        for n in range(count)
    ]


@pytest.fixture
def study(path):
    """Close a study of 40 events, one of which is longer than two pages."""
    with Store.create(path) as store:
        store.append(*drafts(39), Draft(kind="noted", body={"text": "y" * 9001}))
    return path


def test_a_closed_study_is_one_file(study):
    """Events come back from the file, which is all that is left, in no mode that needs others."""
    assert files(study) == ["x.study"]
    with Store.read(study) as store:
        assert [draft.body for draft in drafts(39)] == [e.body for e in store.replay()][:39]
    with closing(sqlite3.connect(study)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_reading_leaves_no_trace(study):
    """A reader writes nothing, and nothing beside the file."""
    before = study.read_bytes()
    with Store.read(study) as store:
        assert store.last_sequence == 40
        with pytest.raises(StoreError, match=r"x.study' was opened to read: open it to write$"):
            store.append(Draft(kind="started"))
    assert study.read_bytes() == before
    assert files(study) == ["x.study"]


def test_readers_see_a_running_study(path):
    """A reader follows the driver without keeping it from writing, or from closing."""
    with Store.create(path) as store, Store.read(path) as reader:
        store.append(*drafts(5))
        assert [event.trial for event in reader.replay()] == [0, 1, 2, 3, 4]
        store.append(*drafts(3))
        assert [event.trial for event in reader.replay(after=5)] == [0, 1, 2]
        store.close()
        assert reader.last_sequence == 8
    with Store.open(path) as store:
        assert store.last_sequence == 8
    assert files(path) == ["x.study"]


def test_a_study_is_as_durable_as_can_be(path):
    """A commit is on the disk when append returns, and only we say when to checkpoint."""
    with Store.create(path) as store:
        settings = [
            store._db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "wal_autocheckpoint", "mmap_size")
        ]
        assert settings == [b"wal", 2, 0, 0]


def test_checkpoints_keep_the_wal_short(path, monkeypatch):
    """Of 90 appends with a checkpoint after every 7th, the -wal never holds more than 8."""
    monkeypatch.setattr(module, "CHECKPOINT_EVERY", 7)
    with Store.create(path) as store:
        sizes = []
        for _ in range(90):
            store.append(Draft(kind="noted", body={"text": "z" * 5000}))
            sizes.append(path.with_name("x.study-wal").stat().st_size)
        assert max(sizes) < 8 * 6 * 4200
        assert path.stat().st_size > 80 * 5000


@pytest.mark.parametrize("start", [Store.open, Store.read], ids=["open", "read"])
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("x.study", "no study '{}' here: check the name, or start a study first"),
        ("no/x.study", "no study '{}' here: check the name, or start a study first"),
        ("", "'{}' is a folder: give the name of a study file"),
    ],
)
def test_nothing_to_open(tmp_path, start, name, message):
    """What is not there is named, and nothing is left there."""
    path = tmp_path / name
    with pytest.raises(StoreError) as caught:
        start(path)
    assert str(caught.value) == message.format(path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("start", [Store.open, Store.read], ids=["open", "read"])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a",
        b"SQLite format 3\x00",
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(9000),
        b"a,b\n",
    ],
    ids=["empty", "one byte", "magic only", "jpeg", "csv"],
)
def test_other_files(path, start, content):
    """What tunesmith did not write is refused and stays as it is."""
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        start(path)
    assert str(caught.value) == (
        f"'{path}' is not a study file: give the name of one that tunesmith wrote"
    )
    assert path.read_bytes() == content
    assert files(path) == ["x.study"]


def test_a_study_of_a_newer_version(study):
    """The message says which schema, and stays a refusal: nothing is written."""
    with closing(sqlite3.connect(study)) as db:
        db.execute("PRAGMA user_version = 7")
    with pytest.raises(StoreError, match=r"written by a newer tunesmith \(schema 7, this one"):
        Store.open(study)


def test_a_study_is_not_started_twice(study):
    """What is there is not overwritten."""
    before = study.read_bytes()
    with pytest.raises(StoreError) as caught:
        Store.create(study)
    assert str(caught.value) == (
        f"'{study}' exists already: open it to go on, or choose another name"
    )
    assert study.read_bytes() == before
    assert files(study) == ["x.study"]


@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
def test_leftovers_of_a_study_that_is_gone(path, suffix):
    """SQLite would take another study's -wal for a part of the new one; it may hold results."""
    leftover = path.with_name(f"x.study{suffix}")
    leftover.write_bytes(b"left")
    with pytest.raises(StoreError) as caught:
        Store.create(path)
    assert str(caught.value) == (
        f"'{path}{suffix}' is left from a study that is gone: put that back beside it, or delete it"
    )
    assert files(path) == [leftover.name]


def test_no_folder(tmp_path):
    """The folder is named."""
    path = tmp_path / "no" / "x.study"
    with pytest.raises(FileError) as caught:
        Store.create(path)
    assert (
        str(caught.value) == f"no folder '{path.parent}' for '{path}': make it, or choose another"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("start", [Store.create, Store.open, Store.read])
def test_a_name_the_system_refuses(tmp_path, start):
    """Too long a name is an error of ours and leaves nothing."""
    with pytest.raises(FileError, match="File name too long"):
        start(tmp_path / ("x" * 300))
    assert list(tmp_path.iterdir()) == []


def test_a_start_that_fails_leaves_nothing(path, monkeypatch):
    """A disk full in the middle of creating: no file, no lock, and the next start works."""

    def full(db, stamp):
        db.execute("PRAGMA max_page_count = 1")
        db.execute("CREATE TABLE t (a INTEGER)")

    monkeypatch.setattr(module_files, "build", full)
    with pytest.raises(StoreError, match="the disk is full"):
        Store.create(path)
    assert files(path) == []
    monkeypatch.undo()
    with Store.create(path) as store:
        assert store.last_sequence == 0


def test_killed_while_creating(path):
    """There is no half study: the next start clears up and begins."""
    done = subprocess.run([sys.executable, "-c", KILLED_WHILE_CREATING, path], check=False)
    assert done.returncode == -signal.SIGKILL
    assert "x.study" not in files(path)
    assert "x.study-new" in files(path)
    Store.create(path).close()
    assert files(path) == ["x.study"]


def test_killed_before_the_first_event(path):
    """A study without events opens as one, to write and to read."""
    Store.create(path).close()
    with Store.read(path) as store:
        assert list(store.replay()) == []
    with Store.open(path) as store:
        assert [event.sequence for event in store.append(Draft(kind="started"))] == [1]


def test_a_full_disk(path):
    """The message names the file and what is safe; with space again, the study goes on."""
    with Store.create(path) as store:
        store.append(*drafts(5))
        ((pages,),) = store._db.execute("PRAGMA page_count")
        store._db.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError) as caught:
            store.append(Draft(kind="noted"), Draft(kind="noted", body={"text": "z" * 20_000}))
        assert str(caught.value) == (
            f"the disk is full and '{path}' cannot grow: what was saved before is safe, "
            "free some space and go on"
        )
        assert store.last_sequence == 5
        store._db.execute("PRAGMA max_page_count = 10000")
        assert [event.sequence for event in store.append(*drafts(2))] == [6, 7]
    with Store.read(path) as store:
        assert [event.trial for event in store.replay()] == [0, 1, 2, 3, 4, 0, 1]


def test_of_many_that_start_one_runs(path):
    """Eight start at one moment: one runs the study, seven are told so."""
    gate, outcomes = threading.Barrier(8), []

    def start():
        gate.wait()
        try:
            outcomes.append(Store.create(path))
        except StoreBusy as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (store,) = (outcome for outcome in outcomes if isinstance(outcome, Store))
    store.append(Draft(kind="started"))
    store.close()
    refusals = [outcome for outcome in outcomes if isinstance(outcome, str)]
    assert len(refusals) == 7
    assert all(text.startswith(f"{path} is already being run by pid") for text in refusals)
    assert files(path) == ["x.study"]


def test_one_lock_by_whatever_name(study):
    """A link to a study leads to the same lock, and to the same study."""
    link = study.with_name("link.study")
    link.symlink_to(study)
    with Store.open(link) as store:
        assert store.last_sequence == 40
        with pytest.raises(StoreBusy):
            Store.open(study)
    assert files(study) == ["link.study", "x.study"]


def test_a_refused_study_is_not_locked(study):
    """What cannot be opened can be opened after it was mended."""
    good = study.read_bytes()
    study.write_bytes(good[:-4096])
    with pytest.raises(StoreError, match="is damaged"):
        Store.open(study)
    study.write_bytes(good)
    Store.open(study).close()


def test_threads_take_turns(path):
    """One thread may open, another write, a third close."""
    stores = [Store.create(path)]
    turns = [
        lambda: stores[0].append(Draft(kind="started")),
        lambda: stores[0].close(),
    ]
    for turn in turns:
        thread = threading.Thread(target=turn)
        thread.start()
        thread.join()
    with Store.open(path) as store:
        assert store.last_sequence == 1


def test_a_forked_child_is_refused(path):
    """A child uses nothing of its parent's, and its end takes nothing from it."""
    with Store.create(path) as store:
        store.append(Draft(kind="started"))
        told, tell = os.pipe()
        if (child := os.fork()) == 0:
            try:
                store.close()
                store.append(Draft(kind="wrong"))
            except StoreError as error:
                os.write(tell, str(error).encode())
            finally:
                os._exit(0)
        os.close(tell)
        os.waitpid(child, 0)
        assert os.read(told, 1000).decode() == (
            f"'{path}' was opened by process {os.getpid()} and cannot be used in its forked child "
            f"{child}: let process {os.getpid()} write, or spawn instead"
        )
        os.close(told)
        with pytest.raises(StoreBusy):
            Store.open(path)
        assert [event.sequence for event in store.append(Draft(kind="ended"))] == [2]


def test_killed_at_any_moment(path):
    """After kill -9 no acknowledged event is lost, none is missing, and the next may drive."""
    delays = rng.stream(3, "kill").uniform(0.0, 0.08, size=5)
    Store.create(path).close()
    for delay in delays:
        driver = subprocess.Popen(
            [sys.executable, "-c", DRIVER, path], stdout=subprocess.PIPE, text=True
        )
        first = driver.stdout.readline()
        with pytest.raises(StoreBusy, match=f"already being run by pid {driver.pid} since"):
            Store.open(path)
        time.sleep(delay)
        driver.kill()
        printed = first + driver.stdout.read()
        driver.stdout.close()
        assert driver.wait() == -signal.SIGKILL
        assert "x.study-wal" in files(path)
        before = path.read_bytes(), path.with_name("x.study-wal").read_bytes()
        with Store.read(path) as reader:
            read = reader.last_sequence
        assert before == (path.read_bytes(), path.with_name("x.study-wal").read_bytes())
        began = time.thread_time()
        with Store.open(path) as store:
            assert time.thread_time() - began < 1
            events = list(store.replay())
        acknowledged = int(printed[: printed.rindex("\n")].split()[-1])
        assert len(events) == read >= acknowledged
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        assert events[-1].trial == events[-1].body["of"] - 1, "an append was torn"
    assert files(path) == ["x.study"]


# --- damage -------------------------------------------------------------------------------------


def outcome(start, path):
    """Return the events of a study as text, or None where it is refused."""
    try:
        with start(path) as store:
            return repr(list(store.replay()))
    except StoreError:
        return None


@pytest.mark.parametrize("start", [Store.open, Store.read], ids=["open", "read"])
def test_a_truncated_file(study, start):
    """Cut off anywhere, a study is refused: its last events would be missing."""
    whole = study.read_bytes()
    assert outcome(start, study) is not None
    cuts = {*range(0, len(whole), 512), 1, 15, 99, 101, 4095, 4097, len(whole) - 1}
    for cut in sorted(cuts):
        study.write_bytes(whole[:cut])
        assert outcome(start, study) is None, cut


@pytest.mark.parametrize("start", [Store.open, Store.read], ids=["open", "read"])
def test_flipped_bits(study, start):
    """One bit flipped anywhere: the right events or a refusal, never other events."""
    whole = study.read_bytes()
    right = outcome(start, study)
    bits = rng.stream(5, "flip").integers(0, 8 * len(whole), size=200)
    header = rng.stream(7, "flip").integers(0, 8 * 200, size=40)
    seen = set()
    for bit in [*bits.tolist(), *header.tolist()]:
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        study.write_bytes(flipped)
        found = outcome(start, study)
        assert found in (right, None), bit
        seen.add(found)
        for leftover in study.parent.glob("x.study-*"):
            leftover.unlink()
    assert seen == {right, None}


def test_a_damaged_page_is_found_before_anything_is_written(study):
    """An opening that is refused leaves the file as it was, to be salvaged."""
    damaged = bytearray(study.read_bytes())
    damaged[4096:8192] = bytes(4096)
    study.write_bytes(damaged)
    with pytest.raises(StoreError, match=r"x.study' is damaged \(.+\): tunesmith doctor"):
        Store.open(study)
    assert study.read_bytes() == damaged
    assert files(study) == ["x.study"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            "UPDATE event SET body = replace(body, '11', '12') WHERE sequence = 12",
            "event 12: it does not match its checksum",
        ),
        ("UPDATE event SET trial = NULL WHERE sequence = 3", "event 3: it does not match"),
        ("UPDATE event SET crc = crc + 1 WHERE sequence = 40", "event 40: it does not match"),
        ("DELETE FROM event WHERE sequence = 7", "event 7 is missing"),
        ("DELETE FROM event WHERE sequence < 3", "event 1 is missing"),
        ("UPDATE event SET sequence = 9223372036854775807 WHERE sequence = 40", "event 40 is miss"),
    ],
)
def test_changed_rows(study, change, message):
    """The event at fault is named; those before it are right."""
    with closing(sqlite3.connect(study)) as db:
        db.execute(change)
        db.commit()
    with Store.open(study) as store:
        with pytest.raises(StoreError) as caught:
            list(store.replay())
        assert str(caught.value).startswith(f"'{study}' is damaged ({message}")
        assert str(caught.value).endswith(
            "): tunesmith doctor --repair writes what is whole to a new file, or restore it from "
            "a copy"
        )


def test_no_event_after_the_last_number(study):
    """A made-up last number leaves no room: an error of ours, not of Python's integers."""
    with closing(sqlite3.connect(study)) as db:
        db.execute("UPDATE event SET sequence = 9223372036854775807 WHERE sequence = 40")
        db.commit()
    with Store.open(study) as store, pytest.raises(StoreError, match="is damaged"):
        store.append(Draft(kind="noted"))


def test_a_wal_cut_short_holds_whole_appends(path, tmp_path):
    """A torn -wal gives the study of an earlier moment: whole appends, none of them changed."""
    with Store.create(path) as store:
        for size in (3, 5, 7):
            store.append(*drafts(size))
        right = repr(list(store.replay()))
        copy = tmp_path / "copy"
        copy.mkdir()
        wal = path.with_name("x.study-wal").read_bytes()
        counts = set()
        for cut in range(len(wal), 0, -1000):
            shutil.copy(path, copy / "x.study")
            (copy / "x.study-wal").write_bytes(wal[:cut])
            with Store.open(copy / "x.study") as torn:
                events = list(torn.replay())
            assert right.startswith(repr(events)[:-1])
            counts.add(len(events))
    assert counts == {15, 8, 3, 0}


def test_a_study_read_before_is_read_on(path, monkeypatch):
    """What was appended is read and checked; the pages of what was read before are not."""
    looked = []
    check = module_files.check
    monkeypatch.setattr(module_files, "check", lambda *file: looked.append(file) or check(*file))
    with Store.create(path) as writer:
        writer.append(*drafts(5))
        with Store.read(path) as reader:
            stamp = reader.stamp
        writer.append(*drafts(7))
        looked.clear()
        with Store.read_on(path) as reader:
            assert [event.sequence for event in reader.replay(after=5)] == list(range(6, 13))
            assert (reader.last_sequence, reader.stamp) == (12, stamp)
        assert looked == []
    with Store.create(path.with_name("y.study")) as other:
        assert other.stamp != stamp


def test_an_event_that_is_read_on_is_checked(path):
    """One that is not as it was written is named."""
    with Store.create(path) as writer:
        writer.append(*drafts(5))
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE event SET trial = 9 WHERE sequence = 5")
    with Store.read_on(path) as reader:
        assert len(list(reader.replay(after=9))) == 0
        with pytest.raises(StoreError, match="event 5"):
            list(reader.replay(after=3))
