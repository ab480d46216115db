"""Runs at a real pseudo-terminal of 80 columns: what a person sees, and what is left behind."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import pytest

COMMAND = (sys.executable, "-c", "from tunesmith.cli import main; main()")
COLUMNS = 80
HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
NASTY = "[bold]\x1b[31mx"
"""A name that would like to command a terminal; also its file is called so."""


def at_terminal(*arguments, folder, press=None, **environment):
    """Run a command at a terminal; return its exit code and all that was written there.

    `press` is a text to wait for, at which Ctrl-C is typed.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=folder,
        env={"TERM": "xterm-256color", "LANG": "C.UTF-8"} | kept | environment,
        start_new_session=True,
        # Only at its controlling terminal does Ctrl-C reach a process.
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)
    written = b""
    try:
        while chunk := _read(ours):
            written += chunk
            if press and press.encode() in written:
                os.write(ours, b"\x03")
                press = None
    finally:
        os.close(ours)
    return process.wait(), written.decode()


def _read(terminal):
    try:
        return os.read(terminal, 65_536)
    except OSError:  # Linux says so when nobody holds the other end any more
        return b""


def lines_of(written):
    """Return what was written, line by line as it was drawn, without escapes."""
    return re.split(r"[\r\n]+", ESCAPE.sub("", written))


def cursor_is_restored(written):
    return written.rfind(SHOW) > written.rfind(HIDE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make a folder with a table whose names would like to command a terminal."""
    folder = tmp_path_factory.mktemp("terminal")
    rows = [f"same,{i % 7},{i % 2}" for i in range(41)]
    (folder / f"{NASTY}.csv").write_text("\n".join([f"{NASTY},b,y", *rows]) + "\n")
    return folder


@pytest.fixture(scope="module")
def demo(folder):
    """Run a small demo at the terminal, once."""
    return at_terminal("demo", "--trials", "4", "--out", "images", folder=folder)


def test_a_panel_is_drawn_within_the_width(demo):
    """There is a panel with a bar, the best and its config, and no line is wider than 80."""
    code, written = demo
    assert code == 0
    assert HIDE in written  # it is drawn in place
    lines = lines_of(written)
    assert any(
        re.fullmatch(r"best so far  accuracy 0\.\d{4} \(trial \d+\)", line) for line in lines
    )
    assert any(re.search(r"━ +\d+%  \d+:\d\d", line) for line in lines)
    assert max(map(len, lines)) <= COLUMNS


def test_the_panel_goes_and_the_result_stays(demo):
    """The cursor is back, and the last lines are the next commands."""
    _, written = demo
    assert cursor_is_restored(written)
    after = lines_of(written[written.rfind(SHOW) :])
    assert not any("best so far" in line for line in after)
    assert [line for line in after if line][-3:] == [
        "model    tunesmith predict images.model NEW.csv -o OUT.csv",
        "study    tunesmith show images.study",
        "report   images.html",
    ]


def test_ctrl_c_at_the_terminal(folder):
    """The panel goes, the cursor comes back, and the last words are how to go on."""
    code, written = at_terminal(
        "demo", "--trials", "5000", "--out", "stopped", folder=folder, press="best so far"
    )
    assert code == 130, written
    assert cursor_is_restored(written)
    assert [line for line in lines_of(written) if line][-2:] == [
        "stopped; what was measured is kept; to go on: tunesmith resume stopped.study",
        "tunesmith: interrupted",
    ]
    assert "Traceback" not in written


def test_names_are_shown_and_not_obeyed(folder):
    """Brackets are no markup and escapes no commands; NO_COLOR takes away every colour."""
    code, written = at_terminal(
        *("fit", f"{NASTY}.csv", "--target", "y", "--trials", "2", "--drop", NASTY),
        folder=folder,
        NO_COLOR="1",
    )
    assert code == 0
    assert COLOUR.search(written) is None
    assert r"([bold]\x1b[31mx: dropped as asked)" in written
    assert r"tunesmith show '[bold]\x1b[31mx.study'" in written


def test_a_dumb_terminal_gets_plain_text(folder):
    """TERM=dumb: the same lines as in a pipe, and not one escape."""
    code, written = at_terminal(
        "demo", "--trials", "3", "--out", "dumb", folder=folder, TERM="dumb"
    )
    assert code == 0
    assert "\x1b" not in written
    assert re.search(r"^0:\d\d  3 trials, best accuracy 0\.\d{4}\r$", written, re.MULTILINE)


def test_a_pipe_gets_plain_text(demo, folder):
    """Piped output has no escapes, whatever TERM says."""
    ended = subprocess.run(
        [*COMMAND, "show", "images.study"],
        capture_output=True,
        cwd=folder,
        env=os.environ | {"TERM": "xterm-256color"},
        check=True,
    )
    assert b"\x1b" not in ended.stdout + ended.stderr
