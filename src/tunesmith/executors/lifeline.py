"""A worker does not outlive its driver, however the driver ends."""

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable
from multiprocessing import parent_process
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

PR_SET_PDEATHSIG = 1
"""From linux/prctl.h."""


def begin(connection: "Connection", objective: bytes) -> None:
    """Be a worker; tied to its driver before anything is imported that takes time."""
    die_with_driver()
    from tunesmith.executors.serve import serve

    serve(connection, objective)


def die_with_driver() -> None:
    """Let this process end when the driver does, whatever it is doing then.

    On Linux the kernel sees to it; elsewhere a thread does, which waits for the driver's end.
    """
    driver = parent_process()
    if driver is None:
        return
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != driver.pid:  # it ended before
            os._exit(1)
    else:
        end_after(driver.join)


def end_after(wait: Callable[[], None]) -> None:
    """End this process as soon as `wait` returns, in a thread of its own."""

    def end() -> None:
        wait()
        os._exit(1)

    threading.Thread(target=end, name="tunesmith-lifeline", daemon=True).start()
