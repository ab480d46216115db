import json

import pytest
from tests.report.conftest import config, played

from tunesmith.report.about import About
from tunesmith.report.moments import Moment
from tunesmith.report.state import FEWEST, Cursor, changes, state
from tunesmith.trial import Measurement, State


@pytest.mark.parametrize("trials", range(0, 23, 3))
def test_a_study_cut_anywhere_is_plain_json(trials):
    """Whatever has happened so far, the state is JSON without NaN."""
    history = played(trials, finished=False)
    text = json.dumps(state(history.study, history), allow_nan=False)
    assert len(json.loads(text)["trials"]) == trials


def test_changes_hold_what_is_new_and_no_more():
    """A promotion and a new trial are sent; the trials of before are not."""
    history = played(4, finished=False)
    before = state(history.study, history)
    history.promote(0, 3)
    history.start(config(4), 1)
    news = changes(history.study, history, before["at"])
    assert [row[0] for row in news["trials"]] == [0, 4]
    assert not news["whole"]
    assert "sections" not in news


def test_changes_lead_to_the_whole():
    """Rows put in place, one change after another, are those of the whole state."""
    history = played(1, finished=False)
    seen = state(history.study, history)
    rows = {row[0]: row for row in seen["trials"]}
    at = seen["at"]
    grown = played(1, finished=False)
    for number in range(1, 12):
        grown.start(config(number), 1)
        if number % 3:
            grown.end(number, State.FAILED, [], "it failed")
        news = changes(grown.study, grown, at, About(moments=[Moment(0, 0.0, 1.0)] * number))
        at = news["at"]
        rows |= {row[0]: row for row in news["trials"]}
    assert [rows[n] for n in sorted(rows)] == state(grown.study, grown)["trials"]


def test_findings_come_when_the_endings_have_grown():
    """With the eighth ending what looks at all trials is said anew, and not with the ninth."""
    history = played(0, finished=False)
    at = state(history.study, history)["at"]
    told = []
    for number in range(FEWEST + 2):
        history.start(config(number), 1)
        history.end(number, State.FAILED, [], "it failed")
        news = changes(history.study, history, at)
        at = news["at"]
        told.append("sections" in news and not news["whole"])
    assert told == [number == FEWEST - 1 for number in range(FEWEST + 2)]


@pytest.mark.parametrize(
    "since",
    ["", "x", "1.2", *(f"{first}.0.0.0.0.0.0.0" for first in ("999", "-1", "01", "٣"))],
)
def test_a_cursor_that_says_nothing_gives_the_whole(since):
    """A page that saw another study, or none, is sent everything."""
    history = played(3, finished=False)
    assert changes(history.study, history, since)["whole"]


def test_a_new_rung_changes_every_row():
    """Each has a place for it; but nothing else is sent anew."""
    history = played(4, finished=False)
    before = state(history.study, history)
    history.promote(0, 2)
    history.end(0, State.DONE, [Measurement(2, {history.study.metric: 0.5})])
    news = changes(history.study, history, before["at"])
    now = state(history.study, history)
    assert (before["rungs"], news["rungs"]) == ((1, 3, 9), (1, 2, 3, 9))
    assert news["trials"] == now["trials"]
    assert not news["whole"]
    assert set(news["curves"]) == {"0"}


def test_the_end_gives_the_whole():
    """At its end a study changes all that was paused."""
    history = played(5, finished=False)
    at = state(history.study, history)["at"]
    history.finish("enough")
    assert changes(history.study, history, at)["whole"]


def test_cursor_reads_what_it_wrote():
    """A cursor survives as text."""
    cursor = Cursor(12, 7, 3, 7, 2, 3, 0, 5)
    assert Cursor.read(str(cursor)) == cursor
