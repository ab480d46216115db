"""The worker's side of the pipe, word by word."""

import os
import subprocess
import sys
from multiprocessing import get_context

import pytest
from tests.contracts.executor_contract import task_of
from tests.contracts.objectives import interrupt, train, train_slowly
from tests.waiting import PATIENCE

from tunesmith.executors.sending import packed
from tunesmith.executors.serve import (
    STARTING,
    UNGUARDED,
    Ready,
    Unloadable,
    leave_if_starting,
    serve,
)
from tunesmith.trial import Measurement, State

SPAWN = get_context("spawn")


class Line:
    """A pipe to a process that serves."""

    def __init__(self, objective):
        self.ours, theirs = SPAWN.Pipe()
        self.process = SPAWN.Process(target=serve, args=(theirs, objective))
        self.process.start()
        theirs.close()

    def hear(self):
        assert self.ours.poll(PATIENCE)
        return self.ours.recv()


@pytest.fixture
def line():
    """Return a function that makes lines; end them all."""
    made = []

    def make(objective):
        made.append(Line(objective))
        return made[-1]

    yield make
    for one in made:
        one.process.kill()
        one.process.join()


def test_a_conversation(line, tmp_path):
    """Ready; a task; its measurements and its outcome without them; None, and the end."""
    one = line(packed(train))
    assert one.hear() == Ready()
    for number in (7, 3):
        task = task_of(number, tmp_path, trained=2, epochs=3)
        task.folder.mkdir()
        (task.folder / "model").touch()
        one.ours.send(task)
        assert one.hear() == Measurement(3, {"loss": number + 1 / 5})
        outcome = one.hear()
        assert (outcome.number, outcome.state) == (number, State.DONE)
        assert outcome.measurements == ()
    one.ours.send(None)
    one.process.join(PATIENCE)
    assert one.process.exitcode == 0


def test_whatever_comes_while_it_trains_means_stop(line, tmp_path):
    """At its next epoch; then it ends."""
    one = line(packed(train_slowly))
    one.ours.send(task_of(5, tmp_path, epochs=10**6))
    assert one.hear() == Ready()
    assert one.hear().epoch == 1
    one.ours.send(None)
    while isinstance(outcome := one.hear(), Measurement):
        pass
    assert (outcome.state, outcome.interrupted) == (State.STOPPED, True)
    one.process.join(PATIENCE)
    assert one.process.exitcode == 0


@pytest.mark.parametrize("busy", [True, False])
def test_without_a_driver_it_ends(line, tmp_path, busy):
    """The pipe ends, in the middle of a training or while it waits."""
    one = line(packed(train_slowly))
    assert one.hear() == Ready()
    if busy:
        one.ours.send(task_of(5, tmp_path, epochs=10**6))
        assert one.hear().epoch == 1
    one.ours.close()
    one.process.join(PATIENCE)
    assert one.process.exitcode == int(busy)


def test_ctrl_c_in_a_training_is_told(line, tmp_path):
    """It means the whole program, which is elsewhere."""
    one = line(packed(interrupt))
    assert one.hear() == Ready()
    one.ours.send(task_of(5, tmp_path))
    assert isinstance(one.hear(), KeyboardInterrupt)


def test_what_cannot_be_loaded_is_told(line):
    """With the reason; then it ends."""
    one = line(packed(train).replace(b"train", b"brain"))
    message = one.hear()
    assert isinstance(message, Unloadable)
    assert message.reason.startswith("AttributeError: Can't get attribute 'brain'")
    one.process.join(PATIENCE)
    assert one.process.exitcode == 0


def test_a_worker_that_is_starting_begins_no_study():
    """It ends, with an exit code of its own; who is no worker goes on."""
    leave_if_starting()
    program = "from tunesmith.executors.serve import leave_if_starting; leave_if_starting()"
    environment = os.environ | {STARTING: "1"}
    ended = subprocess.run([sys.executable, "-c", program], env=environment, check=False)
    assert ended.returncode == UNGUARDED
