"""Ray's side of a training: take a task, train it, tell what was measured when asked."""

import platform
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import final

from tunesmith.errors import FileError
from tunesmith.executors.attempt import Objective, run_with
from tunesmith.executors.carrying import Files, packed_folder, unpack_folder
from tunesmith.executors.checkpoint import uncopied
from tunesmith.executors.protocol import Outcome, Run, Task
from tunesmith.trial import Measurement

Answer = tuple[Outcome | KeyboardInterrupt | FileError, Files]
"""What came of a task, and what its folder holds now; {} where the driver sees the folder.

Two answers are for the driver to raise: Ctrl-C, and a FileError, which says that the disk of this
machine is full."""

SLOTS = 2
"""Calls that an actor answers at once: one trains, and the other asks how far it is."""


@final
class Trainer:
    """What runs in a process of Ray's, as an actor: one task at a time.

    `measured` and `stop` are called while it trains.
    """

    def __init__(self) -> None:
        self._run: Run
        self._stopping = threading.Event()
        self._measured: list[Measurement] = []

    def load(self, objective: Objective) -> None:
        """Take the training function."""
        self._run = run_with(objective, self._note)

    def train(self, task: Task, files: Files | None) -> Answer:
        """Train a task in its folder, or, with `files`, in one of this machine that holds them.

        A task whose files cannot be written here, or cannot be read afterwards, has failed.
        """
        self._measured = []
        if files is None:
            return self._answer(task), {}
        answer = None
        try:
            with tempfile.TemporaryDirectory(
                prefix="tunesmith-", ignore_cleanup_errors=True
            ) as folder:
                place = Path(folder) / task.folder.name
                unpack_folder(files, place)
                answer = self._answer(replace(task, folder=place))
                return answer, packed_folder(place)
        except OSError as error:  # none of the training's own: these are in its outcome
            return _uncopied(task, error, answer), {}

    def measured(self, after: int) -> list[Measurement]:
        """Return what was measured of the task since its first `after` measurements."""
        return self._measured[after:]

    def stop(self) -> None:
        """Let training stop at its next epoch."""
        self._stopping.set()

    def _answer(self, task: Task) -> Outcome | KeyboardInterrupt:
        try:
            return self._run(task, self._stopping.is_set)
        except KeyboardInterrupt as stop:  # meant for the whole program: the driver raises it
            return stop

    def _note(self, measurement: Measurement) -> None:
        self._measured.append(measurement)


def _uncopied(
    task: Task, error: OSError, answer: Outcome | KeyboardInterrupt | None
) -> Outcome | KeyboardInterrupt | FileError:
    """Return the answer to a task whose files cannot be written or read on this machine."""
    if isinstance(answer, KeyboardInterrupt):
        return answer
    try:
        return uncopied(task, error, answer)
    except FileError as full:
        return FileError(f"on {platform.node()}: {full}")
