"""dashboard: what it says before it serves, and how it ends."""

import socket

import pytest
from tests import large

from tunesmith.cli import run
from tunesmith.commands import dashboard as module
from tunesmith.dashboard.serve import Server

INTERRUPTED = 130


@pytest.fixture
def study(tmp_path, monkeypatch):
    """Work beside a study, with a server that is stopped as soon as it runs."""

    def stopped(server, sockets):
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Server, "run", stopped)
    large.write(tmp_path / "x.study", trials=2, epochs=2)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


def test_it_says_where_the_page_is_and_ends_with_a_sentence(study, capsys):
    """The address with its token, then one sentence on Ctrl-C."""
    assert run(["dashboard", "x.study", "--port", study]) == INTERRUPTED
    out, err = capsys.readouterr()
    assert out.startswith(f"x.study is at http://127.0.0.1:{study}/?token=")
    assert out.endswith(" (Ctrl-C ends this)\n")
    assert out.count("\n") == 1
    assert err == f"tunesmith: {module.ENDED}\n"


def test_a_taken_port_is_said(study, capsys):
    """And another is used."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(study)))
        taken.listen()
        assert run(["dashboard", "x.study", "--port", study]) == INTERRUPTED
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"port {study} is taken, so the page is at port ")
    assert f"127.0.0.1:{first.rpartition(' ')[2]}/" in second


@pytest.mark.parametrize("screen", [True, False])
@pytest.mark.parametrize("options", [[], ["--no-open"]])
def test_a_browser_is_opened_where_there_is_a_screen(study, monkeypatch, capsys, screen, options):
    """With an address of its own, which is good once."""
    opened = []
    monkeypatch.setattr(module, "_has_screen", lambda: screen)
    monkeypatch.setattr(module.webbrowser, "open", opened.append)
    run(["dashboard", "x.study", "--port", study, *options])
    assert len(opened) == (screen and not options)
    assert not any(address in capsys.readouterr().out for address in opened)


@pytest.mark.parametrize(
    ("tty", "platform", "display", "expected"),
    [
        (True, "linux", ":0", True),
        (True, "linux", "", False),
        (True, "darwin", "", True),
        (False, "linux", ":0", False),
    ],
)
def test_a_screen_is_a_terminal_with_windows_beside_it(
    monkeypatch, tty, platform, display, expected
):
    """A browser that would take the terminal is not started."""
    monkeypatch.setattr(module.sys, "stdout", type("Out", (), {"isatty": lambda self: tty})())
    monkeypatch.setattr(module.sys, "platform", platform)
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert module._has_screen() is expected


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["y.study"], 74, "no file 'y.study' here; did you mean 'x.study'?"),
        (["x.png"], 74, "'x.png' is not a study file: give the name of one that tunesmith wrote"),
        ([".", "--port", "9000"], 74, "'.' is a folder: give the name of a study file"),
        (["x.study", "--port", "80"], 2, "--port must be a whole number from 1024 to 65,535"),
        (["x.study", "--port", "65536"], 2, "--port must be a whole number from 1024 to 65,535"),
        (["x.study", "--port", "x"], 2, "--port must be a whole number from 1024 to 65,535"),
        (["x.study", "--host", "0.0.0.0"], 2, "no option '--host'"),
        ([], 2, "STUDY is missing; see tunesmith dashboard --help"),
    ],
    ids=str,
)
def test_wrong_use_is_one_sentence(study, tmp_path, capsys, arguments, code, sentence):
    """On stderr, with the remedy, and nothing is served."""
    (tmp_path / "x.png").write_bytes(b"\x89PNG" * 99)
    assert run(["dashboard", *arguments]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"tunesmith: {sentence}")
    assert err.count("\n") == 1
