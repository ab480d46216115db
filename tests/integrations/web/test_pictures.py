"""The pictures of a page in a real browser: a trial chosen in one is found in all."""

import csv
import io
from xml.etree import ElementTree

import pytest
from tests.report.conftest import config, measured, played, study_of

from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.file import write_page
from tunesmith.report.moments import Moment
from tunesmith.trial import Measurement, Origin, State

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


@pytest.fixture
def seeded(visit, tmp_path):
    """Open the page of a study whose best config was trained with three seeds.

    Each epoch has its training loss; the last trial failed.
    """
    history = History(study_of())
    for number in range(12):
        its = config(3 if number in (3, 7, 9) else number)
        history.start(its, 9, Origin.AGAIN if number in (7, 9) else Origin.ANYWHERE)
        quality = 0.9 + 0.001 * number if number in (3, 7, 9) else 0.5 + 0.01 * number
        curve = [
            Measurement(m.epoch, {**m.metrics, "train_loss": 3.0 / m.epoch})
            for m in measured(number, 9, quality)
        ]
        history.end(number, State.DONE, curve, "", 0.01 * its["units"])
    history.start(config(12), 9)
    history.end(12, State.FAILED, [], "ValueError: no", 0.1)
    about = About(name="a.study", traces={12: "Traceback:\n  <b>here</b>"})
    write_page(history, about, tmp_path / "a.html")
    visit.go((tmp_path / "a.html").as_uri())
    visit.until(READY)
    return visit


def test_curves_of_training_and_of_repeated_seeds(seeded):
    """The band is told of; another metric gives another picture, and back."""
    drawn(seeded, "curves")
    section = seeded.page.locator("[data-picture=curves]")
    assert "The band spans 3 trainings of the recommended config" in section.inner_text()
    look = "document.querySelector('[data-picture=curves] canvas').toDataURL()"
    before = seeded.page.evaluate(look)
    choice = seeded.page.locator("[data-tools=curves] select")
    assert choice.locator("option").all_inner_texts() == ["accuracy", "train_loss"]
    choice.select_option("train_loss")
    seeded.page.wait_for_timeout(300)
    assert seeded.page.evaluate(look) != before
    choice.select_option("accuracy")
    seeded.page.wait_for_timeout(300)
    assert seeded.page.evaluate(look) == before
    assert seeded.faults() == []


def test_a_traceback_is_folded_and_is_text(seeded):
    """Its lines are kept, and its markup is shown as it is."""
    fold = seeded.page.locator("#failures .traces details")
    assert fold.count() == 1
    assert not fold.locator("pre").is_visible()
    fold.locator("summary").click()
    assert fold.locator("pre").inner_text().splitlines()[:2] == ["Traceback:", "  <b>here</b>"]


def test_random_search_is_a_dotted_line(seeded):
    """It is told of, and drawn where there is one."""
    assert drawn(seeded, "progress") == 1
    said = seeded.page.inner_text("#progress")
    assert "random search without stopping would have" in said
    assert "dotted: random search without stopping, an estimate" in said
    svg = saved(seeded, "progress", "SVG").decode()
    assert "stroke-dasharray" in svg


def test_the_time_of_an_epoch_is_drawn(seeded):
    """Against the units, which decide it."""
    assert "units carries" in seeded.page.inner_text("#pace")
    assert drawn(seeded, "pace") == 1
