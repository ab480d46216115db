"""lessons: the list, one of them, and what is written."""

import json
import sys
from pathlib import Path

import pytest

from tunesmith.cli import run


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)


def test_the_list(capsys):
    """Without an id, each claim."""
    assert run(["lessons"]) == 0
    out = capsys.readouterr().out
    assert "W1  Normalising inputs" in out
    assert "tunesmith lessons all" in out


def test_one_lesson(empty, capsys):
    """Its numbers, its verdict and its figure."""
    assert run(["lessons", "b2", "--out", "figures"]) == 0
    out = capsys.readouterr().out
    assert "borne out: z_norm has mean 0" in out
    assert "figure: figures/B2.png" in out
    assert Path("figures/B2.png").exists()


def test_as_json_and_as_a_page(empty, capsys):
    """One object, and a page that shows the figure."""
    assert run(["lessons", "W1", "--quick", "--seed", "3", "--json", "--page", "page.md"]) == 0
    (lesson,) = json.loads(capsys.readouterr().out)["lessons"]
    assert (lesson["id"], lesson["verdict"], lesson["figure"]) == ("W1", "borne out", "W1.png")
    assert "![Round contours](W1.png)" in Path("page.md").read_text()


def test_without_matplotlib_the_numbers_are_told(empty, monkeypatch, capsys):
    """And one sentence says how to get the figure."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert run(["lessons", "B2"]) == 0
    out = capsys.readouterr().out
    assert "no figure: matplotlib is not installed (pip install 'tunesmith[lessons]')" in out
    assert "borne out: " in out
    assert not Path("B2.png").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["W11"], 2, "no lesson 'W11'; did you mean 'W1'?"),
        (["B3", "--data", "none.npz"], 74, "no file 'none.npz' here; check name and folder"),
        (["B2", "--out", "taken"], 74, "'taken' takes no figure"),
        (["B2", "--page", "none/page.md"], 74, "'none/page.md' cannot be written"),
    ],
)
def test_wrong_use(empty, capsys, arguments, code, complaint):
    """One sentence each, with the remedy."""
    Path("taken").touch()
    assert run(["lessons", *arguments]) == code
    assert f"tunesmith: {complaint}" in capsys.readouterr().err
