"""A run's beginning and its end, as the process knows them."""

import os
import signal
import sys
import time
from types import FrameType
from typing import Final, NoReturn, final


@final
class Flag:
    """Set once, also by a signal in the middle of `set`, which would lock a `threading.Event`."""

    def __init__(self) -> None:
        self._value = False

    def set(self) -> None:
        """Set it."""
        self._value = True

    def is_set(self) -> bool:
        """Return whether it was set."""
        return self._value


BEGAN: Final = time.monotonic()
"""The start of the process, as far as we see: what --minutes counts from."""
STOP: Final = Flag()
"""Set once a stop was asked for: a library may swallow a KeyboardInterrupt, or make it an error."""
INTERRUPTED: Final = 130
"""Exit code after Ctrl-C: 128 + SIGINT."""
SHOW_CURSOR: Final = b"\x1b[?25h\r\n"
"""What a terminal needs to show its cursor again, on a line of its own."""


def stop_on_signals() -> None:
    """Let SIGTERM and Ctrl-C end a run with everything saved, and a second one end it at once."""
    signal.signal(signal.SIGTERM, _stop)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not in the background
        signal.signal(signal.SIGINT, _stop)


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    if STOP.is_set():
        _leave()
    STOP.set()
    raise KeyboardInterrupt


def _leave() -> NoReturn:
    """End now, whatever threads and libraries are doing; what was stored is stored."""
    if sys.stderr.isatty():
        os.write(sys.stderr.fileno(), SHOW_CURSOR)
    os.write(sys.stderr.fileno(), b"tunesmith: stopped at once; what was stored is kept\n")
    os._exit(INTERRUPTED)
