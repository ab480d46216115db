"""One driver per study."""

import fcntl
import os
import threading
from datetime import datetime

import pytest
from filelock import FileLock, Timeout

from tunesmith.errors import FileError, StoreBusy
from tunesmith.store.lock import release, take


@pytest.fixture
def study(tmp_path):
    return tmp_path / "digits.study"


def test_the_second_learns_who_is_first(study):
    """The message names the process and the minute it began."""
    before = datetime.now()
    lock = take(study, "digits.study")
    after = datetime.now()
    with pytest.raises(StoreBusy) as caught:
        take(study, "digits.study")
    assert str(caught.value) in {
        f"digits.study is already being run by pid {os.getpid()} since {moment:%H:%M}; "
        "wait until it ends, or stop it there"
        for moment in (before, after)
    }
    release(lock)
    release(take(study, "digits.study"))


def test_nothing_is_left(study):
    """A released lock leaves no file."""
    release(take(study, "digits.study"))
    assert list(study.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "who"),
    [
        (b"", "another process"),
        (b"\xff\xfe" * 5000, "another process"),
        (b"4711", "another process"),
        (b"4711 2024-02-29 12:03\n", "pid 4711 since 2024-02-29 12:03"),
    ],
)
def test_what_the_lock_file_says(study, text, who):
    """An unreadable holder is "another process"; one from another day has its date."""
    lock = take(study, "digits.study")
    study.with_suffix(".study.lock").write_bytes(text)
    with pytest.raises(StoreBusy, match=f"^digits.study is already being run by {who}; wait"):
        take(study, "digits.study")
    release(lock)


def test_a_lock_file_that_is_gone(study, monkeypatch):
    """The holder's file may vanish between the refusal and the reading of it."""

    def refuse(self):
        raise Timeout(self.lock_file)

    monkeypatch.setattr(FileLock, "acquire", refuse)
    with pytest.raises(StoreBusy, match="already being run by another process; wait"):
        take(study, "digits.study")


def test_a_lock_file_left_by_a_dead_driver(study):
    """Its file says 4711, but the kernel knows better."""
    study.with_suffix(".study.lock").write_text("4711 2024-02-29 12:03\n")
    release(take(study, "digits.study"))


def test_a_folder_that_cannot_be_written_in(study, monkeypatch):
    """The message names the folder and what to do."""

    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(FileLock, "acquire", refuse)
    with pytest.raises(FileError) as caught:
        take(study, "digits.study")
    assert str(caught.value) == (
        f"cannot write in the folder '{study.parent}' (Permission denied): "
        "check its permissions, or choose another folder"
    )


def test_the_system_refuses_the_lock_file(study):
    """A folder stands where the lock file should: an error of ours, and the folder stays."""
    study.with_suffix(".study.lock").mkdir()
    with pytest.raises(FileError, match="cannot write in the folder"):
        take(study, "digits.study")
    assert [path.name for path in study.parent.iterdir()] == ["digits.study.lock"]


def test_another_thread_may_release(study):
    """The lock belongs to the process, not to the thread that took it."""
    lock = take(study, "digits.study")
    thread = threading.Thread(target=release, args=(lock,))
    thread.start()
    thread.join()
    assert not lock.is_locked
    release(take(study, "digits.study"))


def test_the_next_keeps_its_lock_file(study, monkeypatch):
    """Who takes the lock at the moment it is let go has a file that is not deleted."""
    let_go, following = FileLock.release, []

    def let_go_and_follow(lock):
        monkeypatch.undo()
        let_go(lock)
        following.append(take(study, "digits.study"))

    first = take(study, "digits.study")
    monkeypatch.setattr(FileLock, "release", let_go_and_follow)
    release(first)
    with pytest.raises(StoreBusy):
        take(study, "digits.study")
    release(following.pop())


def test_a_lock_on_a_deleted_file_is_none(study, monkeypatch):
    """Who opened the file before it was deleted, and locks it after, starts over with a new one."""
    first, lock_now = take(study, "digits.study"), fcntl.flock

    def too_late(descriptor, operation):
        monkeypatch.undo()
        release(first)
        lock_now(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", too_late)
    second = take(study, "digits.study")
    with pytest.raises(StoreBusy):
        take(study, "digits.study")
    release(second)


def test_locks_that_come_and_go_never_meet(study):
    """Threads take, hold and delete the one lock file; at no moment do two of them hold it."""
    holders, most, taken = [], [], []

    def drive():
        for _ in range(30):
            try:
                lock = take(study, "digits.study")
            except StoreBusy:
                continue
            holders.append(1)
            most.append(len(holders))
            taken.append(1)
            holders.pop()
            release(lock)

    threads = [threading.Thread(target=drive) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1
    assert len(taken) > 30
