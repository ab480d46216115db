"""Accessibility by axe: every state of the page, light and dark, wide and narrow."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from tests import hostile, large
from tests.browser import Visit

from tunesmith.cli import run
from tunesmith.ledger import question
from tunesmith.store.store import Store

LOOKS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 900}},
    "phone": {"color_scheme": "light", "viewport": {"width": 360, "height": 740}},
    "still": {"reduced_motion": "reduce", "forced_colors": "active"},
}

OPEN = "document.querySelectorAll('details').forEach((one) => one.open = true)"


def empty(path):
    """Write a study that has just begun."""
    with Store.create(path) as store:
        store.append(question(large.study_of(9, 3)))


def running(path):
    large.write(path, trials=40, epochs=9, end=False)


def finished(path):
    large.write(path, trials=200, epochs=27)


def failed(path):
    """Write a study of which most trials failed, with strange names."""
    hostile.write(path, "loss")


STATES = (empty, running, finished, failed)


def violations(visit):
    """Return what axe finds, in its words, with where it finds it."""
    found = Axe().run(visit.page).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: {node['target']}"
        for one in found
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("write", STATES, ids=lambda write: write.__name__)
def test_a_report_is_accessible(write, look, tmp_path, monkeypatch, started):
    """With its pictures drawn and its folds open."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "x.study")
    assert run(["report", "x.study"]) == 0
    with Visit(started, **LOOKS[look]) as visit:
        visit.go((tmp_path / "x.html").as_uri())
        visit.page.evaluate(
            "document.querySelectorAll('details').forEach((one) => one.open = true)"
        )
        visit.page.wait_for_timeout(500)
        assert violations(visit) == []


@pytest.mark.parametrize("write", STATES, ids=lambda write: write.__name__)
def test_a_dashboard_is_accessible(write, tmp_path, serve, started):
    """Also when it is disconnected."""
    write(tmp_path / "x.study")
    served = serve(tmp_path / "x.study")
    with Visit(started) as visit:
        visit.go(served.address)
        visit.page.wait_for_timeout(500)
        assert violations(visit) == []
        served.stop()
        visit.until("document.body.innerText.includes('disconnected since')")
        assert violations(visit) == []
