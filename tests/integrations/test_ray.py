"""Ray on this machine: the same studies, whatever happens to its processes."""

import os
import signal
import threading
import time
from contextlib import suppress
from dataclasses import replace
from ipaddress import ip_address

import psutil
import pytest
from tests.chaos import perils
from tests.contracts import objectives
from tests.contracts.executor_contract import ExecutorContract, task_of

import tunesmith as ts
from tunesmith.errors import ObjectiveError, StudyError
from tunesmith.executors.limits import Limits
from tunesmith.executors.ray import Ray, RayExecutor
from tunesmith.executors.ray_cluster import connect
from tunesmith.trial import Config, State

ray = pytest.importorskip("ray")

SPACE = ts.Space(x=ts.Float(0.3, 2.7), n=ts.Int(3, 17))


@pytest.fixture(scope="module", autouse=True)
def _cluster():
    """Start Ray once, as an executor would; those of the tests find it running."""
    assert connect(None)
    yield
    ray.shutdown()


class TestRayExecutor(ExecutorContract):
    def executor(self, objective, workers):
        return RayExecutor(objective, workers, Ray(cpus=0.2))  # several at once have room


def tuned(objective, trials, **more):
    return ts.tune(objective, SPACE, trials=trials, epochs=3, seed=7, **more)


def outcome_of(objective, folder, where=Ray(), *, limits=None, **task):  # noqa: B008  frozen
    with RayExecutor(objective, 1, where, limits) as executor:
        executor.submit(task_of(5, folder, **task))
        return executor.next_outcome(60)


# --- nobody else reaches it -----------------------------------------------------------------------


def test_nothing_listens_to_the_network():
    """Of all its processes none has a port that another machine could reach."""
    places = []
    for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
        with suppress(psutil.NoSuchProcess):  # a worker of the test before
            places += process.net_connections(kind="inet")
    places = [place.laddr.ip for place in places if place.status == psutil.CONN_LISTEN]
    assert len(places) > 3
    plain = [ip_address(place.removeprefix("::ffff:")) for place in places]
    assert [place for place in plain if not place.is_loopback] == []


def test_no_dashboard():
    """It would be a way in, and runs what it is told."""
    assert ray._private.worker._global_node.address_info["webui_url"] == ""


# --- workers that are lost ------------------------------------------------------------------------


def kill_one(folder, killed):
    """Kill the first worker that says it trains."""
    while not killed.is_set():
        for note in folder.glob("pid-*"):
            os.kill(int(note.name.removeprefix("pid-")), signal.SIGKILL)
            note.unlink()
            killed.set()
            return
        time.sleep(0.005)


@pytest.mark.parametrize("where", [Ray(), Ray(cpus=2)], ids=["two at once", "one at a time"])
def test_a_killed_worker_changes_nothing(tmp_path, where):
    """64 trials, and a process lost in the middle: the digest is that of one process."""
    killed = threading.Event()
    thread = threading.Thread(target=kill_one, args=(tmp_path / "x.work", killed), daemon=True)
    thread.start()
    try:
        history = tuned(
            perils.one_waits_to_be_killed, 64, executor=where, workers=2, store=tmp_path / "x"
        )
    finally:
        told = killed.is_set()
        killed.set()
    assert told
    assert history.digest == tuned(perils.undisturbed, 64).digest


def test_a_trial_that_loses_two_workers_has_crashed(tmp_path):
    """The others go on."""
    with RayExecutor(perils.exit_always, 1, Ray()) as executor:
        executor.submit(task_of(5, tmp_path))
        outcome = executor.next_outcome(60)
    assert (outcome.state, outcome.reason) == (State.CRASHED, "its worker was lost twice")


def test_a_training_that_takes_too_long_is_ended(tmp_path):
    """What it measured is kept."""
    outcome = outcome_of(perils.sleep, tmp_path, limits=Limits(minutes=0.02))
    assert (outcome.state, outcome.reason) == (State.TIMED_OUT, "timed out after 0.02 minutes")
    assert [m.epoch for m in outcome.measurements] == [1]


# --- checkpoints ----------------------------------------------------------------------------------


def test_checkpoints_travel(tmp_path):
    """Where nodes see no common disk: a promoted trial finds what it saved."""
    executor = RayExecutor(objectives.saving, 2, Ray())
    executor._shared = False  # as with an address
    with executor:
        for first, last in ((0, 2), (2, 5)):
            task = replace(
                task_of(5, tmp_path, trained=first, epochs=last), config=Config({"x": 0.7})
            )
            executor.submit(task)
            outcome = executor.next_outcome(60)
            assert (outcome.state, outcome.reason) == (State.DONE, "")
            assert (tmp_path / "trial-5" / "epochs").read_text() == str(last)


def test_a_checkpoint_that_cannot_be_copied_fails_its_trial_alone(tmp_path):
    """Once, without another attempt; the same worker trains the next."""
    executor = RayExecutor(objectives.bury_once, 1, Ray())
    executor._shared = False  # as with an address
    with executor:
        for number in (1, 2):
            executor.submit(task_of(number, tmp_path))
        first, second = (executor.next_outcome(60) for _ in range(2))
        assert len(executor._crew) == 1
    assert (first.number, first.state, len(first.measurements)) == (1, State.FAILED, 3)
    assert first.reason.startswith("its checkpoint cannot be copied (File name too long: 'ddd")
    assert (second.number, second.state) == (2, State.DONE)


# --- what cannot be -------------------------------------------------------------------------------


class Unsendable:
    """Holds what no other process can have."""

    def __init__(self):
        self.lock = threading.Lock()

    def __call__(self, attempt):
        return 0.5


class Unloadable:
    """Can be sent, and not read."""

    def __call__(self, attempt):
        return 0.5

    def __reduce__(self):
        return int, ("seven",)


def test_what_cannot_be_sent():
    """One sentence with the remedy."""
    with pytest.raises(ObjectiveError, match=r"^Unsendable cannot be sent to a worker process \("):
        RayExecutor(Unsendable(), 1, Ray())


def test_what_cannot_be_loaded(tmp_path):
    """It is said once, not for each trial."""
    with pytest.raises(ObjectiveError, match=r"cannot load the training function .*seven"):
        outcome_of(Unloadable(), tmp_path)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        (Ray(cpus=4096), "a trial asks for 4096 CPU, and no node of this cluster has more than"),
        (Ray(resources={"TPX": 0.5}), "a trial asks for 0.5 TPX, and no node of this cluster has"),
    ],
    ids=["too much", "unknown"],
)
def test_what_no_node_has(where, words):
    """Rather than a wait without end."""
    with pytest.raises(StudyError) as caught:
        RayExecutor(objectives.train, 1, where)
    assert str(caught.value).startswith(words)
