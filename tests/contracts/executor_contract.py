"""What every executor obeys."""

import threading
import time
from abc import ABC, abstractmethod

import pytest

from tunesmith.executors.attempt import run_with
from tunesmith.executors.protocol import Task
from tunesmith.trial import Config, State


def task_of(number, folder, *, epochs=3, trained=0):
    """Return the task of trial `number`, whose config is that number."""
    return Task(
        number=number,
        config=Config({"units": number}),
        trained=trained,
        epochs=epochs,
        metric="loss",
        folder=folder / str(number),
    )


def train(attempt):
    """Record the trial's number, plus a part that shrinks."""
    for epoch in attempt.epochs:
        attempt.record(loss=attempt["units"] + 1 / (epoch + 3))


class ExecutorContract(ABC):
    """Tasks go in, and of each that is not dropped exactly one outcome comes out."""

    @abstractmethod
    def executor(self, run, workers):
        """Return the executor that is tested; `workers` is a wish."""

    @pytest.fixture
    def start(self):
        """Return a function that makes an executor for an objective; stop them all at the end."""
        made = []

        def start(objective, workers=3):
            made.append(self.executor(run_with(objective), workers))
            return made[-1]

        yield start
        for executor in made:
            executor.stop()

    def test_every_task_has_one_outcome(self, start, tmp_path):
        """Each its own, with all that its training measured."""
        executor = start(train)
        for number in range(7):
            executor.submit(task_of(number, tmp_path))
        outcomes = [executor.next_outcome() for _ in range(7)]
        assert sorted(outcome.number for outcome in outcomes) == list(range(7))
        for outcome in outcomes:
            assert (outcome.state, outcome.interrupted) == (State.DONE, False)
            assert [m.metrics["loss"] for m in outcome.measurements] == [
                outcome.number + 1 / (epoch + 3) for epoch in range(3)
            ]
        assert executor.stop() == []

    def test_tasks_may_be_given_at_any_time(self, start, tmp_path):
        """While others run, and after all have ended."""
        executor = start(train)
        seen = []
        for number in range(5):
            executor.submit(task_of(2 * number, tmp_path))
            executor.submit(task_of(2 * number + 1, tmp_path))
            seen.append(executor.next_outcome().number)
        seen += [executor.next_outcome().number for _ in range(5)]
        assert sorted(seen) == list(range(10))

    def test_a_failure_is_an_outcome(self, start, tmp_path):
        """And the next task is trained as if nothing had been."""

        def fail_once(attempt):
            if attempt.number == 1:
                raise ArithmeticError("no root of -7")
            train(attempt)

        executor = start(fail_once)
        for number in range(3):
            executor.submit(task_of(number, tmp_path))
        outcomes = {o.number: o for o in (executor.next_outcome() for _ in range(3))}
        assert [outcomes[n].state for n in range(3)] == [State.DONE, State.FAILED, State.DONE]
        assert outcomes[1].reason.startswith("ArithmeticError: no root of -7 (executor_contract.py")

    @pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()], ids=repr)
    def test_what_is_no_failure_reaches_the_driver(self, start, tmp_path, error):
        """A program that exits, exits."""

        def leave(attempt):
            raise error

        executor = start(leave)
        executor.submit(task_of(5, tmp_path))
        with pytest.raises(type(error)):
            executor.next_outcome()

    def test_who_waits_for_an_outcome_can_say_how_long(self, start, tmp_path):
        """Afterwards training is stopped at its next epoch; what it measured is not lost."""

        def train_slowly(attempt):
            for epoch in attempt.epochs:
                time.sleep(0.005)
                attempt.record(loss=1 / (epoch + 3))

        executor = start(train_slowly, workers=1)
        executor.submit(task_of(5, tmp_path, epochs=3000))
        executor.submit(task_of(7, tmp_path, epochs=3000))
        began = time.monotonic()
        first = executor.next_outcome(0.05)
        outcomes = [*filter(None, [first]), *executor.stop()]
        assert 0.05 <= time.monotonic() - began < 3
        (outcome,) = outcomes  # the other never began, and is dropped
        assert (outcome.number, outcome.state, outcome.interrupted) == (5, State.STOPPED, True)
        epochs = len(outcome.measurements)
        assert outcome.reason == f"stopped after {epochs} of 3000 epochs"
        assert 1 <= epochs < 3000

    def test_nothing_runs_after_stop(self, start, tmp_path):
        """Tasks that wait are dropped; stopping twice does no harm."""
        begun, go_on = [], threading.Event()

        def train_when_told(attempt):
            begun.append(attempt.number)
            go_on.wait(5)
            train(attempt)

        executor = start(train_when_told, workers=1)
        for number in range(5):
            executor.submit(task_of(number, tmp_path))
        threading.Timer(0.05, go_on.set).start()
        left = executor.stop()
        assert [outcome.number for outcome in left] == begun
        assert len(begun) <= executor.workers
        assert executor.stop() == []

    def test_leaving_the_with_block_stops(self, start, tmp_path):
        """However it is left."""
        begun = []
        with pytest.raises(ZeroDivisionError), start(lambda attempt: begun.append(1)) as executor:
            1 / 0  # noqa: B018  the error is the point
        executor.submit(task_of(5, tmp_path))
        executor.stop()
        assert begun == []
