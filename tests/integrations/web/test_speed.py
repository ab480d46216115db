"""Large studies in a real browser, with much room for a busy machine.

`python -m benchmarks page` gives the figures.
"""

from tests import large
from tests.browser import Visit

from tunesmith.store.store import Store

ROOM = 5
"""A busy machine may take so many times as long."""
LIVE = "document.getElementById('connection').textContent === 'live'"


def test_a_large_study_is_shown_at_once(tmp_path, serve, started):
    """10,000 trials of 100 epochs: a picture, updates, and no halt; memory needs no room."""
    path, study = tmp_path / "x.study", large.study_of(10_000, 100)
    large.write(path, trials=9_997, epochs=100, end=False, planned=10_000)
    served = serve(path)
    with Visit(started) as visit:
        visit.go(served.address)
        assert visit.first_picture() < ROOM * 1500
        visit.until(LIVE)
        visit.page.wait_for_timeout(2000)
        before = visit.worked()
        with Store.open(path) as store:
            for number in range(9_997, 10_000):
                large.grow(store, study, number, number + 1)
                visit.page.wait_for_timeout(1500)
        news = visit.until("window.watched.news")
        assert (visit.worked() - before) / news < ROOM * 100
        assert max(visit.tasks(), default=0) < ROOM * 200
        assert visit.heap() < 200
        assert visit.faults() == []


def test_fifty_thousand_trials_open(studies, serve, visit):
    """With their last one in the table."""
    visit.go(serve(studies(50_000, 1)).address)
    visit.first_picture()
    assert len(visit.study()["trials"]) == 50_000
    assert visit.faults() == []
