"""A crew: workers that train one task each, may be lost, and are replaced."""

import math
import time
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import replace
from typing import Generic, TypeVar

from tunesmith.errors import ObjectiveError, StudyError, TunesmithError
from tunesmith.executors.attempt import stopped_after
from tunesmith.executors.checkpoint import as_it_was, copy_failure
from tunesmith.executors.limits import Limits
from tunesmith.executors.protocol import Executor, Outcome, Task
from tunesmith.trial import Measurement, State

TURN_SECONDS = 0.1
"""How often workers are looked at when they say nothing: how late a limit may be noticed."""

STOP_SECONDS = 4.0
"""How long a training may take to reach its next epoch when it should stop."""

STARTS = 3
"""Workers that may be lost one after another before one of them is ready."""


class Member(ABC):
    """One worker, as its supervisor sees it."""

    def __init__(self) -> None:
        self.task: Task | None = None
        """What it trains."""
        self.ready = False
        """Whether it has loaded the training function."""
        self.measurements: list[Measurement] = []
        """What it is known to have recorded of its task."""
        self._began = time.monotonic()

    @abstractmethod
    def kill(self) -> None:
        """End it now."""

    @property
    def seconds(self) -> float:
        """For how long it has trained its task."""
        return time.monotonic() - self._began if self.task and self.ready else 0.0

    def outcome(
        self, task: Task, state: State, reason: str, *, interrupted: bool = False
    ) -> Outcome:
        """Return the outcome of its task that it can no longer tell."""
        return Outcome(
            number=task.number,
            state=state,
            measurements=tuple(self.measurements),
            reason=reason,
            seconds=round(self.seconds, 4),
            interrupted=interrupted,
        )

    def cut_short(self, task: Task) -> Outcome:
        """Return the outcome of its task as one that was stopped."""
        reached = max([task.trained, *(m.epoch for m in self.measurements[-1:])])
        reason = stopped_after(reached, task.epochs)
        return self.outcome(task, State.STOPPED, reason, interrupted=True)


M = TypeVar("M", bound=Member)


class Crew(Executor, Generic[M], ABC):
    """Runs as many tasks at once as it may have workers; a training that takes too long is ended.

    All of it happens while somebody waits for an outcome.
    """

    def __init__(self, workers: int, limits: Limits | None) -> None:
        self._workers, self._limits = workers, limits or Limits()
        self._crew: list[M] = []
        self._waiting: deque[Task] = deque()
        self._outcomes: deque[Outcome | KeyboardInterrupt] = deque()
        self._lost_once: dict[int, tuple[Measurement, ...]] = {}
        """What was measured of tasks whose worker was lost; they are with another."""
        self._failed_starts = 0
        self._refusal: ObjectiveError | StudyError | None = None
        self._stopping = False

    @abstractmethod
    def _hand_out(self) -> None:
        """Give waiting tasks to idle workers, and to new ones while there may be more."""

    @abstractmethod
    def _turn(self, seconds: float) -> None:
        """Wait for something to happen; hear every worker, and see how it is."""

    @abstractmethod
    def _wind_down(self) -> None:
        """Ask all to stop, and wait a while for what they say."""

    def _leave(self) -> None:
        """Undo what was begun for the crew, once its workers have ended."""

    @property
    def workers(self) -> int:
        """How many workers there may be."""
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
        while not self._outcomes and not self._refusal and (self._waiting or self._busy):
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
                self._stopping = True
                self._waiting.clear()
                self._wind_down()
        finally:
            for worker in self._crew:
                worker.kill()
            self._crew.clear()
            self._leave()
        arrived = [outcome for outcome in self._outcomes if isinstance(outcome, Outcome)]
        self._outcomes.clear()
        return arrived

    @property
    def _busy(self) -> list[M]:
        return [worker for worker in self._crew if worker.task is not None]

    def _give_up(self, worker: M, task: Task, state: State, reason: str) -> None:
        """End a task together with its worker; what either of its workers measured is kept."""
        before = self._lost_once.pop(task.number, ())
        outcome = worker.outcome(task, state, reason)
        longer = max(before, outcome.measurements, key=len)
        self._outcomes.append(replace(outcome, measurements=longer))
        self._remove(worker)

    def _begin_again(self, task: Task) -> None:
        """Let another worker do a task from where it began; it fails if its folder cannot."""
        try:
            as_it_was(task.folder, task.trained, again=True)
        except TunesmithError:
            raise
        except OSError as error:
            measurements = self._lost_once.pop(task.number, ())
            reason = copy_failure(error, task.folder)
            self._outcomes.append(
                Outcome(
                    number=task.number,
                    state=State.FAILED,
                    measurements=measurements,
                    reason=reason,
                )
            )
        else:
            self._waiting.appendleft(task)

    def _remove(self, worker: M) -> None:
        worker.task = None
        if worker in self._crew:
            self._crew.remove(worker)
        worker.kill()

    def _refuse(self, error: ObjectiveError | StudyError) -> None:
        """Remember why no worker can begin; the first reason is the one that counts."""
        self._refusal = self._refusal or error
