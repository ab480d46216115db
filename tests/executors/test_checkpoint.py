"""A trial's folder is what it was when its training began, however often that is cut."""

import errno
import os
import socket
from pathlib import Path

import pytest
from tests.contracts.executor_contract import task_of

from tunesmith.errors import FileError
from tunesmith.executors import checkpoint
from tunesmith.executors.checkpoint import as_it_was, uncopied
from tunesmith.executors.protocol import Outcome
from tunesmith.trial import Measurement, State


def texts(folder):
    """Return what the files of a folder hold."""
    return {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*.txt")}


def train(folder, text):
    """Leave a file, and one in a folder of its own."""
    (folder / "deep").mkdir(parents=True, exist_ok=True)
    for name in ("model.txt", "deep/state.txt"):
        (folder / name).write_text(text)


def left(text):
    return {"model.txt": text, "deep/state.txt": text}


def test_a_new_trial_finds_nothing(tmp_path):
    """What an attempt left that did not end is gone; where there was none nothing is made."""
    folder = tmp_path / "trial-5"
    as_it_was(folder, 0)
    assert list(tmp_path.iterdir()) == []
    train(folder, "half")
    as_it_was(folder, 0)
    assert list(tmp_path.iterdir()) == []


def test_a_training_cut_again_and_again_begins_at_the_same_place(tmp_path):
    """Three attempts at epochs 3 to 9, and then on from there: each finds what it should."""
    folder = tmp_path / "trial-5"
    train(folder, "after 3")
    for attempt in range(3):
        as_it_was(folder, 3)
        assert texts(folder) == left("after 3")
        train(folder, f"cut {attempt}")
        (folder / "more.txt").touch()
    as_it_was(folder, 3)
    train(folder, "after 9")
    for attempt in range(2):
        as_it_was(folder, 9)
        assert texts(folder) == left("after 9")
        train(folder, f"cut {attempt}")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["trial-5", "trial-5.from-9"]


def test_a_copy_that_was_cut_does_not_count(tmp_path, monkeypatch):
    """The folder itself is whole then, and is copied again."""
    folder = tmp_path / "trial-5"
    train(folder, "after 3")

    def cut(source, target):
        target.touch()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "copy2", cut)
        with pytest.raises(KeyboardInterrupt):
            as_it_was(folder, 3)
    as_it_was(folder, 3)
    assert texts(folder) == left("after 3")
    assert texts(tmp_path / "trial-5.from-3") == left("after 3")


def test_other_trials_are_let_alone(tmp_path):
    """Trial 1 is not trial 12."""
    for number in (1, 12):
        train(tmp_path / f"trial-{number}", f"of {number}")
        as_it_was(tmp_path / f"trial-{number}", 3)
    as_it_was(tmp_path / "trial-1", 9)
    assert texts(tmp_path / "trial-12.from-3") == left("of 12")


def test_a_function_that_saves_nothing_has_nothing(tmp_path):
    """It is the function's affair what it does then."""
    as_it_was(tmp_path / "trial-5", 3)
    assert list(tmp_path.iterdir()) == []


def test_a_training_that_began_without_a_copy_begins_at_its_first_epoch(tmp_path):
    """It began with nothing, or was cut before it began: what lies there is of no known epoch."""
    folder = tmp_path / "trial-5"
    train(folder, "after 5 of 3 to 9")
    as_it_was(folder, 3, again=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("trained", "again"), [(0, False), (0, True), (1, False), (1, True)])
def test_a_folder_that_is_ahead_is_not_used(tmp_path, trained, again):
    """A study that was restored from a backup finds nothing that it knows nothing of."""
    folder = tmp_path / "trial-5"
    train(folder, "after 3")
    as_it_was(folder, 3)
    train(folder, "after 7")
    as_it_was(folder, trained, again=again)
    assert list(tmp_path.iterdir()) == []


def test_links_stay_links_and_special_files_are_left_out(tmp_path):
    """Wherever they lead: into nothing, in a circle, to a folder above."""
    folder, links = tmp_path / "trial-5", {"gone": "epoch-1", "round": "round", "up": ".."}
    train(folder, "after 3")
    for name, target in links.items():
        (folder / "deep" / name).symlink_to(target)
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(os.path.relpath(folder / "deep" / "socket"))
        as_it_was(folder, 3)
    (folder / "deep" / "gone").unlink()
    as_it_was(folder, 3)
    assert {name: (folder / "deep" / name).readlink().as_posix() for name in links} == links
    assert sorted(path.name for path in folder.rglob("*")) == sorted(
        [*links, "deep", "model.txt", "state.txt"]
    )
    assert texts(folder) == left("after 3")


@pytest.mark.parametrize("target", ["elsewhere", "nowhere"])
def test_a_folder_that_was_replaced_by_a_link(tmp_path, target):
    """What it leads to is copied, and never removed."""
    train(tmp_path / "elsewhere", "after 3")
    folder = tmp_path / "trial-5"
    folder.symlink_to(target)
    as_it_was(folder, 3)
    as_it_was(folder, 3, again=True)
    assert texts(folder) == (left("after 3") if target == "elsewhere" else {})
    as_it_was(folder, 0)
    assert texts(tmp_path / "elsewhere") == left("after 3")
    assert [path.name for path in tmp_path.iterdir()] == ["elsewhere"]


@pytest.mark.parametrize("name", ["", ".", "/", "models", "trial-", "trial-x", "5", "my trial-5"])
def test_only_a_trials_folder_is_ever_removed(tmp_path, monkeypatch, name):
    """Whatever went wrong before: a folder that is not named after a trial is left as it is."""
    inside = tmp_path / "models"
    train(inside, "precious")
    monkeypatch.chdir(inside)
    with pytest.raises(ValueError, match="is no trial's folder"):
        as_it_was(Path(name), 0)
    assert texts(inside) == left("precious")


@pytest.mark.parametrize("state", State)
def test_a_folder_that_cannot_be_copied_back(tmp_path, state):
    """The training has failed if something could have gone on from it; what it measured stays."""
    task, measured = task_of(5, tmp_path), (Measurement(1, {"loss": 0.7}),)
    outcome = Outcome(number=5, state=state, measurements=measured, reason="")
    after = uncopied(task, OSError(errno.EIO, "no luck", str(tmp_path / "weights")), outcome)
    assert (after.number, after.measurements) == (5, measured)
    if state is State.DONE:
        assert after.state is State.FAILED
        assert after.reason == "its checkpoint cannot be copied (no luck: 'weights')"
    else:
        assert after == outcome


def test_a_full_disk_is_the_fault_of_no_trial(tmp_path):
    """The run ends, and goes on when there is space."""
    with pytest.raises(FileError, match=r"^the checkpoint of trial 5 cannot be copied \(full: "):
        uncopied(task_of(5, tmp_path), OSError(errno.ENOSPC, "full"))
