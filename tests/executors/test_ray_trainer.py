"""What runs in a process of Ray's, called here."""

import errno
import pickle
import platform
import tempfile
import threading
from dataclasses import replace

from tests.contracts import objectives
from tests.contracts.executor_contract import task_of
from tests.waiting import until

from tunesmith.errors import FileError
from tunesmith.executors import ray_trainer
from tunesmith.executors.ray_trainer import Trainer
from tunesmith.trial import Config, State


def trainer(objective):
    one = Trainer()
    one.load(objective)
    return one


def test_files_come_and_go(tmp_path):
    """A training goes on from what came with its task, and gives back what it saved."""
    one, files = trainer(objectives.saving), {}
    for first, last in ((0, 2), (2, 5), (5, 7)):
        task = replace(task_of(5, tmp_path, trained=first, epochs=last), config=Config({"x": 0.7}))
        outcome, files = one.train(task, files)
        assert (outcome.state, outcome.reason) == (State.DONE, "")
        assert files == {"epochs": str(last).encode()}
    assert list(tmp_path.iterdir()) == []


def test_in_a_folder_that_all_see(tmp_path):
    """Nothing travels."""
    task = replace(task_of(5, tmp_path), config=Config({"x": 0.7}))
    assert trainer(objectives.saving).train(task, None)[1] == {}
    assert (tmp_path / "trial-5" / "epochs").read_text() == "3"


def test_ctrl_c_is_an_answer(tmp_path):
    """The driver raises it."""
    answer, _ = trainer(objectives.interrupt).train(task_of(5, tmp_path), None)
    assert isinstance(answer, KeyboardInterrupt)


def test_it_tells_and_stops_while_it_trains(tmp_path):
    """What was measured since; a training that should stop does so at its next epoch."""
    one, answers = trainer(objectives.train_slowly), []
    task = task_of(5, tmp_path, epochs=30_000)
    thread = threading.Thread(target=lambda: answers.append(one.train(task, None)))
    thread.start()
    assert until(lambda: len(one.measured(0)) >= 3)
    later = one.measured(2)
    assert later[0].epoch == 3
    one.stop()
    thread.join()
    assert (answers[0][0].state, answers[0][0].interrupted) == (State.STOPPED, True)


def test_files_that_cannot_be_written_fail_the_task(tmp_path):
    """The training is not called; a name may be too long on this machine."""
    outcome, files = trainer(objectives.train).train(task_of(5, tmp_path), {"n" * 300: b"1"})
    assert (outcome.number, outcome.state, outcome.measurements) == (5, State.FAILED, ())
    assert outcome.reason.startswith("its checkpoint cannot be copied (File name too long: 'nnn")
    assert files == {}


def test_files_that_cannot_be_read_fail_the_task(tmp_path, monkeypatch):
    """What was measured is kept, and the folder on this machine is removed."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    one = trainer(objectives.bury_once)
    outcome, files = one.train(task_of(1, tmp_path), {})
    assert (outcome.number, outcome.state, len(outcome.measurements)) == (1, State.FAILED, 3)
    assert outcome.reason.startswith("its checkpoint cannot be copied (File name too long: 'ddd")
    assert files == {}
    assert one.train(task_of(2, tmp_path), {})[0].state is State.DONE
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_of_this_machine_is_told(tmp_path, monkeypatch):
    """As an error for the driver to raise, which says where."""
    monkeypatch.setattr(ray_trainer, "unpack_folder", full)
    answer, _ = trainer(objectives.train).train(task_of(5, tmp_path), {"a": b"1"})
    assert isinstance(answer, FileError)
    assert str(answer).startswith(
        f"on {platform.node()}: the checkpoint of trial 5 cannot be copied (full: "
    )
    assert str(pickle.loads(pickle.dumps(answer))) == str(answer)


def test_ctrl_c_counts_for_more_than_the_folder(tmp_path, monkeypatch):
    """The driver raises it, whatever was left."""
    monkeypatch.setattr(ray_trainer, "packed_folder", full)
    answer, _ = trainer(objectives.interrupt).train(task_of(5, tmp_path), {})
    assert isinstance(answer, KeyboardInterrupt)


def full(*_):
    """Do as a disk without space."""
    raise OSError(errno.ENOSPC, "full")
