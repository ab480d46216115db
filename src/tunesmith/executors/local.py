"""Tasks run in this process and this thread: the executor to debug with."""

import time
from collections import deque
from typing import final

from tunesmith.executors.protocol import Executor, Outcome, Run, Task


@final
class LocalExecutor(Executor):
    """Runs one task at a time, when its outcome is asked for."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._waiting: deque[Task] = deque()

    @property
    def workers(self) -> int:
        """One."""
        return 1

    def submit(self, task: Task) -> None:
        """Take a task."""
        self._waiting.append(task)

    def next_outcome(self, timeout: float | None = None) -> Outcome | None:
        """Run the first waiting task; past `timeout` seconds it is stopped at its next epoch."""
        if not self._waiting:
            return None
        end = None if timeout is None else time.monotonic() + timeout
        return self._run(
            self._waiting.popleft(), lambda: end is not None and time.monotonic() >= end
        )

    def stop(self) -> list[Outcome]:
        """Drop the waiting tasks; none is running."""
        self._waiting.clear()
        return []
