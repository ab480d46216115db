"""A run of a table's study, and what is said when it is stopped."""

import pytest

from tunesmith.cli import run


@pytest.mark.parametrize("exists", [False, True])
def test_the_command_to_go_on_is_said_where_there_is_a_study(tmp_path, monkeypatch, capsys, exists):
    """Its name is quoted for a shell; no command is offered for a file that is not there."""
    monkeypatch.chdir(tmp_path)

    def stopped(asked):
        if exists:
            asked.store.touch()
        raise KeyboardInterrupt

    monkeypatch.setattr("tunesmith.fit.flow.run_fit", stopped)
    assert run(["demo", "--trials", "3", "--out", "my digits"]) == 130
    command = "stopped; what was measured is kept; to go on: tunesmith resume 'my digits.study'"
    assert (command in capsys.readouterr().out) is exists
