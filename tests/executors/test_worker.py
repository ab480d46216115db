"""A worker process, and what is set for it before it starts."""

import os
import signal
import time
from multiprocessing.connection import wait

import pytest
from tests.chaos import perils
from tests.contracts.executor_contract import task_of
from tests.contracts.objectives import train, train_and_tell
from tests.waiting import PATIENCE, until

from tunesmith.errors import StudyError
from tunesmith.executors import worker
from tunesmith.executors.sending import packed
from tunesmith.executors.serve import STARTING, Ready
from tunesmith.executors.worker import THREADS, Worker, threads_each
from tunesmith.trial import Measurement, State


def heard(one, count):
    """Return the next `count` messages."""
    messages, end = [], time.monotonic() + PATIENCE
    while len(messages) < count and time.monotonic() < end:
        wait(one.sources, 1)
        messages += one.heard()
    return messages


@pytest.fixture
def trainer():
    """Make a worker that trains, and end it."""
    made = Worker(packed(train), {})
    yield made
    made.kill()


def test_what_a_worker_says(trainer, tmp_path):
    """That it is ready, each measurement, and the outcome, to which they belong."""
    task = task_of(5, tmp_path, trained=1, epochs=3)
    task.folder.mkdir()
    (task.folder / "model").touch()
    trainer.give(task)
    assert trainer.seconds == 0.0  # its start does not count
    ready, *measurements, outcome = heard(trainer, 4)
    assert ready == Ready()
    assert measurements == [
        Measurement(2, {"loss": 5 + 1 / 4}),
        Measurement(3, {"loss": 5 + 1 / 5}),
    ]
    trainer.greet()
    trainer.measurements += measurements
    assert trainer.seconds > 0.0
    assert (outcome.number, outcome.state, outcome.measurements) == (5, State.DONE, ())
    assert trainer.conclude(outcome).measurements == tuple(measurements)
    assert trainer.task is None
    trainer.ask_to_stop()
    trainer.kill(PATIENCE)
    assert trainer.exit_code == 0


def test_a_talkative_worker_keeps_nobody_waiting(tmp_path, monkeypatch):
    """Some of its messages are taken, then others have their turn."""
    monkeypatch.setattr(worker, "MOST_HEARD", 7)
    one = Worker(packed(train_and_tell), {})
    one.give(task_of(5, tmp_path, epochs=100))
    assert until((tmp_path / "trained-5").exists)
    first = one.heard()
    assert 1 <= len(first) <= 7
    rest = heard(one, 102 - len(first))
    assert len(first) + len(rest) == 102
    one.kill()


def test_what_can_be_said_for_a_worker_that_is_lost(trainer, tmp_path):
    """How far its task came, counted on from what was trained before."""
    task = task_of(5, tmp_path, trained=2, epochs=9)
    trainer.give(task)
    assert trainer.cut_short(task).reason == "stopped after 2 of 9 epochs"
    trainer.measurements.append(Measurement(3, {"loss": 0.5}))
    cut = trainer.cut_short(task)
    assert (cut.reason, cut.interrupted) == ("stopped after 3 of 9 epochs", True)
    assert cut.measurements == (Measurement(3, {"loss": 0.5}),)
    lost = trainer.outcome(task, State.CRASHED, "why")
    assert (lost.number, lost.state, lost.reason) == (5, State.CRASHED, "why")
    assert not lost.interrupted


def test_a_worker_never_gets_ctrl_c(trainer):
    """At a terminal it goes to all: its driver decides. It is held back from the first moment."""
    os.kill(trainer.pid, signal.SIGINT)
    assert heard(trainer, 1) == [Ready()]
    os.kill(trainer.pid, signal.SIGINT)
    time.sleep(0.1)
    assert trainer.exit_code is None
    assert os.getpgid(trainer.pid) == trainer.pid


def test_a_worker_that_cannot_be_started(monkeypatch):
    """The system has no more processes: one sentence."""

    def refuse(process):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(worker.SPAWN.Process, "start", refuse)
    with pytest.raises(StudyError) as caught:
        Worker(packed(train), {})
    assert str(caught.value) == (
        "a worker process cannot be started (Resource temporarily unavailable): give fewer workers"
    )
    assert STARTING not in os.environ


def test_a_worker_is_killed_twice_without_harm():
    """And in no time, whatever it does."""
    one = Worker(packed(perils.stubborn), {})
    for _ in range(2):
        one.kill()
    assert one.exit_code == -signal.SIGKILL
    one.ask_to_stop()


@pytest.mark.parametrize(
    ("workers", "given", "expected"),
    [
        (1, {}, (6, 6)),
        (2, {}, (3, 3)),
        (4, {}, (1, 1)),
        (64, {}, (1, 1)),
        (64, {"OMP_NUM_THREADS": "3"}, (3, 3)),
        (64, {"MKL_NUM_THREADS": "5"}, (1, 5)),
    ],
    ids=str,
)
def test_workers_share_the_cores_out(monkeypatch, workers, given, expected):
    """Six cores; what the user says counts, and OMP_NUM_THREADS for all."""
    for name in THREADS:
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(6)))
    shares = threads_each(workers)
    assert (int(shares["OPENBLAS_NUM_THREADS"]), int(shares["MKL_NUM_THREADS"])) == expected
    assert sorted(shares) == sorted(THREADS)
