"""show: the leaderboard and --json."""

import json

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
    head, best = out.split("\n\n")[1].splitlines()[:2]
    assert head.split()[:3] == ["trial", "accuracy", "epochs"]
    assert best.split()[0] == str(shown["best"][0]["trial"])
    assert max(map(len, out.splitlines())) <= 80


def test_show_a_study_of_a_function(here, capsys):
    """Studies of ts.tune are shown too."""
    assert run(["show", "mine.study"]) == 0
    assert capsys.readouterr().out.startswith("loss, minimized; finished: all 2 trials were made\n")
