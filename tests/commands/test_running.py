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


def test_somebody_s_own_page_is_left_alone(here, tmp_path, capsys):
    """A file of the report's name is no reason to fail: the run is done, and says what to do."""
    own = tmp_path / "people.html"
    own.write_text("<p>mine</p>", encoding="utf-8")
    name = tmp_path / "people"
    assert (
        run(["fit", "people.csv", "--target", "income", "--trials", "1", "--out", str(name)]) == 0
    )
    assert own.read_text(encoding="utf-8") == "<p>mine</p>"
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == (
        f"report   not written, since '{own}' is there, and is not a page of a study: choose "
        f"another name, or replace it with --force; to write it: tunesmith report {name}.study -o "
        "PAGE.html"
    )
    assert (tmp_path / "people.model").exists()
