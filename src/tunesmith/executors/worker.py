"""A worker process as its supervisor sees it."""

import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection
from typing import cast, final

from tunesmith.errors import StudyError
from tunesmith.executors.crew import Member
from tunesmith.executors.lifeline import begin
from tunesmith.executors.protocol import Outcome, Task
from tunesmith.executors.serve import STARTING, Message

SPAWN = get_context("spawn")

THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
"""Read by numerical libraries when they are loaded, and not later."""

MOST_HEARD = 256
"""Messages taken from a worker at a time, so that none is kept waiting by a talkative one."""

LOOK_SECONDS = 0.005
"""How often a process that should end is looked at."""

DYING_SECONDS = 0.5
"""How long a process may take to die once its pipe is closed."""


@final
class Worker(Member):
    """One process that trains one task at a time; it is told and heard through a pipe."""

    def __init__(self, objective: bytes, environment: Mapping[str, str]) -> None:
        super().__init__()
        self._connection, theirs = SPAWN.Pipe()
        self._process = SPAWN.Process(target=begin, args=(theirs, objective), name="tunesmith")
        try:
            with _sigint_held(), _environment({**environment, STARTING: "1"}):
                self._process.start()
        except OSError as error:
            raise StudyError(
                f"a worker process cannot be started ({error.strerror}): give fewer workers"
            ) from error
        except BaseException:  # such as a Ctrl-C that was held back
            self.kill()
            raise
        finally:
            theirs.close()

    @property
    def pid(self) -> int:
        """The number of its process."""
        return cast(int, self._process.pid)

    @property
    def sources(self) -> tuple[Connection, int]:
        """What can be waited for: its words and its end."""
        return self._connection, self._process.sentinel

    @property
    def exit_code(self) -> int | None:
        """How it ended, as multiprocessing counts; None while it lives."""
        return self._process.exitcode

    def greet(self) -> None:
        """Know that it is ready; its task begins now."""
        self.ready, self._began = True, time.monotonic()

    def give(self, task: Task) -> None:
        """Send it a task; a worker that has died meanwhile is found out by its exit code."""
        self.task, self.measurements, self._began = task, [], time.monotonic()
        self._send(task)

    def ask_to_stop(self) -> None:
        """Ask it to stop at its next epoch and then to end, or to end now if it is idle."""
        self._send(None)

    def heard(self) -> list[Message]:
        """Return some of what it has said since; what a dying worker did not finish is left out."""
        messages: list[Message] = []
        try:
            while self._connection.poll() and len(messages) < MOST_HEARD:
                messages.append(self._connection.recv())
        except (EOFError, OSError):  # it is dying, or has closed what is not its own
            self._await_end(DYING_SECONDS)
            self._process.kill()
        return messages

    def conclude(self, outcome: Outcome) -> Outcome:
        """Return the outcome of its task with what was measured; it is idle now."""
        self.task = None
        return replace(outcome, measurements=tuple(self.measurements))

    def kill(self, patience: float = 0.0) -> None:
        """End it, with all processes that it started, if it has not ended in so many seconds."""
        if self._process.pid is not None:
            self._await_end(patience)
            if hasattr(os, "killpg"):
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(self.pid, signal.SIGKILL)
            self._process.kill()
            self._process.join()
        self._connection.close()

    def _await_end(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        # Not by the process's own join: it waits for ever for one that has closed its pipes.
        while self.exit_code is None and time.monotonic() < end:
            time.sleep(LOOK_SECONDS)

    def _send(self, message: Task | None) -> None:
        with suppress(OSError):
            self._connection.send(message)


def threads_each(workers: int) -> dict[str, str]:
    """Return an environment in which `workers` processes share the cores of this machine.

    What the user has set stays as it is.
    """
    # Absent on some systems; where it is there, it knows of cores that are not for us.
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    threads = os.environ.get("OMP_NUM_THREADS", str(max(1, cores // workers)))
    return {name: os.environ.get(name, threads) for name in THREADS}


@contextmanager
def _environment(changes: Mapping[str, str]) -> Iterator[None]:
    """Hold these variables for a process that is started meanwhile."""
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _sigint_held() -> Iterator[None]:
    """Hold Ctrl-C back; a process started meanwhile never gets it: its driver decides."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # or the first start does it, and lets SIGINT through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
