"""What a training function may change in its process, put back when the training ends.

A worker trains one trial after the other. Without this, a trial would depend on what the trials
before it in the same worker left behind, and so on which of them ran there.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

STREAMS = ("stdin", "stdout", "stderr")
"""The standard streams; each one's place is its file descriptor."""


@contextmanager
def restored() -> Iterator[None]:
    """Put back the directory, the environment and the standard streams at the end.

    State that belongs to the whole process: not for trainings in several threads at a time.
    """
    directory, environment = _directory(), os.environ.copy()
    streams = {name: getattr(sys, name) for name in STREAMS}
    descriptors = [_duplicate(number) for number in range(len(STREAMS))]
    try:
        yield
    finally:
        if directory is not None and _directory() != directory:
            with suppress(OSError):  # it was removed
                os.chdir(directory)
        _restore_environment(environment)
        for number, copy in enumerate(descriptors):
            _restore_descriptor(number, copy)
        for number, (name, stream) in enumerate(streams.items()):
            _restore_stream(number, name, stream)


def _directory() -> str | None:
    """Return the current directory, or None where it was removed."""
    try:
        return os.getcwd()  # noqa: PTH109 (no Path: this is called twice per training)
    except OSError:
        return None


def _restore_environment(environment: dict[str, str]) -> None:
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    for name, value in environment.items():
        if os.environ.get(name) != value:
            os.environ[name] = value


def _duplicate(number: int) -> int | None:
    """Return another descriptor of the same file, or None where there is none."""
    try:
        return os.dup(number)
    except OSError:
        return None


def _restore_descriptor(number: int, copy: int | None) -> None:
    """Let a descriptor refer to the file of its copy again, and close the copy."""
    if copy is None:
        return
    with suppress(OSError):  # the training closed the copy
        if not _same_file(number, copy):
            os.dup2(copy, number)
        os.close(copy)


def _same_file(one: int, other: int) -> bool:
    try:
        return os.path.samestat(os.fstat(one), os.fstat(other))
    except OSError:
        return False


def _restore_stream(number: int, name: str, stream: Any) -> None:
    """Put back a stream of `sys`; one that was closed is opened anew."""
    if getattr(stream, "closed", False):
        with suppress(OSError, ValueError, AttributeError):  # such as one of another type
            stream = open(  # noqa: SIM115
                number,
                "r" if name == "stdin" else "w",
                encoding=stream.encoding,
                errors=stream.errors,
                closefd=False,
            )
    if getattr(sys, name) is not stream:
        setattr(sys, name, stream)
