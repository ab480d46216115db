"""Tasks run in processes of their own: for any Python function, whatever it does to its process."""

import math
import signal
import time
from collections import deque
from dataclasses import replace
from multiprocessing.connection import wait
from typing import final

from tunesmith.errors import ObjectiveError, StudyError
from tunesmith.executors.attempt import Objective
from tunesmith.executors.checkpoint import as_it_was
from tunesmith.executors.limits import Limits
from tunesmith.executors.protocol import Executor, Outcome, Task
from tunesmith.executors.sending import ELSEWHERE, packed
from tunesmith.executors.serve import (
    UNGUARDED,
    Message,
    Ready,
    Unloadable,
    leave_if_starting,
)
from tunesmith.executors.worker import Worker, threads_each
from tunesmith.trial import Measurement, State

TURN_SECONDS = 0.1
"""How often workers are looked at when they say nothing: how late a limit may be noticed."""

STOP_SECONDS = 4.0
"""How long a training may take to reach its next epoch when it should stop."""

END_SECONDS = 1.0
"""How long idle workers may take to end by themselves."""

STARTS = 3
"""Workers that may be killed one after another before one of them is ready."""


@final
class ProcessExecutor(Executor):
    """Runs as many tasks at once as it may have workers, each a process that can be killed.

    A worker that is lost is replaced, and its task given to another once; a task that loses two
    has crashed. A training that uses more than `limits` is ended. All of it happens while
    somebody waits for an outcome.
    """

    def __init__(self, objective: Objective, workers: int, limits: Limits | None = None) -> None:
        leave_if_starting()
        self._packed, self._environment = packed(objective), threads_each(workers)
        self._workers, self._limits = workers, limits or Limits()
        self._crew: list[Worker] = []
        self._waiting: deque[Task] = deque()
        self._outcomes: deque[Outcome | KeyboardInterrupt] = deque()
        self._lost_once: dict[int, tuple[Measurement, ...]] = {}
        self._failed_starts = 0
        self._refusal: ObjectiveError | StudyError | None = None
        self._stopping = False

    @property
    def workers(self) -> int:
        """How many processes there may be."""
        return self._workers

    def submit(self, task: Task) -> None:
        """Take a task."""
        if not self._stopping:
            self._waiting.append(task)
            self._hand_out()

    def next_outcome(self, timeout: float | None = None) -> Outcome | None:
        """Return the next outcome that arrives, or None after `timeout` seconds.

        Raises ObjectiveError or StudyError if no worker can begin.
        """
        end = math.inf if timeout is None else time.monotonic() + timeout
        while not self._outcomes and not self._refusal and self._busy:
            left = end - time.monotonic()
            if left <= 0:
                return None
            self._turn(min(left, TURN_SECONDS))
        if not self._outcomes:
            if self._refusal:
                raise self._refusal
            return None
        outcome = self._outcomes.popleft()
        if isinstance(outcome, KeyboardInterrupt):
            raise outcome
        return outcome

    def stop(self) -> list[Outcome]:
        """Stop the running tasks at their next epoch, and end those that take long to get there.

        Called again, it waits for nobody.
        """
        try:
            if not self._stopping:
                self._wind_down()
        finally:
            for worker in self._crew:
                worker.kill()
            self._crew.clear()
        arrived = [outcome for outcome in self._outcomes if isinstance(outcome, Outcome)]
        self._outcomes.clear()
        return arrived

    def _wind_down(self) -> None:
        self._stopping = True
        self._waiting.clear()
        for worker in self._crew:
            worker.ask_to_stop()
        end = time.monotonic() + STOP_SECONDS
        while any(w.ready for w in self._busy) and (left := end - time.monotonic()) > 0:
            self._turn(min(left, TURN_SECONDS))
        self._outcomes.extend(w.cut_short(w.task) for w in self._busy if w.ready and w.task)
        end = time.monotonic() + END_SECONDS
        for worker in self._crew:
            worker.kill(0.0 if worker.task else end - time.monotonic())

    @property
    def _busy(self) -> list[Worker]:
        return [worker for worker in self._crew if worker.task is not None]

    def _hand_out(self) -> None:
        """Give waiting tasks to idle workers, and to new ones while there may be more."""
        if self._refusal:
            return
        for worker in self._crew:
            if self._waiting and worker.task is None:
                worker.give(self._waiting.popleft())
        while self._waiting and len(self._crew) < self._workers:
            self._crew.append(Worker(self._packed, self._environment))
            self._crew[-1].give(self._waiting.popleft())

    def _turn(self, seconds: float) -> None:
        """Wait for something to happen; hear every worker, and see how it is."""
        wait([source for worker in self._crew for source in worker.sources], seconds)
        for worker in tuple(self._crew):
            try:
                self._attend(worker)
            except BaseException:  # Ctrl-C, and something of what it said may be lost
                self._remove(worker)
                raise
        self._hand_out()

    def _attend(self, worker: Worker) -> None:
        exit_code = worker.exit_code  # before it is heard: a dead worker says no more
        while messages := worker.heard():
            for message in messages:
                self._hear(worker, message)
            if exit_code is None:
                break
        if exit_code is not None:
            self._lose(worker, exit_code)
        elif worker.task:
            self._watch(worker, worker.task)

    def _hear(self, worker: Worker, message: Message) -> None:
        match message:
            case Ready():
                worker.greet()
                self._failed_starts = 0
            case Measurement():
                worker.measurements.append(message)
            case Outcome():
                self._lost_once.pop(message.number, None)
                self._outcomes.append(worker.conclude(message))
                if self._limits.leaves_little(worker.pid):
                    self._remove(worker)
            case KeyboardInterrupt():
                worker.task = None
                self._outcomes.append(message)
            case Unloadable(reason):
                self._refuse(
                    ObjectiveError(
                        f"a worker process cannot load the training function ({reason}): "
                        f"define it with def at the top of a module, {ELSEWHERE}"
                    )
                )

    def _watch(self, worker: Worker, task: Task) -> None:
        """End a training that uses more than it may."""
        if late := self._limits.too_long(worker.seconds):
            self._give_up(worker, task, State.TIMED_OUT, late)
        elif large := self._limits.too_much(worker.pid):
            self._give_up(worker, task, State.OUT_OF_MEMORY, large)

    def _lose(self, worker: Worker, exit_code: int) -> None:
        """Do without a worker that has died; its task is given to another, once."""
        task = worker.task
        if not worker.ready:
            self._count_failed_start(exit_code)
        if task is None or self._stopping:
            if task is not None and worker.ready:
                self._outcomes.append(worker.cut_short(task))
            self._remove(worker)
        elif worker.ready and task.number in self._lost_once:
            self._give_up(worker, task, State.CRASHED, f"its worker {ending(exit_code)} twice")
        else:
            if worker.ready:
                self._lost_once[task.number] = tuple(worker.measurements)
            self._remove(worker)
            as_it_was(task.folder, task.trained)
            self._waiting.appendleft(task)

    def _give_up(self, worker: Worker, task: Task, state: State, reason: str) -> None:
        """End a task together with its worker; what either of its workers measured is kept."""
        before = self._lost_once.pop(task.number, ())
        outcome = worker.outcome(task, state, reason)
        longer = max(before, outcome.measurements, key=len)
        self._outcomes.append(replace(outcome, measurements=longer))
        self._remove(worker)

    def _remove(self, worker: Worker) -> None:
        if worker in self._crew:
            self._crew.remove(worker)
        worker.kill()

    def _count_failed_start(self, exit_code: int) -> None:
        """Refuse to go on with workers that never begin; one that was killed is replaced."""
        self._failed_starts += 1
        if exit_code == UNGUARDED:
            self._refuse(
                StudyError(
                    "a worker process that imported this script met tune() in it: "
                    "put what the script does under if __name__ == '__main__':"
                )
            )
        elif exit_code >= 0 or self._failed_starts >= STARTS:
            self._refuse(
                StudyError(
                    f"a worker process {ending(exit_code)} before it could begin: "
                    f"mend what it complained about, {ELSEWHERE}"
                )
            )

    def _refuse(self, error: ObjectiveError | StudyError) -> None:
        """Remember why no worker can begin; the first reason is the one that counts."""
        self._refusal = self._refusal or error


def ending(exit_code: int) -> str:
    """Say how a process ended, from its exit code as multiprocessing counts."""
    if exit_code >= 0:
        return f"ended with exit code {exit_code}"
    try:
        name = signal.Signals(-exit_code).name
    except ValueError:  # a real-time signal
        name = f"signal {-exit_code}"
    return f"was killed by {name}"
