"""Ctrl-C once, twice, and SIGTERM, at a real pseudo-terminal."""

import fcntl
import os
import pty
import signal
import sys
import termios
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from tests.waiting import PATIENCE, until

import tunesmith as ts
from tunesmith.ledger import read_ledger
from tunesmith.store.store import Store

CTRL_C = b"\x03"
HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"
SCRIPT = """
import os, time
import tunesmith as ts

def objective(attempt):
    print("training", attempt.number, flush=True)
    for epoch in attempt.epochs:
        time.sleep({seconds})
        attempt.record(loss=attempt["x"] + 1 / (epoch + 3))

{first}
if __name__ == "__main__":
    space = ts.Space(x=ts.Float(0.3, 2.7))
    history = ts.tune(objective, space, trials=6, epochs=3, workers=2, store="x.study")
    print(history.digest)
"""
PATIENT = """
from tunesmith.executors import processes

wind_down = processes.ProcessExecutor._wind_down

def announced(executor):
    print("winding down", flush=True)
    wind_down(executor)

processes.STOP_SECONDS = 3600
processes.ProcessExecutor._wind_down = announced
"""
"""It says when it has begun to stop, and would wait for its workers for an hour."""
IMPATIENT = """
from tunesmith.executors import processes

processes.STOP_SECONDS = 0.5
"""
"""It does not wait long for its workers."""


