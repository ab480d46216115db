"""Files that are there whole, or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, or leave the one before as it was; OSError where it cannot be written."""
    with whole(path) as beside:
        beside.write_bytes(content)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a path beside `path` to write to; at a clean end what is there takes its place.

    Raises OSError where it cannot; whatever ends it otherwise, `path` stays as it was.
    """
    beside = path.with_name(path.name + ".part")
    try:
        yield beside
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        with suppress(OSError):  # it is gone already if all went well
            beside.unlink()
