"""Processes of their own, and whatever can happen to them."""

from tests.contracts.executor_contract import ExecutorContract

from tunesmith.executors.processes import ProcessExecutor


class TestProcessExecutor(ExecutorContract):
    def executor(self, objective, workers):
        return ProcessExecutor(objective, workers)
