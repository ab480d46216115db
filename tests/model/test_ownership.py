"""What Tunesmith did not write is never replaced, unless that is asked for."""

import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest

import tunesmith as ts
from tunesmith.cli import run
from tunesmith.errors import FileError
from tunesmith.model.ownership import Written, refuse_foreign

FOREIGN = b"somebody's own\n"
WRITERS = [
    ("export people.model --to pytorch", "people.py"),
    ("export people.model --to pytorch", "people.safetensors"),
    ("export people.study --to csv", "people.trials.csv"),
    ("export people.study --to json", "people.trials.json"),
    ("export people.study --to csv -o out", "out"),
    ("report people.study", "people.html"),
    ("predict people.model new.csv -o out.csv", "out.csv"),
    ("fit people.csv --target income --trials 2 --out new", "new.model"),
    ("demo --trials 2 --out new", "new.model"),
    ("resume people.study --trials 3", "people.model"),
    ("lessons B4 --quick --page lessons.md", "lessons.md"),
    ("lessons B4 --quick", "B4.png"),
]


@pytest.fixture
def copied(made, tmp_path, monkeypatch):
    """Work in a copy of the folder of `made`."""
    folder = tmp_path / "copied"
    shutil.copytree(made[0], folder)
    monkeypatch.chdir(folder)


@pytest.mark.parametrize(("command", "name"), WRITERS)
def test_another_file_is_refused_before_anything_is_written(copied, capsys, command, name):
    """One sentence with the file and the remedy; all files stay as they are."""
    Path(name).write_bytes(FOREIGN)
    before = {path: path.read_bytes() for path in Path().iterdir() if path.is_file()}
    assert run(command.split()) == 74
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"tunesmith: '{name}' is there, and is not ")
    assert err.endswith("or replace it with --force\n")
    assert {path: path.read_bytes() for path in Path().iterdir() if path.is_file()} == before


@pytest.mark.parametrize(("command", "name"), WRITERS)
def test_with_force_it_is_replaced_and_then_it_is_ours(copied, capsys, command, name):
    """What was written once may be written again."""
    Path(name).write_bytes(FOREIGN)
    assert run([*command.split(), "--force"]) == 0
    first = Path(name).read_bytes()
    assert FOREIGN not in first
    if not command.startswith(("fit", "demo", "resume")):  # whose study is over now
        assert run(command.split()) == 0
    assert Path(name).read_bytes()[:8] == first[:8]


@pytest.mark.parametrize("name", ["new.csv", "people.model"])
def test_predictions_do_not_replace_what_is_read(copied, capsys, name):
    """Not with --force either."""
    before = Path(name).read_bytes()
    assert run(["predict", "people.model", "new.csv", "-o", name, "--force"]) == 74
    assert "itself: choose another name with -o" in capsys.readouterr().err
    assert Path(name).read_bytes() == before


def test_save(tmp_path):
    """An estimator's model replaces a model, and another file with `force` alone."""
    x = np.linspace(0, 1, 37)[:, None]
    model = ts.DenseRegressor(epochs=1).fit(x, x[:, 0])
    path = tmp_path / "a.model"
    for _ in range(2):
        model.save(path)
    path.write_bytes(FOREIGN)
    with pytest.raises(FileError, match=r"is not a model of tunesmith: .* with force=True"):
        model.save(path)
    assert path.read_bytes() == FOREIGN
    model.save(path, force=True)
    assert path.read_bytes() != FOREIGN


def test_databases_are_told_apart(tmp_path):
    """An SQLite file is ours if a study in it says so."""
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as database:
        database.execute("create table attributes (key text)")
    with pytest.raises(FileError, match="is not an Optuna file"):
        refuse_foreign(path, Written.OPTUNA)
    with sqlite3.connect(path) as database:
        database.execute("insert into attributes values ('tunesmith digest')")
    refuse_foreign(path, Written.OPTUNA)


@pytest.mark.parametrize("kind", Written)
def test_nothing_is_lost_where_there_is_nothing(tmp_path, kind):
    """No file, an empty one, a device."""
    (tmp_path / "empty").touch()
    for path in (tmp_path / "absent", tmp_path / "empty", Path("/dev/null")):
        refuse_foreign(path, kind, header=b"y\n")
    (tmp_path / "foreign").write_bytes(FOREIGN)
    with pytest.raises(FileError, match="is there, and is not"):
        refuse_foreign(tmp_path / "foreign", kind, header=b"y\n")
