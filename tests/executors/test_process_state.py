"""What a training changes in its process is put back."""

import os
import sys
from pathlib import Path

import pytest
from tests.contracts.objectives import leave_traces

import tunesmith as ts
from tunesmith.executors.process_state import restored


def test_directory_and_environment(tmp_path, monkeypatch):
    """Changed, added and removed; also where the training fails."""
    monkeypatch.setenv("KEPT", "1")
    monkeypatch.setenv("REMOVED", "2")
    before, directory = os.environ.copy(), Path.cwd()

    def train():
        os.chdir(tmp_path)
        os.environ.update(KEPT="5", ADDED="3")
        del os.environ["REMOVED"]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), restored():
        train()
    assert (os.environ.copy(), Path.cwd()) == (before, directory)


def test_a_directory_that_is_gone(tmp_path, monkeypatch):
    """It cannot be put back, before or after, and that is no error."""
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    with restored():
        (tmp_path / "gone").rmdir()
    with restored():
        os.chdir(tmp_path)
    assert Path.cwd() == tmp_path


def test_streams(tmp_path, monkeypatch):
    """Replaced, closed, and closed below: they write where they wrote before."""
    with (tmp_path / "out.txt").open("w", encoding="latin-1") as out:
        monkeypatch.setattr(sys, "stderr", out)
        error = os.fstat(2)
        with restored():
            sys.stderr = None
            os.close(2)
        assert sys.stderr is out
        assert os.path.samestat(os.fstat(2), error)
        with restored():
            sys.stderr.close()
        assert not sys.stderr.closed
        assert (sys.stderr.fileno(), sys.stderr.encoding) == (2, "latin-1")


def test_no_descriptor_is_left_open():
    """Those that are kept meanwhile are closed."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(7):
        with restored():
            pass
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_trial_does_not_depend_on_those_before(tmp_path, monkeypatch):
    """Whichever worker trains it: two workers come to the study of one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG_OF_TRACE", "c")
    Path("here.txt").write_text("here")
    space = ts.Space(x=ts.Float(0, 1))
    one, two = (
        ts.tune(leave_traces, space, trials=7, executor="processes", workers=workers)
        for workers in (1, 2)
    )
    assert [trial.reason for trial in one.trials] == 7 * [""]
    assert one.digest == two.digest
