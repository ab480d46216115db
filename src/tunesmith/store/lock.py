"""One driver per study: the operating system's own lock, on a file beside the study.

The kernel frees it when the driver dies, however it dies, so a lock is never stale.
"""

import os
import re
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from tunesmith.errors import FileError, StoreBusy

_PATIENCE = 0.2
"""Seconds; enough for a driver that is just ending to let go."""

_HOLDER = re.compile(r"(\d{1,10}) (\d{4}-\d\d-\d\d) (\d\d:\d\d)")


def take(path: Path, name: str) -> FileLock:
    """Return the held lock of the study at `path`.

    Raises StoreBusy if another driver holds it, FileError if the folder cannot be written in.
    """
    # Not per thread: a store may be closed by another thread than opened it.
    lock = FileLock(f"{path}.lock", timeout=_PATIENCE, thread_local=False, on_acquired=_sign)
    try:
        lock.acquire()
    except Timeout:
        raise StoreBusy(
            f"{name} is already being run by {_holder(Path(lock.lock_file))}; "
            "wait until it ends, or stop it there"
        ) from None
    except OSError as error:
        raise FileError(
            f"cannot write in the folder '{path.parent}' ({error.strerror}): "
            "check its permissions, or choose another folder"
        ) from error
    return lock


def release(lock: FileLock) -> None:
    """Delete the lock file and let go of the lock."""
    # Deleted while still held: whoever has opened the file in the meantime and gets its lock
    # afterwards finds a file without a name, and filelock then starts over with a new one.
    # Where an open file cannot be deleted, it stays, which does no harm.
    with suppress(OSError):
        Path(lock.lock_file).unlink()
    lock.release()


def _sign(descriptor: int) -> None:
    """Write who holds the lock, for the message of whoever comes second; a courtesy only."""
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()} {datetime.now():%Y-%m-%d %H:%M}\n".encode())


def _holder(lock_file: Path) -> str:
    try:
        with lock_file.open("rb") as file:
            text = file.read(64).decode(errors="replace")
    except OSError:
        text = ""
    if not (signed := _HOLDER.fullmatch(text.strip())):
        return "another process"
    pid, day, minute = signed.groups()
    today = f"{datetime.now():%Y-%m-%d}"
    return f"pid {pid} since {minute}" if day == today else f"pid {pid} since {day} {minute}"
