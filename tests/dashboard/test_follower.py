"""Following a study file: each look takes what was appended, whatever else became of the file."""

import os
import shutil
from dataclasses import replace

import pytest
from tests import large

from tunesmith.dashboard import follower as module
from tunesmith.dashboard.follower import Follower
from tunesmith.errors import StoreError
from tunesmith.ledger import question, read_ledger
from tunesmith.store.event import Draft
from tunesmith.store.store import Store

TRIALS = 23
RESULT = Draft(kind="result", body={"score": 0.7})


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.study"


@pytest.fixture
def study():
    return large.study_of(TRIALS, 3)


def digest(path):
    with Store.read(path) as store:
        return read_ledger(store.replay()).history.digest


def test_a_study_is_followed_as_it_grows(path, study, monkeypatch):
    """Each look knows what the file holds, the end too, and reads no event twice."""
    read = []
    replay = Store.replay
    monkeypatch.setattr(Store, "replay", lambda s, after=0: read.append(after) or replay(s, after))
    with Store.create(path) as store:
        store.append(question(study))
        followed = Follower(path)
        for first in range(0, TRIALS, 4):
            large.grow(store, study, first, min(TRIALS, first + 4))
            followed.look()
            assert len(followed.reading.history.trials) == min(TRIALS, first + 4)
            assert followed.reading.sequence == store.last_sequence
            assert not followed.reading.history.finished
        store.append(large.finish(TRIALS))
    followed.look()
    assert read == sorted(set(read))
    assert followed.reading.history.finished
    assert followed.reading.history.digest == digest(path)
    assert len(followed.reading.moments) == TRIALS
    assert followed.readings == 1


def test_a_look_leaves_nothing_open(path, study):
    """The driver ends with one file, as without a follower."""
    with Store.create(path) as store:
        store.append(question(study))
        followed = Follower(path)
        large.grow(store, study, 0, 5)
        followed.look()
    assert sorted(file.name for file in path.parent.iterdir()) == ["x.study"]


def test_a_file_that_does_not_change_is_not_opened(path, monkeypatch):
    """But for one more look: two changes may bear the same time."""
    large.write(path, trials=5, epochs=2)
    followed = Follower(path)
    opened = []
    read_on = Store.read_on
    monkeypatch.setattr(Store, "read_on", lambda path: opened.append(path) or read_on(path))
    for _ in range(7):
        followed.look()
    assert len(opened) == 2


def test_two_changes_in_one_tick_are_both_seen(path, study, monkeypatch):
    """A commit that leaves the marks as they are is found by the look that follows."""
    with Store.create(path) as store:
        store.append(question(study))
        monkeypatch.setattr(module, "_marks", lambda path: ((1, 2, 3), None, None))
        followed = Follower(path)
        large.grow(store, study, 0, 2)
        followed.look()
        large.grow(store, study, 2, 3)
        followed.look()
        assert len(followed.reading.history.trials) == 3


def test_the_result_is_told(path, study):
    """What `tunesmith fit` stores after the end."""
    large.write(path, trials=TRIALS, epochs=3)
    followed = Follower(path)
    assert followed.reading.result is None
    with Store.open(path) as store:
        store.append(RESULT)
    followed.look()
    assert followed.reading.result == {"score": 0.7}
    assert followed.readings == 1


def test_whoever_goes_on_after_an_interrupt_is_followed(path):
    """Outcomes stored on Ctrl-C were not seen by the search: who goes on decides before they are.

    Trial 1 ends at epoch 9 of the virtual clock, and trial 2, started at 3, ends before it.
    """
    study = replace(large.study_of(TRIALS, 9), slots=2)

    def start(number, epochs, taken):
        body = {"config": study.space.decode([0.3] * 5), "epochs": epochs, "origin": "anywhere"}
        return Draft(kind="start", trial=number, body=body | {"taken": taken})

    def outcome(number, epochs):
        measured = [[epoch, {"accuracy": 0.3}] for epoch in range(1, epochs + 1)]
        body = {"state": "done", "reason": "", "seconds": 0.1, "measurements": measured}
        return Draft(kind="outcome", trial=number, body=body | {"driven": 0.3})

    with Store.create(path) as store:
        store.append(question(study), start(0, 3, 0), start(1, 9, 0))
        store.append(outcome(0, 3), outcome(1, 9))
        followed = Follower(path)
        assert [e.number for e in followed.reading.history.endings] == [0, 1]
        store.append(start(2, 1, 1))
        followed.look()
        store.append(outcome(2, 1), start(3, 1, 2))
        store.append(outcome(3, 1))
        followed.look()
        assert [e.number for e in followed.reading.history.endings] == [0, 2, 3, 1]
        assert followed.reading.history.digest == digest(path)


def test_another_study_in_its_place_is_read_anew(path, tmp_path):
    """Also one that is longer: it is known by its stamp."""
    large.write(path, trials=5, epochs=2)
    followed = Follower(path)
    other = tmp_path / "y.study"
    large.write(other, trials=7, epochs=2)
    other.replace(path)
    followed.look()
    assert followed.readings == 2
    assert len(followed.reading.history.trials) == 7


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda path: path.unlink(), "is no longer there: put it back"),
        (lambda path: path.write_bytes(b""), "is not a study file"),
        (lambda path: path.write_bytes(b"GIF89a" * 999), "is not a study file"),
        (lambda path: (path.unlink(), path.mkdir()), "is a folder"),
        (lambda path: os.truncate(path, 5000), "is damaged"),
    ],
    ids=["removed", "emptied", "another file", "a folder", "cut off"],
)
def test_what_is_at_fault_is_said_and_looked_at_again(path, tmp_path, change, words):
    """One sentence at every look, what was read stays; put back, it is followed as before."""
    large.write(path, trials=5, epochs=2)
    followed = Follower(path)
    copy = tmp_path / "copy"
    shutil.copyfile(path, copy)
    change(path)
    for _ in range(4):
        with pytest.raises(StoreError, match=words) as said:
            followed.look()
        assert "\n" not in str(said.value)
        assert len(followed.reading.history.trials) == 5
    if path.is_dir():
        path.rmdir()
    copy.replace(path)
    followed.look()
    with Store.open(path) as store:
        store.append(RESULT)
    followed.look()
    assert followed.reading.result == {"score": 0.7}


def test_events_that_make_no_sense_are_said(path, study):
    """A trial twice: the sentence names the event, at every look, and nothing half is shown."""
    with Store.create(path) as store:
        store.append(question(study))
        large.grow(store, study, 0, 3)
        followed = Follower(path)
        large.grow(store, study, 3, 4)
        large.grow(store, study, 1, 2)
        for _ in range(3):
            with pytest.raises(StoreError, match=r"event 10 \(start\) does not follow"):
                followed.look()


def test_no_file_is_said_at_once(path):
    """One sentence, in the words of the store."""
    with pytest.raises(StoreError, match="no study"):
        Follower(path)
