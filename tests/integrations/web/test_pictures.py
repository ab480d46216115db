"""The pictures of a page in a real browser: a trial chosen in one is found in all."""

import csv
import io
from xml.etree import ElementTree

import pytest
from tests.report.conftest import played

from tunesmith.report.about import About
from tunesmith.report.file import write_page
from tunesmith.report.moments import Moment

DRAWN = ("ladder", "curves", "fairness", "progress", "slices", "parallel", "workers")
READY = "document.documentElement.dataset.ready === 'yes'"


@pytest.fixture
def shown(visit, tmp_path):
    """Open the page of a study of 23 trials."""
    history = played()
    moments = [Moment(n, 0.1 * n, 0.1 * n + 0.09) for n in range(23)]
    write_page(history, About(name="a.study", moments=moments), tmp_path / "a.html")
    visit.page.set_viewport_size({"width": 1280, "height": 900})
    visit.go((tmp_path / "a.html").as_uri())
    visit.until(READY)
    return visit


def drawn(visit, name):
    """Bring a picture into view, and return how many charts it has."""
    section = f"[data-picture={name}]"
    visit.page.locator(section).scroll_into_view_if_needed()
    visit.until(f"document.querySelector('{section}').dataset.drawn === 'yes'")
    visit.page.wait_for_timeout(200)
    return visit.page.locator(f"{section} canvas").count()


def saved(visit, name, kind):
    """Press a button that saves, and return the file."""
    with visit.page.expect_download() as download:
        visit.page.locator(f"[data-tools={name}] button", has_text=kind).click()
    return download.value.path().read_bytes()


def test_every_picture_is_drawn_when_it_is_seen(shown):
    """None before; then a chart for each panel, and no complaint."""
    assert shown.page.locator("[data-picture=parallel] canvas").count() == 0
    assert {name: drawn(shown, name) > 0 for name in DRAWN} == dict.fromkeys(DRAWN, True)
    assert drawn(shown, "ladder") == 4
    assert shown.faults() == []


def test_a_trial_that_is_chosen_is_told_and_ringed(shown):
    """The ladder looks different, the box tells the trial, Escape takes both away."""
    drawn(shown, "ladder")
    look = "document.querySelector('[data-picture=ladder] canvas').toDataURL()"
    before = shown.page.evaluate(look)
    shown.page.evaluate("document.querySelector('#trials button.link').click()")
    shown.page.wait_for_timeout(300)
    assert shown.page.evaluate(look) != before
    box = shown.page.locator("#detail")
    assert box.is_visible()
    assert f"Trial {played().best.number}" in box.inner_text()
    shown.page.keyboard.press("Escape")
    shown.page.wait_for_timeout(300)
    assert not box.is_visible()
    assert shown.page.evaluate(look) == before


def test_two_trials_are_compared(shown):
    """Side by side, what differs marked."""
    boxes = shown.page.locator("#trials input[type=checkbox]")
    boxes.nth(0).check()
    boxes.nth(1).check()
    box = shown.page.locator("#detail")
    assert box.locator("h2").inner_text().startswith("Trials ")
    assert box.locator("tr.differ").count() > 0
    assert box.locator("tr").first.locator("td").count() == 2


def test_the_table_sorts_and_finds(shown):
    """By a column, by words, and by a comparison."""
    first = shown.page.locator("#trials tbody tr td:nth-child(2)").first
    shown.page.locator("#trials th button", has_text="trial").click()
    assert first.inner_text().split()[0] == "0"
    shown.page.locator("#trials th button", has_text="trial").click()
    assert first.inner_text().split()[0] == "22"
    count = shown.page.locator("#trials .tools .note")
    for words, expected in (("diverged", 3), ("units>50 done", None), ("17", 1)):
        shown.page.locator("#trials input[type=search]").fill(words)
        found = int(count.inner_text().split()[0])
        if expected is None:
            expected = sum(
                t.state.value == "done" and t.config["units"] > 50 for t in played().trials
            )
        assert found == expected, words


def test_filters_are_for_all_pictures(shown):
    """The best fifth of 23 trials are five, in the table and in the ladder."""
    shown.page.locator("#filters select").first.select_option("0.2")
    assert shown.page.locator("#trials .tools .note").inner_text().startswith("5 of 23")


def test_a_picture_can_be_saved(shown):
    """As PNG, as SVG that is well formed, and its numbers as CSV."""
    assert saved(shown, "ladder", "PNG").startswith(b"\x89PNG")
    assert ElementTree.fromstring(saved(shown, "ladder", "SVG")).tag.endswith("svg")
    rows = list(csv.reader(io.StringIO(saved(shown, "trials", "CSV").decode())))
    assert len(rows) == 24
    assert rows[0][:3] == ["trial", "accuracy", "epochs"]


def test_colours_can_be_switched(shown):
    """From the system's to light to dark: the ground of the page changes with them."""
    ground = "getComputedStyle(document.body).backgroundColor"
    seen = set()
    for _ in range(3):
        seen.add(shown.page.evaluate(ground))
        shown.page.locator("#controls button").click()
    assert len(seen) == 2


@pytest.mark.parametrize("width", [360, 390, 1280, 3840])
def test_no_page_is_wider_than_its_window(shown, width):
    """From a hand to a wall."""
    shown.page.set_viewport_size({"width": width, "height": 900})
    for name in DRAWN:
        drawn(shown, name)
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_page_can_be_read_without_a_script(tmp_path, started):
    """Answer, findings, pictures and tables are there."""
    write_page(played(), About(name="a.study"), tmp_path / "a.html")
    context = started.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((tmp_path / "a.html").as_uri())
    assert page.locator("#answer-sentence").inner_text().startswith("The best is trial ")
    assert page.locator("[data-picture=ladder] svg").count() == 4
    assert page.locator("#trials table tbody tr").count() == 10
    context.close()
