"""Threads of this process."""

import threading

import pytest
from tests.contracts.executor_contract import ExecutorContract, task_of
from tests.contracts.objectives import train
from tests.waiting import PATIENCE

from tunesmith.executors.attempt import run_with
from tunesmith.executors.threads import ThreadExecutor
from tunesmith.trial import State


class TestThreadExecutor(ExecutorContract):
    def executor(self, objective, workers):
        return ThreadExecutor(run_with(objective), workers)


def test_as_many_at_once_as_there_are_threads(tmp_path):
    """Three tasks meet, which fewer threads never could."""
    meeting = threading.Barrier(3)

    def objective(attempt):
        meeting.wait(5)
        return 0.7

    with ThreadExecutor(run_with(objective), 3) as executor:
        for number in range(6):
            executor.submit(task_of(number, tmp_path))
        states = [executor.next_outcome().state for _ in range(6)]
    assert executor.workers == 3
    assert states == [State.DONE] * 6


def test_outcomes_come_as_they_end(tmp_path):
    """A task that takes long holds nobody up."""
    go_on = threading.Event()

    def objective(attempt):
        if attempt.number == 0:
            go_on.wait(5)
        return 0.7

    with ThreadExecutor(run_with(objective), 2) as executor:
        for number in range(4):
            executor.submit(task_of(number, tmp_path))
        assert [executor.next_outcome().number for _ in range(3)] == [1, 2, 3]
        go_on.set()
        assert executor.next_outcome().number == 0


def test_no_outcome_in_time_is_none(tmp_path):
    """The task runs on meanwhile."""
    go_on = threading.Event()

    def objective(attempt):
        go_on.wait(5)
        return 0.7

    with ThreadExecutor(run_with(objective), 2) as executor:
        executor.submit(task_of(5, tmp_path))
        assert executor.next_outcome(0.01) is None
        go_on.set()
        assert executor.next_outcome(5).number == 5


def test_stop_ends_all_that_run_at_their_next_epoch(tmp_path):
    """Each comes back as far as it came."""
    running = threading.Barrier(3)

    def objective(attempt):
        for epoch in attempt.epochs:
            if epoch == attempt.epochs.start:
                running.wait(5)
            attempt.record(loss=1 / (epoch + 3))

    executor = ThreadExecutor(run_with(objective), 2)
    for number in range(5):
        task = task_of(number, tmp_path, trained=number, epochs=10**6)
        task.folder.mkdir()
        (task.folder / "model").touch()
        executor.submit(task)
    running.wait(5)
    outcomes = sorted(executor.stop(), key=lambda outcome: outcome.number)
    assert [o.number for o in outcomes] == [0, 1]
    for outcome in outcomes:
        assert (outcome.state, outcome.interrupted) == (State.STOPPED, True)
        assert outcome.measurements[0].epoch == outcome.number + 1
        assert 1 <= len(outcome.measurements) < 10**6 - 1


def test_stop_leaves_no_thread_behind(tmp_path):
    """Nor does a thread die of what a task raised."""

    def objective(attempt):
        if attempt.number == 0:
            raise KeyboardInterrupt
        train(attempt)

    before = threading.active_count()
    with ThreadExecutor(run_with(objective), 1) as executor:
        executor.submit(task_of(0, tmp_path))
        executor.submit(task_of(1, tmp_path))
        with pytest.raises(KeyboardInterrupt):
            executor.next_outcome()
        assert executor.next_outcome(5).number == 1
        assert threading.active_count() == before + 1
    assert threading.active_count() == before


def test_an_outcome_that_came_before_stop_is_not_lost(tmp_path):
    """It was complete, and is so still."""
    done = threading.Semaphore(0)

    def objective(attempt):
        train(attempt)
        done.release()

    with ThreadExecutor(run_with(objective), 2) as executor:
        for number in range(3):
            executor.submit(task_of(number, tmp_path))
        for _ in range(3):
            assert done.acquire(timeout=PATIENCE)
        left = executor.stop()
    assert sorted(o.number for o in left) == [0, 1, 2]
    assert not any(o.interrupted for o in left)
