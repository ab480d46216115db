"""A dashboard watched in a real browser: to a run's end, and when things go wrong."""

import subprocess
import sys
from dataclasses import replace

import pytest
from tests import large
from tests.browser import TALL, Visit

from tunesmith.cli import run
from tunesmith.executors.protocol import Outcome
from tunesmith.ledger import question
from tunesmith.store.store import Store
from tunesmith.trial import State

TRIALS = 150
SCRIPT = """
import sys, time
import tunesmith as ts

def train(attempt):
    for epoch in attempt.epochs:
        time.sleep(0.01)
        attempt.record(loss=attempt["rate"] / (epoch + 1) + 1 / attempt["units"])

space = ts.Space(rate=ts.Float(1e-4, 0.7, scale=ts.LOG), units=ts.Int(3, 170, scale=ts.LOG))
ts.tune(train, space, trials=int(sys.argv[1]), epochs=9, store="x.study")
"""
CONNECTION = "document.getElementById('connection').textContent"
PICTURES = """
[...document.querySelectorAll("[data-picture] canvas, [data-picture] svg")]
  .map((one) => one.toDataURL ? one.toDataURL() : one.outerHTML).join("")
"""
HIDDEN = """
(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}
"""
SAID = "document.querySelector('main').innerText"


def runs(folder, trials=TRIALS):
    """Start a study in a process of its own."""
    return subprocess.Popen([sys.executable, "-c", SCRIPT, str(trials)], cwd=folder)


def shown(visit, script=SAID):
    """Return what a page says, once it has drawn what it knows: it says the same for a second."""
    said = [visit.page.evaluate(script)]
    while len(said) < 3 or len(set(said[-3:])) > 1:
        visit.page.wait_for_timeout(500)
        said.append(visit.page.evaluate(script))
    return said[-1]


def test_a_run_is_watched_to_its_end(tmp_path, monkeypatch, serve, tall, started):
    """Pictures and title change without a reload; at the end the page says what a report says."""
    study = tmp_path / "x.study"
    driver = runs(tmp_path)
    while not study.exists():
        tall.page.wait_for_timeout(50)
    tall.go(serve(study).address)
    tall.until(f"{CONNECTION} === 'live'")
    pictures, titles = set(), set()
    while driver.poll() is None:
        pictures.add(tall.page.evaluate(PICTURES))
        titles.add(tall.page.title())
        tall.page.wait_for_timeout(200)
    assert driver.returncode == 0
    tall.until(f"{CONNECTION}.includes('nothing more')")
    assert len(pictures) > 3
    assert len(titles) > 3
    tall.until("document.title.startsWith('100 % · ')")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["x.study"]
    monkeypatch.chdir(tmp_path)
    assert run(["report", "x.study"]) == 0
    with Visit(started, **TALL) as report:
        report.go((tmp_path / "x.html").as_uri())
        assert shown(tall) == shown(report)
    assert tall.faults() == []
    pages = [url for url in tall.asked if url.startswith("http") and "/events" not in url]
    assert len(pages) == 2  # the address with its token, and the page: no reload


def test_a_page_says_when_the_server_is_gone_and_when_it_is_back(tmp_path, serve, visit):
    """Since when, and that it tries; a server with other keys is not taken for the old one."""
    path = tmp_path / "x.study"
    large.write(path, trials=5, epochs=2, end=False)
    first = serve(path)
    visit.go(first.address)
    visit.until(f"{CONNECTION} === 'live'")
    code, said = first.stop()
    assert (code, said.count("\n")) == (130, 1)
    assert first.seconds_to_end < 5
    visit.until(f"{CONNECTION}.startsWith('disconnected since ')")
    port = first.page.rstrip("/").rpartition(":")[2]
    second = serve(path, "--port", port)
    visit.page.wait_for_timeout(4000)
    assert shown(visit, CONNECTION).startswith("disconnected since ")
    visit.go(second.address)
    visit.until(f"{CONNECTION} === 'live'")


