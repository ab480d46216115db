"""What is told to a page: all that is new since what it knows, and once."""

import json
import threading
from dataclasses import replace

import pytest
from msgspec.structs import asdict
from tests import large

from tunesmith.dashboard import watch as module
from tunesmith.dashboard.watch import Known, Watch
from tunesmith.fit.flow import Result
from tunesmith.ledger import question, read_ledger
from tunesmith.report.about import About
from tunesmith.report.moments import moments
from tunesmith.report.state import changes, state
from tunesmith.store.event import Draft
from tunesmith.store.store import Store

TRIALS = 23


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.study"


def state_of(path, result=None):
    """Return all that a page can be told: what a report of the file has, but for its pictures."""
    with Store.read(path) as store:
        events = list(store.replay())
    history = read_ledger(events).history
    about = About(name=path.name, result=result, moments=moments(events))
    whole = json.loads(json.dumps(state(history.study, history, about)))
    del whole["pictures"]
    return whole


def told(news):
    """Return what changed, with the "at" of the state alone."""
    changes = json.loads(news.changes)
    return changes | {"at": Known.read(changes["at"]).at}


def known_by(html):
    """Return how much a page knows."""
    block = html.split('<script type="application/json"')[1].split(">", 1)[1]
    return Known.read(json.loads(block.split("</script>")[0])["at"])


def test_a_page_knows_what_it_shows(path):
    """Nothing is new to it until something is appended."""
    large.write(path, trials=7, epochs=2, end=False)
    watch = Watch(path, pause=0, rest=0)
    known = known_by(watch.page())
    assert watch.news(known) == watch.news(known)
    assert (watch.news(known).changes, watch.news(known).known) == (b"", known)


def test_what_is_new_is_told_until_the_end(path):
    """Each news follows from the one before; at the end the page knows as much as a report."""
    study = large.study_of(TRIALS, 2)
    with Store.create(path) as store:
        store.append(question(study))
        watch = Watch(path, pause=0, rest=0)
        known, trials = known_by(watch.page()), {}
        for first in range(0, TRIALS, 5):
            large.grow(store, study, first, min(TRIALS, first + 5))
            news = watch.news(known)
            trials |= {row[0]: row for row in told(news)["trials"]}
            assert (news.finished, news.trouble) == (False, "")
            assert watch.news(news.known).changes == b""
            known = news.known
        store.append(large.finish(TRIALS))
    news = watch.news(known)
    assert news.finished
    assert list(trials.values()) == state_of(path)["trials"]
    assert told(news) == state_of(path)


def test_a_page_that_takes_long_is_not_made_for_everyone(path, monkeypatch):
    """It is given out for a hundred times as long as it took: what is new is told beside it."""
    clock, made = [1000.0], []
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(module, "LONGEST_REST", 0)

    def slow(whole, *, live):
        made.append(whole["at"])
        clock[0] += 3.0
        return whole["at"]

    monkeypatch.setattr(module, "page", slow)
    study = large.study_of(TRIALS, 2)
    with Store.create(path) as store:
        store.append(question(study))
        watch = Watch(path, pause=0)
        first = watch.page()
        clock[0] += 1000
        assert watch.page() == first  # nothing is new
        large.grow(store, study, 0, 3)
        second = watch.page()
        large.grow(store, study, 3, 5)
        clock[0] += 299
        assert watch.page() == second
        assert len(told(watch.news(Known.read(second)))["trials"]) == 2
        clock[0] += 2
        assert watch.page() not in (first, second)
    assert len(made) == 3


def test_a_page_of_another_reading_is_never_given(path, tmp_path, monkeypatch):
    """However long it took to make."""
    monkeypatch.setattr(module, "LONGEST_REST", 0)
    large.write(path, trials=7, epochs=2)
    watch = Watch(path, pause=0, rest=10**9)
    first = known_by(watch.page())
    large.write(tmp_path / "y", trials=7, epochs=2)
    (tmp_path / "y").replace(path)
    assert known_by(watch.page()).readings == first.readings + 1


def test_an_amendment_makes_all_of_it_new(path):
    """Axes and budget are others, though no trial is."""
    study = large.study_of(TRIALS, 2)
    with Store.create(path) as store:
        store.append(question(study))
        large.grow(store, study, 0, 5)
        watch = Watch(path, pause=0, rest=0)
        known = known_by(watch.page())
        ledger = read_ledger(store.replay())
        store.append(ledger.amend(replace(study, trials=99)))
        news = watch.news(known)
    assert told(news) == state_of(path)
    assert "99" in json.dumps(told(news)["answer"])


