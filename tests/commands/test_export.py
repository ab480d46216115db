"""export: what is written, and what is said of it."""

import csv
import json
import sys
from pathlib import Path

import pytest
from safetensors.numpy import load_file

from tunesmith.cli import run
from tunesmith.interchange import onnx, optuna_file

NO_TABLE = "'no/x.csv' cannot be written (No such file or directory): choose another place with -o"
NO_FOLDER = (
    "'no/x.onnx' cannot be written (No such file or directory): choose another place with -o"
)


def test_a_pytorch_module(here, capsys, tmp_path):
    """Two files, Python and its weights; the model stays as it was."""
    out = tmp_path / "net.py"
    before = Path("people.model").read_bytes()
    assert run(["export", "people.model", "--to", "pytorch", "-o", str(out)]) == 0
    weights = tmp_path / "net.safetensors"
    assert capsys.readouterr().out == f"income from 2 columns: written to {weights} and {out}\n"
    compile(out.read_text(encoding="utf-8"), out, "exec")
    assert {"rows", "weights.0", "biases.0"} <= set(load_file(weights))
    assert Path("people.model").read_bytes() == before


def test_an_onnx_file(here, capsys, tmp_path, monkeypatch):
    """One file, in the working folder if no other is named; --json tells what it reads."""
    monkeypatch.setattr(onnx, "to_onnx", lambda model: f"for {model.target}".encode())
    source = here / "people.model"
    monkeypatch.chdir(tmp_path)
    assert run(["export", str(source), "--to", "onnx", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "to": "onnx",
        "files": ["people.onnx"],
        "inputs": {"age": "number", "colour": "category"},
        "target": "income",
    }
    assert (tmp_path / "people.onnx").read_bytes() == b"for income"
    monkeypatch.chdir(here)


def test_where_there_is_no_onnx(here, capsys, tmp_path, monkeypatch):
    """It is said in a sentence, and nothing is written."""
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert run(["export", "people.model", "--to", "onnx", "-o", str(tmp_path / "x.onnx")]) == 2
    assert capsys.readouterr().err.endswith("pip install 'tunesmith[onnx]'\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (
            ["--to", "keras"],
            2,
            "there is no export to 'keras': choose onnx, pytorch, csv, json or optuna",
        ),
        (
            ["--to", "pytorch", "-o", "x.txt"],
            2,
            "a PyTorch module is a .py file, got 'x.txt': choose another -o",
        ),
        (
            ["--to", "onnx", "-o", "people.model"],
            2,
            "'people.model' is the model itself: choose another -o",
        ),
        (
            ["--to", "onnx", "-o", "no/x.onnx"],
            74,
            NO_FOLDER,
        ),
        ([], 2, "--to is missing; see tunesmith export --help"),
    ],
)
def test_what_cannot_be_written(here, capsys, monkeypatch, arguments, code, said):
    """One sentence each, and no file."""
    monkeypatch.setattr(onnx, "to_onnx", lambda model: b"")
    assert run(["export", "people.model", *arguments]) == code
    assert capsys.readouterr().err == f"tunesmith: {said}\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (
            ["mine.study", "--to", "csv", "-o", "mine.study"],
            2,
            "'mine.study' is the study itself: choose another -o",
        ),
        (["mine.study", "--to", "csv", "-o", "no/x.csv"], 74, NO_TABLE),
        (["mine.study", "--to", "optuna", "-o", "no/x.csv"], 74, NO_TABLE),
        (
            ["mini.study", "--to", "json"],
            74,
            "no file 'mini.study' here; did you mean 'mine.study'?",
        ),
    ],
)
def test_what_of_a_study_cannot_be_written(here, capsys, arguments, code, said):
    """One sentence each, and no file."""
    assert run(["export", *arguments]) == code
    assert capsys.readouterr().err == f"tunesmith: {said}\n"


def test_a_study_as_a_table(here, capsys, tmp_path):
    """Each trial is a line; the study stays as it was."""
    out, before = tmp_path / "x.csv", Path("mine.study").read_bytes()
    assert run(["export", "mine.study", "--to", "csv", "-o", str(out)]) == 0
    assert capsys.readouterr().out == f"2 trials: written to {out}\n"
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert [row["config.x"] for row in rows] == [row["metric.loss"] for row in rows]
    assert [row["number"] for row in rows] == ["0", "1"]
    assert Path("mine.study").read_bytes() == before


def test_a_study_as_json(here, capsys, tmp_path):
    """--json tells which file holds it."""
    out = tmp_path / "x.json"
    assert run(["export", "mine.study", "--to", "json", "-o", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"to": "json", "files": [str(out)], "trials": 2}
    assert len(json.loads(out.read_bytes())["trials"]) == 2


def test_a_study_for_optuna(here, capsys, tmp_path, monkeypatch):
    """What Optuna writes is put in its place when it is whole; a turned param is said."""
    monkeypatch.setattr(
        optuna_file, "write_optuna", lambda history, path, name: path.write_text(name)
    )
    monkeypatch.setattr(optuna_file, "reversed_params", lambda history: ("beta", "slope"))
    out = tmp_path / "x.db"
    assert run(["export", "mine.study", "--to", "optuna", "-o", str(out)]) == 0
    assert capsys.readouterr().out == (
        f"2 trials: written to {out}\n"
        "Optuna has no LOG1M scale: '1 - beta', '1 - slope' there, on its log scale\n"
    )
    assert out.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [out]


def test_where_there_is_no_optuna(here, capsys, tmp_path, monkeypatch):
    """It is said in a sentence, and nothing is written."""
    monkeypatch.setitem(sys.modules, "optuna", None)
    assert run(["export", "mine.study", "--to", "optuna", "-o", str(tmp_path / "x.db")]) == 2
    assert capsys.readouterr().err.endswith("pip install optuna\n")
    assert list(tmp_path.iterdir()) == []


def test_a_study_does_not_take_the_place_of_its_table(made, capsys, tmp_path, monkeypatch):
    """The table is NAME.csv; by default the trials are written beside it."""
    study = str(made[0] / "mine.study")
    monkeypatch.chdir(tmp_path)
    Path("mine.csv").write_text("the table")
    assert run(["export", study, "--to", "csv"]) == 0
    assert capsys.readouterr().out == "2 trials: written to mine.trials.csv\n"
    assert Path("mine.csv").read_text() == "the table"


def test_a_module_does_not_take_the_place_of_a_program(made, capsys, tmp_path, monkeypatch):
    """A program is somebody's own, also with weights beside it; a module may be written anew."""
    model = str(made[0] / "people.model")
    monkeypatch.chdir(tmp_path)
    Path("people.py").write_text("print('mine')")
    Path("people.safetensors").touch()
    assert run(["export", model, "--to", "pytorch"]) == 74
    assert capsys.readouterr().err == (
        "tunesmith: 'people.py' is there, and is not an exported module: choose another name with "
        "-o, or replace it with --force\n"
    )
    assert Path("people.py").read_text() == "print('mine')"
    Path("people.py").unlink()
    assert run(["export", model, "--to", "pytorch"]) == 0
    assert run(["export", model, "--to", "pytorch"]) == 0
