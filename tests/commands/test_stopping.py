"""Signals that ask a run to end."""

import os
import signal
import subprocess
import sys

import pytest
from tests.waiting import PATIENCE

from tunesmith.commands import stopping


@pytest.fixture
def signals(monkeypatch):
    """Put back how this process takes signals, and that nobody asked it to stop."""
    monkeypatch.setattr(stopping, "STOP", stopping.Flag())
    before = {s: signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)  # as in the foreground
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_an_interrupt_and_is_remembered(signals, number):
    """Whoever catches the interrupt cannot hide that a stop was asked for."""
    stopping.stop_on_signals()
    assert not stopping.STOP.is_set()
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), number)
    assert stopping.STOP.is_set()


def test_in_the_background_ctrl_c_stays_ignored(signals):
    """A shell lets background jobs ignore Ctrl-C; so do we."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stopping.stop_on_signals()
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


PROGRAM = """
import os, signal, threading
from tunesmith.commands.stopping import stop_on_signals

stop_on_signals()
threading.Thread(target=threading.Event().wait).start()  # would be waited for
try:
    os.kill(os.getpid(), signal.SIGINT)
except KeyboardInterrupt:
    print("first", flush=True)
os.kill(os.getpid(), signal.SIGTERM)
print("never")
"""


def test_a_second_signal_ends_at_once():
    """Whatever still runs; one line says what became of the work, without escapes in a pipe."""
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, timeout=PATIENCE, check=False
    )
    assert (ended.returncode, ended.stdout) == (130, b"first\n")
    assert ended.stderr == b"tunesmith: stopped at once; what was stored is kept\n"
