"""show: the leaderboard and --json."""

import json
import math

import pytest
from rich.cells import cell_len
from tests import hostile

import tunesmith as ts
from tunesmith.cli import run


def test_show(here, made, capsys):
    """The leaderboard and --json tell of the same best trial."""
    _, results = made
    assert run(["show", "images.study", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    result = json.loads(results["demo"].stdout)
    assert {key: shown[key] for key in ("metric", "goal", "trials", "digest")} == {
        "metric": "accuracy",
        "goal": "max",
        "trials": 3,
        "digest": result["digest"],
    }
    assert shown["best"][0]["config"] == result["config"]
    assert run(["show", "images.study"]) == 0
    out = capsys.readouterr().out
    (board,) = (block for block in out.split("\n\n") if block.startswith("trial"))
    head, best = board.splitlines()[:2]
    assert head.split()[:3] == ["trial", "accuracy", "epochs"]
    assert best.split()[0] == str(shown["best"][0]["trial"])
    assert max(map(len, out.splitlines())) <= 80


def test_show_a_study_of_a_function(here, capsys):
    """Studies of ts.tune are shown too."""
    assert run(["show", "mine.study"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("best: loss 0.")
    assert "\nloss, minimized; finished: all 2 trials were made\n" in out


def test_show_tells_the_advice(tmp_path, capsys):
    """As it was stored at the end, and from the history while there is no end; five at most."""

    def objective(attempt):
        if attempt.number == 30:
            raise KeyboardInterrupt
        return math.log10(attempt["rate"]) ** 2

    unfinished, done = (str(tmp_path / f"{name}.study") for name in ("unfinished", "done"))
    space = ts.Space(rate=ts.Float(1e-5, 1e-2, scale=ts.LOG), idle=ts.Float(0.2, 0.7))
    with pytest.raises(KeyboardInterrupt):
        ts.tune(objective, space, trials=50, store=unfinished)
    history = ts.tune(lambda a: math.log10(a["rate"]) ** 2, space, trials=40, store=done)
    for path in (unfinished, done):
        assert run(["show", path]) == 0
        out = capsys.readouterr().out
        said = out.split("\n\nadvice\n")[1].split("\n\n")[0]
        assert "the best crowd the high end of rate, 0.01:" in said
        assert 1 <= said.count("\n- ") + 1 <= 5
        assert max(map(len, out.splitlines())) <= 80
    assert run(["show", done, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)["advice"]
    assert shown == [advice.to_builtins() for advice in history.advice]


@pytest.mark.parametrize("name", hostile.NAMES, ids=range(len(hostile.NAMES)))
def test_names_are_shown_and_not_obeyed(name, tmp_path, monkeypatch, capsys):
    """As a param, an option, a metric or a reason: escaped, in lines that fit; as JSON too."""
    monkeypatch.setenv("COLUMNS", "80")
    path = str(tmp_path / "x.study")
    hostile.write(tmp_path / "x.study", name)
    for options in ([], ["--rounds"]):
        assert run(["show", path, *options]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert all(line.isprintable() for line in lines)
        assert max(map(cell_len, lines)) <= 80
    assert run(["show", path, "--json"]) == 0
    text = capsys.readouterr().out.removesuffix("\n")
    assert text.isprintable()
    shown = json.loads(text)
    assert shown["metric"] == name
    assert shown["finished"] == name
    assert name in shown["best"][0]["config"]
