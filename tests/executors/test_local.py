"""This process, this thread."""

import threading

from tests.contracts.executor_contract import ExecutorContract, task_of

from tunesmith.executors.attempt import run_with
from tunesmith.executors.local import LocalExecutor


class TestLocalExecutor(ExecutorContract):
    def executor(self, objective, workers):
        return LocalExecutor(run_with(objective))


def test_one_after_the_other_in_this_thread(tmp_path):
    """Nothing runs before it is asked for, so that a debugger finds it where it is called."""
    where = []

    def objective(attempt):
        where.append((attempt.number, threading.current_thread()))
        return 0.7

    executor = LocalExecutor(run_with(objective))
    for number in (5, 3, 7):
        executor.submit(task_of(number, tmp_path))
    assert (executor.workers, where) == (1, [])
    assert [executor.next_outcome().number for _ in range(3)] == [5, 3, 7]
    assert where == [(number, threading.current_thread()) for number in (5, 3, 7)]


def test_what_waits_is_dropped_by_stop(tmp_path):
    """There is nothing more to ask for."""
    executor = LocalExecutor(run_with(lambda attempt: 0.7))
    executor.submit(task_of(5, tmp_path))
    assert executor.stop() == []
    assert executor.next_outcome() is None


def test_nothing_to_do_is_no_outcome():
    """It does not wait for what cannot come."""
    assert LocalExecutor(run_with(lambda attempt: 0.7)).next_outcome() is None
