"""report: a study as a page."""

import json

import pytest

from tunesmith.cli import run


def test_report(here, tmp_path, capsys):
    """The page says what `show` says, and --json tells the findings."""
    out = tmp_path / "page.html"
    assert run(["report", "images.study", "-o", str(out)]) == 0
    assert capsys.readouterr().out == f"report   {out}\n"
    html = out.read_text(encoding="utf-8")
    assert html.startswith("<!DOCTYPE html>")
    assert "images.study" in html
    assert run(["report", "images.study", "-o", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["page"] == str(out)
    assert told["answer"]["sentence"] in html
    assert {"advice", "ladder", "reproduction"} <= {section["id"] for section in told["sections"]}


def test_a_run_leaves_its_page(here, made):
    """`demo` and `fit` write it beside the model, and say so."""
    _, results = made
    for name, what in (("images", "demo"), ("people", "fit")):
        assert f"report   {name}.html" in results[what].stderr.splitlines()
        assert "</html>" in (here / f"{name}.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["none.study"], 74), (["images.study", "-o", "people.csv"], 74), ([], 2)],
)
def test_wrong_use(here, arguments, code, capsys):
    """A study that is not there, a file that is no page, nothing at all: a sentence each."""
    assert run(["report", *arguments]) == code
    assert capsys.readouterr().err.startswith("tunesmith: ")
