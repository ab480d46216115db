"""A run's beginning and its end, as the process knows them."""

import signal
import threading
import time
from types import FrameType
from typing import Final, NoReturn

BEGAN: Final = time.monotonic()
"""The start of the process, as far as we see: what --minutes counts from."""
STOP: Final = threading.Event()
"""Set once a stop was asked for: a library may swallow a KeyboardInterrupt, or make it an error."""


def stop_on_signals() -> None:
    """Let SIGTERM and Ctrl-C end a run with everything saved."""
    signal.signal(signal.SIGTERM, _stop)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not in the background
        signal.signal(signal.SIGINT, _stop)


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    STOP.set()
    raise KeyboardInterrupt
