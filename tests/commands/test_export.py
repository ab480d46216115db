"""export: what is written, and what is said of it."""

import json
import sys
from pathlib import Path

import pytest
from safetensors.numpy import load_file

from tunesmith.cli import run
from tunesmith.interchange import onnx

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
        (["--to", "keras"], 2, "there is no export to 'keras': choose onnx or pytorch"),
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
