"""fit: the plan, the files, and what stops it before anything is trained."""

import json
import os
from pathlib import Path

import pytest

from tunesmith.cli import run
from tunesmith.commands.fit import study_name

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
    held = {"learning_rate": 0.004, "batch_size": 128, "layers": 6, "beta2": 0.99}
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
