"""What Ray is asked for, as far as can be told without it.

That studies run there is in tests/integrations.
"""

import errno
import sys
from dataclasses import replace
from unittest.mock import Mock

import pytest
from tests.contracts.executor_contract import task_of
from tests.contracts.objectives import bury, bury_once, saving, train
from tests.executors.ray_in_process import ray_in_process
from tests.waiting import PATIENCE

import tunesmith as ts
from tunesmith.errors import FileError, StudyError
from tunesmith.executors.limits import Limits
from tunesmith.executors.ray import Ray, RayExecutor
from tunesmith.trial import Config, State

SPACE = ts.Space(x=ts.Float(0.3, 2.7))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"cpus": -1}, "cpus must be a number of 0 or more, got -1"),
        ({"gpus": "one"}, "gpus must be a number of 0 or more, got 'one'"),
        ({"cpus": True}, "cpus must be a number of 0 or more, got True"),
        ({"resources": {"TPX": float("nan")}}, "TPX must be a number of 0 or more, got nan"),
        ({"address": 6379}, "the address of a cluster is a text, got 6379"),
    ],
    ids=str,
)
def test_what_cannot_be_asked(arguments, sentence):
    """One sentence with the value."""
    with pytest.raises(StudyError) as caught:
        Ray(**arguments)
    assert str(caught.value) == sentence


def test_what_a_training_takes():
    """By Ray's own names."""
    wanted = Ray(cpus=0.5, gpus=2, resources={"TPX": 3}).wanted
    assert wanted == {"CPU": 0.5, "GPU": 2, "TPX": 3}


def test_memory_is_for_ray_to_watch():
    """Said before anything is started."""
    with pytest.raises(StudyError) as caught:
        RayExecutor(train, 1, Ray(), Limits(gigabytes=1.5))
    assert str(caught.value) == (
        "trial_gigabytes=1.5 is not for Ray, which watches over the memory of its nodes itself: "
        "leave it out, or use executor='processes'"
    )


@pytest.mark.parametrize("executor", ["ray", Ray(gpus=1)], ids=["by name", "with settings"])
def test_where_there_is_no_ray(monkeypatch, tmp_path, executor):
    """A sentence with the command that brings it, before a file is made."""
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(StudyError) as caught:
        ts.tune(train, SPACE, trials=3, executor=executor, store=tmp_path / "x.study")
    assert str(caught.value).startswith("Ray cannot be loaded (")
    assert str(caught.value).endswith(
        "): pip install 'tunesmith[ray]', or use executor='processes'"
    )
    assert list(tmp_path.iterdir()) == []


# --- folders that cannot travel -------------------------------------------------------------------


@pytest.fixture
def travelling(monkeypatch):
    """Return an executor of one worker whose folders travel, without a cluster."""
    monkeypatch.setitem(sys.modules, "ray", ray_in_process())
    return RayExecutor(bury_once, 1, Ray())


def outcomes(executor, *tasks):
    """Return what comes of tasks, in order."""
    with executor:
        for task in tasks:
            executor.submit(task)
        return [executor.next_outcome(PATIENCE) for _ in tasks]


def test_a_folder_that_cannot_be_sent_fails_its_trial_alone(travelling, tmp_path):
    """Its worker trains the others; the study goes on."""
    bury(tmp_path / "trial-5")
    tasks = [task_of(n, tmp_path, trained=n == 5) for n in (3, 5, 7)]
    ends = {outcome.number: outcome for outcome in outcomes(travelling, *tasks)}
    assert {n: end.state for n, end in ends.items()} == {
        3: State.DONE,
        5: State.FAILED,
        7: State.DONE,
    }
    assert ends[5].reason.startswith("its checkpoint cannot be copied (File name too long: 'ddd")
    assert (tmp_path / "trial-5").is_dir()


def test_a_folder_that_cannot_be_read_where_it_was_trained(travelling, tmp_path):
    """No worker counts as lost: the trial is not trained again."""
    first, second = outcomes(travelling, task_of(1, tmp_path), task_of(2, tmp_path))
    assert (first.state, len(first.measurements)) == (State.FAILED, 3)
    assert first.reason.startswith("its checkpoint cannot be copied (File name too long: 'ddd")
    assert (second.number, second.state) == (2, State.DONE)


def test_a_folder_that_cannot_be_written_here(travelling, tmp_path):
    """As where a file stands in the way of the study's folder."""
    (tmp_path / "x.work").touch()
    one, other = task_of(3, tmp_path / "x.work"), task_of(5, tmp_path)
    travelling._objective.value = saving
    one, other = (replace(t, config=Config({"x": 0.7})) for t in (one, other))
    first, second = outcomes(travelling, one, other)
    assert (first.state, len(first.measurements)) == (State.FAILED, 3)
    assert first.reason.startswith("its checkpoint cannot be copied (")
    assert (second.number, second.state) == (5, State.DONE)


def test_a_full_disk_ends_the_run(travelling, tmp_path, monkeypatch):
    """One sentence; the trial has not failed, and nothing is left running."""
    full = OSError(errno.ENOSPC, "full")
    monkeypatch.setattr("tunesmith.executors.ray_worker.unpack_folder", Mock(side_effect=full))
    with pytest.raises(FileError, match=r"free some space, and the same call goes on$"):
        outcomes(travelling, task_of(3, tmp_path))
    assert travelling._crew == []
