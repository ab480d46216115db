"""A training function on its way to a worker process."""

import sys
from multiprocessing.reduction import ForkingPickler
from pathlib import Path

from tunesmith.errors import ObjectiveError

ELSEWHERE = "or use executor='threads'"
"""Nothing has to be sent to threads."""


def packed(objective: object) -> bytes:
    """Return a training function as bytes for the pipe to a worker.

    What is sent is its name and module, by which the worker imports it; an object or a partial
    takes along what it holds.

    Raises ObjectiveError for one that a worker could not find.
    """
    name = getattr(objective, "__qualname__", type(objective).__qualname__)
    if getattr(objective, "__module__", "") == "__main__" and not _main_has_file():
        raise ObjectiveError(
            f"{name} was defined in a session without a file, where no worker process can find "
            f"it: write it into a module and import it, {ELSEWHERE}"
        )
    try:
        return bytes(ForkingPickler.dumps(objective))
    except Exception as error:  # whatever its parts raise when they are to be sent
        remedy = "define it with def at the top of a module"
        if "<locals>" not in name and "<lambda>" not in name:
            remedy = "let it open what cannot be sent when it is called"
        raise ObjectiveError(
            f"{name} cannot be sent to a worker process ({error}): {remedy}, {ELSEWHERE}"
        ) from error


def _main_has_file() -> bool:
    file = getattr(sys.modules["__main__"], "__file__", None)
    return file is not None and Path(file).exists()
