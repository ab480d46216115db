"""Objects in processes of their own, each held to its cores, so that none disturbs another."""

import multiprocessing
import os
from collections.abc import Mapping
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any, final

from benchmarks.report import Refusal

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Read when a library of theirs is loaded."""


def cores() -> list[int]:
    """Return the cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def pinning() -> str:
    """Say how processes are held to their cores on this system."""
    if hasattr(os, "sched_setaffinity"):
        return "every arm in a process of its own, pinned: one thread to one core, the same for all"
    return "every arm in a process of its own, by turns; this system cannot pin them to a core"


@final
class Pinned:
    """An object that lives in a process of its own, on `threads` cores.

    `place` is "module:class"; the class is called there with `arguments`, once `environment` is
    set and before anything heavy is imported. Processes that are not asked anything sleep.
    """

    def __init__(
        self,
        place: str,
        *arguments: object,
        threads: int = 1,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        context = multiprocessing.get_context("spawn")
        self._place = place
        self._end, theirs = context.Pipe()
        settings = {name: str(threads) for name in THREADS} | dict(environment or {})
        self._process = context.Process(
            target=_serve,
            args=(place, arguments, cores()[-threads:], settings, theirs),
            daemon=True,
        )
        self._process.start()
        theirs.close()
        self._answer()

    def ask(self, method: str, *arguments: object) -> Any:
        """Call a method there and return its answer; Refusal if it fails."""
        self._end.send((method, arguments))
        return self._answer()

    def close(self) -> None:
        """End the process."""
        self._end.close()
        self._process.join()

    def _answer(self) -> Any:
        try:
            answer, failure = self._end.recv()
        except EOFError:
            failure = "the process died"
        if failure:
            raise Refusal(f"{self._place} failed: {failure}", exit_code=1)
        return answer


def _serve(
    place: str,
    arguments: tuple[object, ...],
    held: list[int],
    environment: Mapping[str, str],
    end: "Connection[Any, Any]",
) -> None:
    """Answer what is asked until the other end is closed."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, held)
    os.environ.update(environment)
    try:
        module, _, name = place.partition(":")
        thing = getattr(import_module(module), name)(*arguments)
        end.send((None, ""))
        while True:
            method, values = end.recv()
            end.send((getattr(thing, method)(*values), ""))
    except EOFError:
        return
    except Exception as error:
        end.send((None, f"{type(error).__name__}: {str(error).strip() or 'no words'}"))
