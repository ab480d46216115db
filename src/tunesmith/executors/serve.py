"""The worker's side of the pipe: take a task, train it, tell what was measured."""

import os
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from typing import final

from tunesmith.executors.attempt import run_with
from tunesmith.executors.protocol import Outcome
from tunesmith.trial import Measurement

STARTING = "TUNESMITH_WORKER_STARTING"
"""An environment variable, set in a worker until it serves."""

UNGUARDED = 79
"""Exit code of a worker whose script began a study of its own when it was imported."""


@final
@dataclass(frozen=True, slots=True)
class Ready:
    """The worker has loaded the training function."""


@final
@dataclass(frozen=True, slots=True)
class Unloadable:
    """The worker cannot load the training function, and why."""

    reason: str


Message = Ready | Unloadable | Measurement | Outcome | KeyboardInterrupt
"""What a worker says. An Outcome comes without the measurements, which went before it."""


def leave_if_starting() -> None:
    """End a worker whose script, imported to find the training function, begins a study."""
    if os.environ.get(STARTING):
        os._exit(UNGUARDED)


def serve(connection: Connection, objective: bytes) -> None:
    """Train the tasks that come through the pipe until None comes, or nothing can any more.

    While a task is trained, anything in the pipe means that it should stop.
    """
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)  # so that what a training starts can be ended with it
    os.environ.pop(STARTING, None)

    def tell(message: Message) -> None:
        try:
            connection.send(message)
        except OSError:  # nobody hears it
            os._exit(1)

    try:
        run = run_with(ForkingPickler.loads(objective), tell)
    except Exception as error:
        tell(Unloadable(f"{type(error).__name__}: {error}"))
        return
    tell(Ready())
    try:
        while (task := connection.recv()) is not None:
            try:
                tell(replace(run(task, connection.poll), measurements=()))
            except KeyboardInterrupt as stop:
                tell(stop)
    except (EOFError, OSError):  # the driver has ended
        return
