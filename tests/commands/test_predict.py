"""predict: the same rows wherever they go."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tunesmith.cli import run
from tunesmith.engine.network import Network
from tunesmith.model.file import save_model
from tunesmith.model.member import Member
from tunesmith.model.model import Model
from tunesmith.table import batches
from tunesmith.table.columns import type_columns
from tunesmith.table.encode import fit_encoder
from tunesmith.table.target import TaskKind


def test_predict(here, capsys, tmp_path):
    """CSV on stdout, JSON, and a file hold the same; the remark on new values is not among them."""
    assert run(["predict", "people.model", "new.csv"]) == 0
    printed, remark = capsys.readouterr()
    assert remark == "1 row holds a 'colour' not seen in training\n"
    head, *rows = printed.splitlines()
    assert head == "income,probability of no,probability of yes"
    assert len(rows) == 3
    out = tmp_path / "out.csv"
    assert run(["predict", "people.model", "new.csv", "-o", str(out)]) == 0
    assert out.read_text() == printed
    assert capsys.readouterr().out.endswith(f"3 predictions written to {out}\n")
    assert run(["predict", "people.model", "new.csv", "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert (plain["target"], plain["rows"], plain["unseen"]) == ("income", 3, {"colour": 1})
    assert [row["income"] for row in plain["predictions"]] == [r.split(",")[0] for r in rows]


def test_names_of_rows_are_neither_needed_nor_used(here, capsys, tmp_path):
    """A table is read alike with a first column that has no name, as pandas and R write it."""
    assert run(["predict", "people.model", "new.csv"]) == 0
    printed, _ = capsys.readouterr()
    head, *rows = Path("new.csv").read_text().splitlines()
    named = tmp_path / "named.csv"
    named.write_text("\n".join([f",{head}", *(f'"r{k}",{row}' for k, row in enumerate(rows))]))
    assert run(["predict", "people.model", str(named)]) == 0
    assert capsys.readouterr().out == printed


@pytest.fixture
def long(monkeypatch, tmp_path):
    """Write a file of many batches for the model of people."""
    rows = [f"{20 + k % 9},{('red', 'blue', 'green')[k % 3]}" for k in range(300)]
    path = tmp_path / "long.csv"
    path.write_text("age,colour\n" + "\n".join(rows) + "\n")
    monkeypatch.setattr(batches, "BATCH_BYTES", 500)
    return path


def test_a_long_file_is_predicted_in_batches(here, capsys, tmp_path, long, monkeypatch):
    """One header, all rows in order, and unseen values counted over all batches."""
    out = tmp_path / "out.csv"
    assert run(["predict", "people.model", str(long), "-o", str(out)]) == 0
    first, last = capsys.readouterr().out.splitlines()
    assert first == "100 rows hold a 'colour' not seen in training"
    assert last == f"300 predictions written to {out}"
    assert run(["predict", "people.model", str(long)]) == 0
    assert capsys.readouterr().out == out.read_text()
    monkeypatch.setattr(batches, "BATCH_BYTES", 1_000_000)
    assert run(["predict", "people.model", str(long)]) == 0
    at_once = pl.read_csv(capsys.readouterr().out.encode()).drop("income")
    # Sums of matrix products may be taken in another order in batches of another size.
    np.testing.assert_allclose(pl.read_csv(out).drop("income"), at_once, atol=1e-6)


def test_a_fault_far_into_a_file_leaves_nothing(here, capsys, tmp_path, long):
    """Predictions are written whole or not at all; the line is that of the file."""
    long.write_text(long.read_text() + "old,red\n")
    out = tmp_path / "out.csv"
    header = "income,probability of no,probability of yes"
    out.write_text(f"{header}\nof yesterday")
    assert run(["predict", "people.model", str(long), "-o", str(out)]) == 2
    assert "column 'age' is taken for numbers but holds 'old' at line 302;" in (
        capsys.readouterr().err
    )
    assert out.read_text() == f"{header}\nof yesterday"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["long.csv", "out.csv"]


@pytest.fixture
def read_by(monkeypatch, tmp_path):
    """Return a function that writes a model trained on some columns, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def write(**columns):
        table = type_columns(pl.DataFrame(columns))
        encoder = fit_encoder(table, list(columns), np.arange(table.rows))
        network = Network(
            inputs=encoder.numbers, categories=encoder.categories, hidden=(3,), outputs=1
        )
        member = Member(
            network=network,
            weights=np.arange(network.weight_count, dtype=np.float32),
            mean=np.zeros(network.statistics_count, np.float32),
            variance=np.ones(network.statistics_count, np.float32),
        )
        model = Model(members=(member,), encoder=encoder, target="y", task=TaskKind.REGRESSION)
        save_model(model, Path("x.model"))

    return write


def test_dates_are_read_alike_in_all_batches(capsys, monkeypatch, read_by):
    """Dates in another order than in training are refused far into a file too, with the line."""
    read_by(when=["13/02/2021", "04/05/2021"])
    monkeypatch.setattr(batches, "BATCH_BYTES", 200)
    Path("x.csv").write_text("when\n" + "13/02/2021\n" * 50)
    assert run(["predict", "x.model", "x.csv", "-o", "y.csv"]) == 0
    Path("x.csv").write_text("when\n" + "13/02/2021\n" * 50 + "02/13/2021\n")
    assert run(["predict", "x.model", "x.csv", "-o", "y.csv"]) == 2
    sentence = (
        "column 'when' is taken for dates, day first, but holds '02/13/2021' at line 52; correct "
        "or empty the cell (training had values such as 28/02/2021)"
    )
    assert sentence in capsys.readouterr().err


def test_a_row_is_read_alike_whatever_surrounds_it(capsys, read_by):
    """A price of 1,234 is the same number alone, beside 1,23, and beside other columns."""
    read_by(price=["1,23", "4,567"], weight=["7.25", "6.5"])
    head, row = "price;weight\n", "1,234;7.77\n"
    Path("alone.csv").write_text(head + row)
    Path("beside.csv").write_text(head + row + "1,23;7.77\n")
    answers = []
    for name in ("alone.csv", "beside.csv"):
        assert run(["predict", "x.model", name]) == 0
        answers.append(capsys.readouterr().out.splitlines()[1])
    assert answers[0] == answers[1]
    Path("other.csv").write_text(head + row + "1.23;7.77\n")
    assert run(["predict", "x.model", "other.csv"]) == 2
    assert "numbers with a decimal comma but holds '1.23' at line 3" in capsys.readouterr().err


def test_a_batch_without_a_date(capsys, monkeypatch, read_by):
    """Neither a single row nor the rows of a whole batch need a date."""
    read_by(when=["2021-02-03", "2021-05-04", ""], n=["1", "2", "3"])
    Path("one.csv").write_text("when,n\n,1\n")
    assert run(["predict", "x.model", "one.csv"]) == 0
    alone = capsys.readouterr().out.splitlines()[1]
    monkeypatch.setattr(batches, "BATCH_BYTES", 200)
    Path("long.csv").write_text("when,n\n2021-02-03,1\n" + ",1\n" * 300)
    assert run(["predict", "x.model", "long.csv"]) == 0
    assert capsys.readouterr().out.splitlines()[2:] == [alone] * 300


def test_a_device_is_written_to_and_not_replaced(here, capsys):
    """What is no file is not made one."""
    assert run(["predict", "people.model", "new.csv", "-o", "/dev/null"]) == 0
    assert not Path("/dev/null").is_file()
    assert capsys.readouterr().out.endswith("3 predictions written to /dev/null\n")