def test_a_page_says_what_became_of_the_file(tmp_path, serve, visit):
    """Removed, damaged, put back, replaced by another: one sentence, or all of the new one."""
    path, away = tmp_path / "x.study", tmp_path / "away"
    study = large.study_of(9, 2)
    large.write(path, trials=5, epochs=2, end=False)
    visit.go(serve(path).address)
    visit.until(f"{CONNECTION} === 'live'")
    path.rename(away)
    visit.until(f"{CONNECTION}.includes('is no longer there: put it back')")
    path.write_bytes(b"GIF89a" * 999)
    visit.until(f"{CONNECTION}.includes('is not a study file')")
    away.replace(path)
    visit.until(f"{CONNECTION} === 'live'")
    with Store.create(away) as store:
        store.append(question(study))
        large.grow(store, study, 0, 9)
        store.append(large.finish(9))
    away.replace(path)
    visit.until("document.body.innerText.includes('all 9 trials were made')")
    visit.until(f"{CONNECTION}.includes('nothing more')")
    assert visit.faults() == []


def test_a_hidden_page_draws_nothing(tmp_path, serve, tall):
    """And everything once it is seen again."""
    path, study = tmp_path / "x.study", large.study_of(40, 2)
    with Store.create(path) as store:
        store.append(question(study))
        large.grow(store, study, 0, 10)
        tall.go(serve(path).address)
        tall.until(f"{CONNECTION} === 'live'")
        tall.until("document.querySelectorAll('[data-drawn]').length > 0")
        seen = shown(tall, PICTURES)
        tall.page.evaluate(HIDDEN, True)
        large.grow(store, study, 10, 40)
        tall.page.wait_for_timeout(6000)
        assert tall.page.evaluate(PICTURES) == seen
        tall.page.evaluate(HIDDEN, False)
        tall.page.wait_for_timeout(1500)
        assert tall.page.evaluate(PICTURES) != seen


@pytest.mark.parametrize("page", ["report", "dashboard"])
def test_nothing_is_asked_of_anyone(page, studies, tmp_path, monkeypatch, serve, visit):
    """The page asks our own server, the report nobody; its policy allows nothing else."""
    path = studies(60, 9)
    if page == "report":
        monkeypatch.chdir(tmp_path)
        assert run(["report", str(path), "-o", "x.html"]) == 0
        visit.go((tmp_path / "x.html").as_uri())
        own = 1
    else:
        visit.go(serve(path).address)
        own = 3
    visit.page.wait_for_timeout(1000)
    assert visit.faults() == []
    assert len([url for url in visit.asked if not url.startswith(("data:", "blob:"))]) == own
    blocked = visit.page.evaluate(
        "fetch('http://127.0.0.1:1/').then(() => 'answered', () => 'blocked')"
    )
    assert blocked == "blocked"
    assert any("connect-src" in one for one in visit.page.evaluate("window.watched.blocked"))


def test_the_first_failure_comes_with_its_table_and_traceback(tmp_path, serve, tall):
    """A page that was opened before anything went wrong shows both, and what is open stays open."""
    path, study = tmp_path / "x.study", large.study_of(60, 2)
    with Store.create(path) as store:
        store.append(question(study))
        large.grow(store, study, 0, 5)
        tall.go(serve(path).address)
        tall.until(f"{CONNECTION} === 'live'")
        assert tall.page.locator("#failures tbody tr").count() == 0
        begun, ended = large.drafts(study, 5)
        broken = Outcome(
            number=5, state=State.FAILED, reason="ValueError: no (train.py:3)", trace="One\nTwo"
        )
        store.append(begun, replace(ended, body={**broken.to_builtins(), "driven": 1.0}))
        large.grow(store, study, 6, 30)
        tall.until("document.querySelectorAll('#failures tbody tr').length > 0")
        fold = tall.page.locator("#failures .traces details")
        assert fold.count() == 1
        fold.locator("summary").click()
        large.grow(store, study, 30, 60)
        tall.until("document.getElementById('failures').innerText.includes('of 60 trials')")
        assert fold.locator("pre").inner_text().split() == ["One", "Two"]
    assert tall.faults() == []
