"""fit: the plan, the files, and what stops it before anything is trained."""

import json
import os
from pathlib import Path

import pytest
from tests.command_line import write

from tunesmith.cli import run
from tunesmith.commands.fit import study_name
from tunesmith.model.file import save_model

FOR_PEOPLE = "fit people.csv --target income"


def test_a_folder_that_may_not_be_written(here, capsys, monkeypatch):
    """Found before anything is trained."""
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    assert run([*FOR_PEOPLE.split(), "--out", "x"]) == 74
    assert capsys.readouterr().err == (
        "tunesmith: x.model may not be written: choose another place with --out\n"
    )


def test_the_plan_is_printed_and_kept(here, capsys, tmp_path):
    """What is searched is said before anything is spent; a resume knows it from the study alone."""
    study = tmp_path / "plan.study"
    asked = "--trials 3 --tune dropout,units --fix layers=6 --out"
    assert run([*FOR_PEOPLE.split(), *asked.split(), str(study)]) == 0
    out = capsys.readouterr().out
    said, searched = out.index("searched: units, dropout\nfixed: layers=6\n"), out.index("fitting")
    assert out.index("plan: ") < said < searched
    assert "\ndefaults: learning_rate=0.004, batch_size=128, bins=16, schedule=cosine," in out
    assert "\nnot used: decay\n" in out
    assert run(["resume", str(study)]) == 0
    capsys.readouterr()
    assert run(["show", str(study), "--json"]) == 0
    configs = [best["config"] for best in json.loads(capsys.readouterr().out)["best"]]
    held = {"learning_rate": 0.004, "batch_size": 128, "layers": 6, "beta2": 0.95}
    assert all(config.items() >= held.items() for config in configs)
    assert len({config["dropout"] for config in configs}) == 3


def test_a_column_without_values_is_left_out(here, capsys, tmp_path):
    """A feature that is missing in every row is said, and no fault."""
    code = run(f"fit gap.csv --target income --trials 1 --drop age --out {tmp_path}/gap".split())
    assert code == 2  # age dropped, nothing left: and no file is made
    assert list(tmp_path.iterdir()) == []
    capsys.readouterr()
    assert run(f"fit gap.csv --target income --trials 1 --out {tmp_path}/gap".split()) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "1 number, 1 left out (nothing: missing in every row)"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["gap.html", "gap.model", "gap.study"]


@pytest.fixture
def sold(tmp_path, monkeypatch):
    """Work in a folder with a table of what was sold, in which shop, on which day."""
    monkeypatch.chdir(tmp_path)
    rows = [
        f"{i % 13}.5,shop {i % 8},2021-{1 + i // 28:02}-{1 + i % 28:02},"
        f"{('tea', 'jam', 'oil')[(i % 13 > 4) + (i % 13 > 8)]},{(i % 13) ** 2 + i % 3}"
        for i in range(73)
    ]
    write("sold.csv", "weight,shop,day,what,price", rows)


def told(capsys, command):
    """Run a command that prints JSON; return the object."""
    capsys.readouterr()
    assert run([*command.split(), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("target", "metric"),
    [("what", "log_loss"), ("what", "auc"), ("what", "balanced_accuracy"), ("price", "rmse")],
)
def test_a_metric_by_name(sold, capsys, target, metric):
    """It judges trials and the model, in the field's own sign, and a study shows it."""
    result = told(capsys, f"fit sold.csv --target {target} --drop day --metric {metric} --trials 3")
    assert result["metric"] == metric
    low, high = result["interval"]
    assert 0 <= low <= result["score"] <= high
    smaller = metric in ("log_loss", "rmse")
    assert (result["score"] < result["baseline"]["constant"]) == smaller
    shown = told(capsys, "show sold.study")
    assert (shown["metric"], shown["goal"]) == (metric, "min" if smaller else "max")
    values = [row["score"] for row in shown["best"]]
    assert values == sorted(values, reverse=not smaller)
    assert result["validation"] in values
    assert (result["members"], result["optimism"]) == (1, None)  # of three trials nothing is said


@pytest.mark.parametrize("way", ["--group shop", "--time day", "--balanced"])
def test_a_study_that_was_stopped_is_divided_alike(sold, capsys, monkeypatch, way):
    """Stopped before the model is written and resumed, it ends as if it had not been."""
    small = "--fix layers=1 --fix units=17"
    asked = f"fit sold.csv --target what {way} --ensemble --trials 6 {small} --seed 5"
    expected = told(capsys, f"{asked} --out whole")
    assert 1 <= expected["members"] <= 8

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("tunesmith.fit.flow.save_model", stop)
    assert run(f"{asked} --out cut".split()) == 130
    monkeypatch.setattr("tunesmith.fit.flow.save_model", save_model)
    result = told(capsys, "resume cut.study")
    places = {"seconds", "study", "model"}
    assert {k: v for k, v in result.items() if k not in places} == {
        k: v for k, v in expected.items() if k not in places
    }
    assert Path("cut.model").read_bytes() == Path("whole.model").read_bytes()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/b.csv", "b"),
        ("b.csv.gz", "b"),
        ("b.tsv", "b"),
        ("b.1.parquet", "b.1"),
        ("b", "b"),
        (".csv", "table"),
    ],
)
def test_a_study_is_called_as_its_table(path, name):
    """Without what says the format; in this folder, wherever the table lies."""
    assert study_name(Path(path)) == Path(name)