def test_the_result_makes_all_of_it_new(path):
    """It comes after the end, and changes the answer."""
    large.write(path, trials=7, epochs=2)
    watch = Watch(path, pause=0, rest=0)
    known = known_by(watch.page())
    result = asdict(
        Result(
            metric="accuracy",
            score=0.7,
            interval=[0.6, 0.8],
            rows=41,
            baseline={"constant": 0.1},
            trials=7,
            epochs=14,
            seconds=3.7,
            digest="d" * 64,
            study=path.name,
            model="x.model",
            config={"units": 23},
            finished="all 7 trials were made",
        )
    )
    with Store.open(path) as store:
        store.append(Draft(kind="result", body=result))
    news = watch.news(known)
    assert told(news) == state_of(path, result)
    assert watch.news(news.known).changes == b""


@pytest.mark.parametrize(
    "text", ["", "~", "1~2~3", "-1~2~0~x", "1~x~0~", "1~5~0~nothing~", "9~9~9~9.9.9", "¹~¹~¹~"]
)
def test_a_page_that_knows_something_else_is_told_everything(path, text):
    """Whatever came back, from wherever."""
    large.write(path, trials=7, epochs=2)
    assert told(Watch(path).news(Known.read(text))) == state_of(path)


def test_another_study_in_its_place_is_told_whole(path, tmp_path):
    """Not as a change of the first, even where it would follow."""
    large.write(path, trials=7, epochs=2)
    watch = Watch(path, pause=0, rest=0)
    known = known_by(watch.page())
    large.write(tmp_path / "y", trials=9, epochs=2)
    (tmp_path / "y").replace(path)
    assert told(watch.news(known)) == state_of(path)


def test_trouble_is_said_while_there_is_any(path, tmp_path):
    """The page stays as it was, and says why; put back, it goes on."""
    large.write(path, trials=7, epochs=2)
    watch = Watch(path, pause=0, rest=0)
    known = known_by(watch.page())
    path.rename(tmp_path / "away")
    news = watch.news(known)
    assert "is no longer there" in news.trouble
    assert (news.changes, news.known) == (b"", known)
    assert known_by(watch.page()) == known
    (tmp_path / "away").rename(path)
    assert watch.news(known).trouble == ""


def test_the_file_is_looked_at_seldom(path, monkeypatch):
    """However many pages ask: not again before the pause is over."""
    large.write(path, trials=7, epochs=2)
    watch, looks = Watch(path, pause=1000), []
    monkeypatch.setattr(watch._follower, "look", lambda: looks.append(1))
    known = known_by(watch.page())
    for _ in range(9):
        watch.news(known)
    assert looks == []


def test_what_took_long_is_followed_by_a_rest(path, monkeypatch):
    """A hundred times as long, so that watching takes one part in it; ten seconds at most."""
    clock, worked, looks = [1000.0], [0.0], []
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(module.time, "thread_time", lambda: worked[0])
    large.write(path, trials=7, epochs=2)
    watch, costs = Watch(path), [0.05, 0.001, 3.0, 0.0]
    known = known_by(watch.page())

    def look():
        worked[0] += costs[len(looks)]
        looks.append(clock[0])

    monkeypatch.setattr(watch._follower, "look", look)
    for number, pause in enumerate((1.0, 5.0, 1.0, 10.0)):
        clock[0] += pause - 0.01
        watch.news(known)
        assert len(looks) == number
        clock[0] += 0.02
        watch.news(known)
        assert len(looks) == number + 1


def test_pages_that_know_as_much_are_told_the_same_words(path):
    """Made once, in whichever thread."""
    large.write(path, trials=7, epochs=2)
    watch, said = Watch(path, pause=0, rest=0), []
    nothing = Known.read("")
    crowd = [
        threading.Thread(target=lambda: said.append(watch.news(nothing).changes)) for _ in range(9)
    ]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert len({id(words) for words in said}) == 1


def test_findings_that_take_long_are_told_later(path, monkeypatch):
    """Trials are told at once; findings when two hundred times as long has passed as they took."""
    clock, spent = [1000.0], [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(module.time, "thread_time", lambda: spent[0])
    monkeypatch.setattr(module, "LONGEST_REST", 0)

    def slow(*arguments, findings, **more):
        new = changes(*arguments, findings=findings, **more)
        spent[0] += 2.0 if "sections" in new else 0.0
        return new

    monkeypatch.setattr(module, "changes", slow)
    study = large.study_of(60, 2)
    with Store.create(path) as store:
        store.append(question(study))
        watch = Watch(path, pause=0)
        known, said = known_by(watch.page()), []
        for last in (20, 40, 60):
            clock[0] += 1
            large.grow(store, study, last - 20, last)
            news = watch.news(known)
            said.append("sections" in told(news))
            assert len(told(news)["trials"]) == 20
            known = news.known
        assert said == [True, False, False]
        assert watch.news(known).changes == b""
        clock[0] += 400
        late = watch.news(known)
        assert (told(late)["trials"], "sections" in told(late)) == ([], True)
        assert watch.news(late.known).changes == b""
