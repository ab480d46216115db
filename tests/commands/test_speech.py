"""What a person is told, and where."""

import pytest

from tunesmith.commands.speech import console, say


@pytest.mark.parametrize("to_stderr", [False, True])
def test_lines_are_printed_as_they_are(capsys, to_stderr):
    """Neither markup nor emoji nor an escape in a name does anything; a long line is not cut."""
    line = f"[bold]:smile: \x1b[31m {'x' * 200}"
    say(console(to_stderr=to_stderr), line, "second")
    printed = capsys.readouterr()
    out = printed.err if to_stderr else printed.out
    assert out.splitlines() == [line.replace("\x1b", "\\x1b"), "second"]
    assert (printed.out if to_stderr else printed.err) == ""


def test_no_colour_where_it_is_not_wanted(monkeypatch):
    """NO_COLOR is kept; an empty one says nothing."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert console().color_system is None
