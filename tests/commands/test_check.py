"""check: a look at a table, for people and as an object, that changes nothing."""

import json
from pathlib import Path

import pytest

from tunesmith.cli import run


def test_check(here, capsys):
    """What fit would say of the columns, what is odd, and no new file."""
    assert run(["check", "people.csv", "--target", "income"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [
        "41 rows, 3 columns",
        "1 number, 1 category",
        "target income: 2 classes, 'no' 51 %",
        "classification, because income holds text",
    ]
    assert lines[-1] == "nothing was changed"
    assert any(line.startswith("! 23 rows repeat an earlier one") for line in lines)
    assert max(map(len, lines)) <= 80


def test_check_as_an_object(here, capsys):
    """One object, and nothing else on stdout; options are those of fit."""
    asked = "--task regression --types colour=text --drop income --json"
    assert run(["check", "people.csv", "--target", "age", *asked.split()]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert {key: plain[key] for key in ("rows", "target", "task", "why")} == {
        "rows": 41,
        "target": "age",
        "task": "regression",
        "why": "as asked",
    }
    assert [column["kind"] for column in plain["columns"]] == ["number", "category", "left out"]
    assert plain["duplicates"]["rows"] == 41 - 9  # each age has one colour


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        ("check peple.csv --target a", 74, "no file 'peple.csv' here; did you mean 'people.csv'?"),
        ("check people.csv --target incom", 2, "no column 'incom'; did you mean 'income'?"),
        ("check people.csv", 2, "--target is missing; see tunesmith check --help"),
    ],
)
def test_wrong_use(here, capsys, arguments, code, complaint):
    """One sentence, with the exit code that belongs to it."""
    assert run(arguments.split()) == code
    assert capsys.readouterr().err.startswith(f"tunesmith: {complaint}")


def test_a_file_of_another_kind(capsys, tmp_path, monkeypatch):
    """How a file was read is said where it is not plain."""
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"{k % 7},5;{'ja' if k % 3 else 'nein'};Köln\r\n" for k in range(40))
    Path("x.txt").write_bytes(f"größe;y;stadt\r\n{rows}".encode("cp1252"))
    assert run(["check", "x.txt", "--target", "y"]) == 0
    assert "\nread as Windows-1252, separated by semicolons\n" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["x.txt"]


@pytest.mark.parametrize(
    ("asked", "kinds"),
    [
        ([], "1 number, 1 left out (column 1: it counts the rows)"),
        (["--drop", "column 1"], "1 number, 1 left out (column 1: dropped as asked)"),
        (["--types", "column 1=number"], "2 number"),
    ],
)
def test_a_first_column_without_a_name(capsys, tmp_path, monkeypatch, asked, kinds):
    """It is called by its number, and left out if it is the number of the row; both are said."""
    monkeypatch.chdir(tmp_path)
    rows = [f"{k},{k % 7},{'yn'[k % 2]}" for k in range(30)]
    Path("x.csv").write_text("\n".join([",size,y", *rows]))
    assert run(["check", "x.csv", "--target", "y", *asked]) == 0
    assert f"\n{kinds}\n" in capsys.readouterr().out


@pytest.fixture
def severity(tmp_path, monkeypatch):
    """Write a table with a class called None, and NA for a missing number."""
    monkeypatch.chdir(tmp_path)
    rows = [f"{('None', 'Mild', 'Severe')[k % 3]},{k % 7 if k % 5 else 'NA'}" for k in range(90)]
    Path("s.csv").write_text("severity,x\n" + "\n".join(rows) + "\n")


def test_which_texts_are_missing(severity, capsys):
    """Rows lost to a mark are said with the option that keeps them; the option does so."""
    assert run(["check", "s.csv", "--target", "severity"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    remedy = '--missing "NA"'
    assert (
        "30 rows are not used: severity is 'None' there, which stands for missing; if it is a "
        f"class, add {remedy}"
    ) in said
    assert run(["check", "s.csv", "--target", "severity", "--missing", "NA", "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert (plain["classes"], plain["without_target"]) == (["Mild", "None", "Severe"], 0)
    assert [column["marks"] for column in plain["columns"]] == [[], ["NA"]]
    assert run(["check", "s.csv", "--target", "severity", "--missing", "", "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert [column["kind"] for column in plain["columns"]] == ["category", "category"]
