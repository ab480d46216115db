"""Ray's side of a training: take a task, train it, tell what was measured when asked."""

import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import final

from tunesmith.executors.attempt import Objective, run_with
from tunesmith.executors.carrying import Files, packed_folder, unpack_folder
from tunesmith.executors.protocol import Outcome, Run, Task
from tunesmith.trial import Measurement

Answer = tuple[Outcome | KeyboardInterrupt, Files]
"""What came of a task, and what its folder holds now; {} where the driver sees the folder."""

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
        """Train a task in its folder, or, with `files`, in one of this machine that holds them."""
        self._measured = []
        if files is None:
            return self._answer(task), {}
        with tempfile.TemporaryDirectory(prefix="tunesmith-") as folder:
            place = Path(folder) / task.folder.name
            unpack_folder(files, place)
            return self._answer(replace(task, folder=place)), packed_folder(place)

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
