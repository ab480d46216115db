"""Tasks run in threads of this process: for compiled training that releases the GIL."""

import threading
from queue import Empty, SimpleQueue
from typing import final

from tunesmith.executors.protocol import Executor, Outcome, Run, Task


@final
class ThreadExecutor(Executor):
    """Runs as many tasks at once as it has threads.

    A thread cannot be killed: a task that should stop does so at its next epoch.
    """

    def __init__(self, run: Run, workers: int) -> None:
        self._run = run
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._outcomes: SimpleQueue[Outcome | BaseException] = SimpleQueue()
        self._stopping = threading.Event()
        self._left_alone = False
        """Whether nobody waits for the threads any more."""
        self._threads = [
            threading.Thread(target=self._work, name=f"tunesmith-{n}", daemon=True)
            for n in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def workers(self) -> int:
        """The number of threads."""
        return len(self._threads)

    def submit(self, task: Task) -> None:
        """Take a task."""
        self._tasks.put(task)

    def next_outcome(self, timeout: float | None = None) -> Outcome | None:
        """Return the next outcome that arrives, or None after `timeout` seconds."""
        longest = threading.TIMEOUT_MAX
        try:
            outcome = self._outcomes.get(timeout=None if timeout is None else min(timeout, longest))
            return self._sound(outcome)
        except Empty:
            return None

    def stop(self) -> list[Outcome]:
        """Stop the running tasks at their next epoch and wait for them."""
        self._stopping.set()
        for _ in self._threads:
            self._tasks.put(None)
        try:
            for thread in () if self._left_alone else self._threads:
                thread.join()
        except BaseException:  # a second Ctrl-C
            self._left_alone = True
            raise
        left = []
        while not self._outcomes.empty():
            left.append(self._sound(self._outcomes.get()))
        return left

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            if self._stopping.is_set():
                continue
            try:
                self._outcomes.put(self._run(task, self._stopping.is_set))
            except BaseException as error:  # handed to the driver, who raises it
                self._outcomes.put(error)

    @staticmethod
    def _sound(outcome: Outcome | BaseException) -> Outcome:
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome
