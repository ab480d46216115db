"""Hostile names in a real browser: shown, never obeyed, in the report and on the dashboard."""

import csv
import io

import pytest
from tests import hostile

from tunesmith.cli import run

NUMBERED = range(len(hostile.NAMES))
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


PRESS = """
for (const one of document.querySelectorAll("button, summary, th, [role=button]")) one.click();
"""


def pressed(visit):
    """Press whatever can be pressed, and return the text files that came of it."""
    files = []
    visit.page.on("download", lambda download: files.append(download.path()))
    visit.page.evaluate(PRESS)
    visit.page.wait_for_timeout(300)
    return [file.read_bytes() for file in files]


def is_formula(cell):
    """Return whether a spreadsheet would compute a cell: a number is none."""
    try:
        float(cell)
    except ValueError:
        return cell.startswith(DANGEROUS)
    return False


@pytest.mark.parametrize("number", NUMBERED)
def test_a_report_shows_any_name(number, tmp_path, monkeypatch, visit):
    """No dialog, no complaint, no request, and no element that a name asked for."""
    monkeypatch.chdir(tmp_path)
    name = hostile.NAMES[number]
    hostile.write(tmp_path / "x.study", name)
    assert run(["report", "x.study"]) == 0
    visit.go((tmp_path / "x.html").as_uri())
    pressed(visit)
    assert visit.faults() == []
    assert visit.page.title().startswith("x.study")
    assert (
        visit.page.query_selector("iframe, base, link[rel=stylesheet], meta[http-equiv=refresh]")
        is None
    )


@pytest.mark.parametrize("numbers", [NUMBERED[at : at + 8] for at in range(0, 40, 8)], ids=str)
def test_the_dashboard_shows_any_name(numbers, tmp_path, serve, visit):
    """One study after another in the place of the first, while the page watches."""
    path = tmp_path / "x.study"
    hostile.write(path, "loss", end=False)
    visit.go(serve(path).address)
    for number in numbers:
        hostile.write(tmp_path / "next", hostile.NAMES[number], end=number % 2 == 0)
        told = visit.page.evaluate("window.watched.news")  # before there can be any more
        (tmp_path / "next").replace(path)
        visit.until(f"window.watched.news > {told}")
        visit.page.wait_for_timeout(500)
        assert visit.faults() == [], hostile.NAMES[number]
        visit.page.reload()
        assert visit.study()["metric"] == hostile.NAMES[number]
        pressed(visit)
        assert visit.faults() == [], hostile.NAMES[number]


@pytest.mark.parametrize("name", hostile.FILE_NAMES, ids=range(len(hostile.FILE_NAMES)))
def test_any_file_name_is_shown(name, tmp_path, serve, visit):
    """In the title, in the commands, and in the terminal."""
    hostile.write(tmp_path / name, "loss")
    dashboard = serve(tmp_path / name)
    assert dashboard.said.rstrip("\n").isprintable()
    visit.go(dashboard.address)
    pressed(visit)
    assert visit.faults() == []
    assert visit.study()["name"] == name


@pytest.mark.parametrize("name", ["=1+1|cmd|' /C calc'!A0", "\x1b[31mred", '@SUM(1,2)\t"\r\n+3'])
def test_a_spreadsheet_computes_no_name(name, tmp_path, monkeypatch, visit):
    """Texts that would be formulas are marked as texts; numbers stay numbers."""
    monkeypatch.chdir(tmp_path)
    hostile.write(tmp_path / "x.study", name)
    assert run(["report", "x.study"]) == 0
    visit.go((tmp_path / "x.html").as_uri())
    tables = [
        file.decode() for file in pressed(visit) if b"," in file and b"<svg" not in file[:300]
    ]
    cells = [cell for text in tables for row in csv.reader(io.StringIO(text)) for cell in row]
    assert cells
    assert [cell for cell in cells if is_formula(cell)] == []
