"""A process of Ray's as its supervisor sees it."""

import time
from contextlib import suppress
from typing import Any, final

from tunesmith.errors import FileError, ObjectiveError
from tunesmith.executors.carrying import packed_folder, unpack_folder
from tunesmith.executors.checkpoint import uncopied
from tunesmith.executors.crew import Member
from tunesmith.executors.protocol import Outcome, Task
from tunesmith.executors.ray_cluster import ray_module
from tunesmith.executors.ray_trainer import Answer
from tunesmith.executors.sending import ELSEWHERE

POLL_SECONDS = 0.5
"""How often a training is asked what it has measured."""


@final
class RayWorker(Member):
    """One actor that trains one task at a time."""

    def __init__(self, actor: Any, objective: Any, *, shared: bool) -> None:
        super().__init__()
        self.pending: Any = actor.load.remote(objective)
        """The answer it owes; None while it is idle."""
        self._actor, self._shared = actor, shared
        self._polled = time.monotonic()
        self._poll: Any = None

    def greet(self) -> None:
        """Know that it is ready; its first task may come.

        Raises ObjectiveError if it cannot load the training function, and RayActorError, of Ray's,
        if it is lost.
        """
        ray = ray_module()
        try:
            ray.get(self.pending)
        except ray.exceptions.RayActorError:
            raise
        except ray.exceptions.RayError as error:
            raise ObjectiveError(
                f"a worker process cannot load the training function ({last_line(error)}): "
                f"install or copy what it imports on every node, {ELSEWHERE}"
            ) from error
        self.ready, self.pending = True, None

    def give(self, task: Task) -> None:
        """Send it a task, with what its folder holds where it cannot see it.

        Raises OSError if the folder cannot be read; the worker is idle then as before.
        """
        files = None if self._shared else packed_folder(task.folder)
        self.task, self.measurements, self._poll = task, [], None
        self._began = self._polled = time.monotonic()
        self.pending = self._actor.train.remote(task, files)

    def take(self, task: Task) -> Outcome | KeyboardInterrupt:
        """Return what came of its task; it is idle now.

        A training whose files cannot be written here has failed. Raises RayError, of Ray's, if the
        worker is lost, and FileError if a disk is full, here or where it trained.
        """
        answer: Answer = ray_module().get(self.pending)
        outcome, files = answer
        self.task = self.pending = self._poll = None
        if isinstance(outcome, FileError):
            raise outcome
        if self._shared or isinstance(outcome, KeyboardInterrupt):
            return outcome
        try:
            unpack_folder(files, task.folder)
        except OSError as error:
            return uncopied(task, error, outcome)
        return outcome

    def listen(self) -> None:
        """Take what it has measured meanwhile, and ask again now and then."""
        if self._poll is None and time.monotonic() - self._polled >= POLL_SECONDS:
            self._poll = self._actor.measured.remote(len(self.measurements))
        if self._poll is not None:
            self.hear(0.0)

    def hear(self, seconds: float) -> None:
        """Wait so long for what it has measured; what cannot be had is left out."""
        ray = ray_module()
        poll = self._poll or self._actor.measured.remote(len(self.measurements))
        with suppress(ray.exceptions.RayError):
            self.measurements += ray.get(poll, timeout=seconds)
            self._poll, self._polled = None, time.monotonic()

    def ask_to_stop(self) -> None:
        """Ask it to stop at its next epoch."""
        self._actor.stop.remote()

    def kill(self) -> None:
        """End it now."""
        ray = ray_module()
        with suppress(ray.exceptions.RayError, ValueError):  # it, or Ray itself, has ended
            ray.kill(self._actor)


def last_line(error: Exception) -> str:
    """Return the end of what Ray says of an error, which is the error itself."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:300] if lines else type(error).__name__
