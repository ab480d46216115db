"""Tasks run in processes of their own: for any Python function, whatever it does to its process."""

import signal
import time
from multiprocessing.connection import wait
from typing import final

from tunesmith.errors import ObjectiveError, StudyError
from tunesmith.executors.attempt import Objective
from tunesmith.executors.crew import STARTS, STOP_SECONDS, TURN_SECONDS, Crew
from tunesmith.executors.limits import Limits
from tunesmith.executors.protocol import Outcome, Task
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

END_SECONDS = 1.0
"""How long idle workers may take to end by themselves."""


@final
class ProcessExecutor(Crew[Worker]):
    """Runs as many tasks at once as it may have workers, each a process that can be killed.

    A worker that is lost is replaced, and its task given to another once; a task that loses two
    has crashed. A training that uses more than `limits` is ended. All of it happens while
    somebody waits for an outcome.
    """

    def __init__(self, objective: Objective, workers: int, limits: Limits | None = None) -> None:
        leave_if_starting()
        self._packed, self._environment = packed(objective), threads_each(workers)
        super().__init__(workers, limits)

    def _wind_down(self) -> None:
        for worker in self._crew:
            worker.ask_to_stop()
        end = time.monotonic() + STOP_SECONDS
        while any(w.ready for w in self._busy) and (left := end - time.monotonic()) > 0:
            self._turn(min(left, TURN_SECONDS))
        self._outcomes.extend(w.cut_short(w.task) for w in self._busy if w.ready and w.task)
        end = time.monotonic() + END_SECONDS
        for worker in self._crew:
            worker.kill(0.0 if worker.task else end - time.monotonic())

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
            self._begin_again(task)

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


def ending(exit_code: int) -> str:
    """Say how a process ended, from its exit code as multiprocessing counts."""
    if exit_code >= 0:
        return f"ended with exit code {exit_code}"
    try:
        name = signal.Signals(-exit_code).name
    except ValueError:  # a real-time signal
        name = f"signal {-exit_code}"
    return f"was killed by {name}"
