"""resume: a study goes on, and ends as it would have."""

import json
import shutil
from pathlib import Path

from tunesmith.cli import run
from tunesmith.ledger import read_ledger
from tunesmith.store.store import Store


def test_a_table_that_moved(here, capsys):
    """Resume says what it misses and how to name it; with --data it goes on."""
    Path("people.csv").rename("moved.csv")
    try:
        assert run(["resume", "people.study"]) == 74
        assert capsys.readouterr().err == (
            "tunesmith: the table of 'people.study' was 'people.csv', which is not here: say "
            "where it lies now with --data\n"
        )
        assert run(["resume", "people.study", "--data", "moved.csv"]) == 0
    finally:
        Path("moved.csv").rename("people.csv")


def test_resume_of_a_finished_study_repeats_its_result(here, made, capsys):
    """The same object again, to the last figure; the model file is not touched."""
    _, results = made
    before = Path("images.model").stat().st_mtime_ns
    assert run(["resume", "images.study", "--workers", "1", "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == json.loads(results["demo"].stdout)
    assert "finished: nothing to do" in told.err
    assert Path("images.model").stat().st_mtime_ns == before


def test_time_before_a_stop_counts(made, tmp_path, monkeypatch):
    """The minutes of a resumed study go on from what its driver had used, from process start."""
    folder, _ = made
    shutil.copy(folder / "images.study", tmp_path / "images.study")  # its model is missing
    monkeypatch.chdir(tmp_path)
    runs = []

    def stop(asked, events, objective, folder):
        runs.append(asked)
        raise KeyboardInterrupt

    monkeypatch.setattr("tunesmith.fit.flow._search", stop)
    monkeypatch.setattr("tunesmith.commands.stopping.BEGAN", 1_234.5)
    assert run(["resume", "images.study"]) == 130
    with Store.read("images.study") as store:
        seconds = read_ledger(store.replay()).seconds
    assert seconds > 0
    assert [asked.began for asked in runs] == [1_234.5 - seconds]


def test_more_trials_for_a_finished_study(made, tmp_path, monkeypatch, capsys):
    """It goes on from where it ended, and says so; the table is the one that it had."""
    folder, _ = made
    for name in ("people.csv", "people.study"):
        shutil.copy(folder / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert run(["resume", "people.study", "--trials", "5", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["trials"] == 5
    assert run(["show", "people.study"]) == 0
    assert "amended after 2 trials: trials 5, not 2\n" in capsys.readouterr().out
    assert run(["show", "people.study", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["amendments"] == [{"first": 2, "reason": "trials 5, not 2"}]
    assert run(["resume", "people.study", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["digest"] == told["digest"]