class Terminal:
    """A program at a terminal of its own, and all that it has written there."""

    def __init__(self, *command, folder):
        self._ours, theirs = pty.openpty()
        root = filter(None, [str(Path.cwd()), os.environ.get("PYTHONPATH")])
        self.process = psutil.Popen(
            [sys.executable, *command],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=folder,
            env=os.environ | {"TERM": "xterm-256color", "PYTHONPATH": os.pathsep.join(root)},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(theirs)
        self.written = ""

    def read_until(self, text):
        """Read on until a text has been written; "" is never written, so that it is the end."""
        before = len(self.written)
        while not text or text not in self.written[before:]:
            with suppress(OSError):  # Linux says so when nobody holds the other end any more
                if chunk := os.read(self._ours, 65_536):
                    self.written += chunk.decode(errors="replace")
                    continue
            break

    def type(self, key):
        os.write(self._ours, key)

    def end(self):
        """Wait for the end; return the exit code and how long it took."""
        began = time.monotonic()
        self.read_until("")
        code = self.process.wait(PATIENCE)
        os.close(self._ours)
        return code, time.monotonic() - began


def family(process):
    """Return the processes that a program has started."""
    return process.children(recursive=True)


def lives(process):
    """Say whether a process has not ended; one that waits to be reaped has."""
    with suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


def all_gone(processes, seconds):
    """Say whether all of them end within so many seconds."""
    return until(lambda: not any(map(lives, processes)), seconds)


def losses(attempt):
    for epoch in attempt.epochs:
        attempt.record(loss=attempt["x"] + 1 / (epoch + 3))


@pytest.mark.survives(
    "Ctrl-C in a script with worker processes",
    "it ends within 10 s with what was measured; the same call goes on, to the same digest",
)
def test_ctrl_c_in_a_script(tmp_path, long, limit, record_property):
    """Each worker is a minute away from its next epoch, so that it is ended."""
    first = "" if long else IMPATIENT
    (tmp_path / "script.py").write_text(SCRIPT.format(first=first, seconds=60))
    terminal = Terminal("script.py", folder=tmp_path)
    terminal.read_until("training 1")
    workers = family(terminal.process)
    terminal.type(CTRL_C)
    code, seconds = terminal.end()
    assert code == -signal.SIGINT
    assert seconds < limit(10)
    assert len(workers) >= 2
    assert all_gone(workers, limit(1))
    assert "what was measured is kept in x.study: the same call goes on with it" in terminal.written
    assert terminal.written.count("Traceback") == 1
    question = {"space": ts.Space(x=ts.Float(0.3, 2.7)), "trials": 6, "epochs": 3}
    again = ts.tune(losses, **question, store=tmp_path / "x.study")
    assert again.digest == ts.tune(losses, **question).digest
    record_property("ended after", f"{seconds:.1f} s")


@pytest.mark.survives(
    "Ctrl-C a second time, in a script whose workers do not stop",
    "all processes are gone within 1 s; nothing acknowledged is lost",
)
def test_ctrl_c_twice_in_a_script(tmp_path, long, limit, record_property):
    """Each worker is an hour away from its next epoch."""
    first, longest = "" if long else PATIENT, 0.0
    (tmp_path / "script.py").write_text(SCRIPT.format(first=first, seconds=3600))
    for pause in (0.05, 0.3, 1.0) if long else (None,):
        terminal = Terminal("script.py", folder=tmp_path)
        terminal.read_until("training 1")
        workers = family(terminal.process)
        terminal.type(CTRL_C)
        if pause is None:
            terminal.read_until("winding down")
        else:
            time.sleep(pause)
        assert terminal.process.is_running()
        terminal.type(CTRL_C)
        code, seconds = terminal.end()
        assert code == -signal.SIGINT
        assert all_gone(workers, limit(1))
        longest = max(longest, seconds)
    assert longest < limit(5)
    with Store.read(tmp_path / "x.study") as store:
        assert read_ledger(store.replay()).history.study.trials == 6
    record_property("ended after at most", f"{longest:.1f} s")


def interrupted_demo(folder, stop):
    """Return what a demo wrote that was stopped, its exit code, and the seconds it took then."""
    command = "from tunesmith.cli import main; main()"
    terminal = Terminal("-c", command, "demo", "--trials", "5000", "--out", "x", folder=folder)
    terminal.read_until("best so far")
    stop(terminal)
    code, seconds = terminal.end()
    return terminal.written, code, seconds


def check_stopped(written, folder):
    """Check that the terminal is as it was, without a traceback, and that the study is there."""
    assert written.rfind(SHOW) > written.rfind(HIDE)
    assert "Traceback" not in written
    with Store.read(folder / "x.study") as store:
        assert read_ledger(store.replay()).history.study.trials == 5000


def press_twice(pause):
    def press(terminal):
        terminal.type(CTRL_C)
        time.sleep(pause)
        terminal.type(CTRL_C)

    return press


@pytest.mark.survives(
    "SIGTERM while `tunesmith demo` runs",
    "as for Ctrl-C: it ends within 10 s, prints the command to go on, and leaves the terminal as "
    "it was",
)
def test_sigterm(tmp_path, limit, record_property):
    """Whoever shuts the machine down sends it."""
    written, code, seconds = interrupted_demo(
        tmp_path, lambda terminal: terminal.process.send_signal(signal.SIGTERM)
    )
    assert code == 130
    assert seconds < limit(10)
    assert "to go on: tunesmith resume x.study" in written
    check_stopped(written, tmp_path)
    record_property("ended after", f"{seconds:.1f} s")


@pytest.mark.survives(
    "Ctrl-C twice while `tunesmith demo` runs",
    "it ends within 1 s of the second, and leaves the terminal as it was",
)
def test_ctrl_c_twice(tmp_path, long, limit, record_property):
    """However soon the second comes."""
    longest = 0.0
    for number, pause in enumerate((0.05, 0.1, 0.2, 0.5) if long else (0.1,)):
        folder = tmp_path / str(number)
        folder.mkdir()
        written, code, seconds = interrupted_demo(folder, press_twice(pause))
        assert code in (130, -signal.SIGINT)  # which a shell calls 130 too
        assert "stopped" in written
        check_stopped(written, folder)
        longest = max(longest, seconds)
    assert longest < limit(5)
    record_property("ended after at most", f"{longest:.1f} s")


def test_a_terminal_shows_what_was_written(tmp_path):
    """The rest of this file would pass on anything if it showed nothing."""
    terminal = Terminal("-c", "print('one'); raise SystemExit(7)", folder=tmp_path)
    assert terminal.end()[0] == 7
    assert terminal.written.split() == ["one"]
