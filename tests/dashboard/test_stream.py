"""The stream of a page: what is sent, in what order, and what a slow page gets."""

import asyncio
import json

import pytest
from tests.dashboard.asgi import ask

from tunesmith.dashboard import stream as module
from tunesmith.dashboard.stream import Stream, message, told
from tunesmith.dashboard.watch import Known, News

KNOWN = Known(1, 5, 0, "7.7")
LATER = Known(1, 9, 0, "8.8")


class Script:
    """Tells what it is given, one news a question, and the last one for ever."""

    def __init__(self, *news):
        self.news, self.asked = list(news), []

    def __call__(self, known):
        self.asked.append(known)
        return self.news.pop(0) if len(self.news) > 1 else self.news[0]


def events(text):
    """Return (event, id, data) of what was sent."""
    found = []
    for block in filter(None, text.decode().split("\n\n")):
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        found.append((fields.get("event", ""), fields.get("id"), json.loads(fields["data"])))
    return found


def heard(script, *, questions):
    """Return what is sent in so many questions, and what was asked."""
    watch = type("Watch", (), {"news": staticmethod(script)})()

    async def listen():
        over = lambda: len(script.asked) >= questions  # noqa: E731
        return [part async for part in told(watch, KNOWN, ended=over, tick=0)]

    return [event for part in asyncio.run(listen()) for event in events(part)]


@pytest.fixture
def no_heartbeat(monkeypatch):
    monkeypatch.setattr(module, "HEARTBEAT", 10**9)


def test_what_is_new_is_sent_once(no_heartbeat):
    """With the id that a browser gives back when it comes again."""
    script = Script(News(known=LATER, changes=b'{"a": 1}'), News(known=LATER))
    assert heard(script, questions=4) == [("", str(LATER), {"a": 1})]
    assert script.asked == [KNOWN, LATER, LATER, LATER]


def test_trouble_is_sent_when_it_comes_and_when_it_goes(no_heartbeat):
    """And not in between."""
    lost = News(known=KNOWN, trouble='"x" is\n gone')
    script = Script(News(known=KNOWN), lost, lost, News(known=KNOWN))
    assert heard(script, questions=6) == [
        ("trouble", None, '"x" is\n gone'),
        ("trouble", None, ""),
    ]


def test_the_end_is_sent_after_what_led_to_it(no_heartbeat):
    """Once."""
    script = Script(
        News(known=LATER, changes=b"[1]", finished=True), News(known=LATER, finished=True)
    )
    assert heard(script, questions=4) == [("", str(LATER), [1]), ("finished", None, "")]


def test_silence_is_no_sign_of_life(monkeypatch):
    """While nothing is new a page is told that we are there: no data would not be delivered."""
    monkeypatch.setattr(module, "HEARTBEAT", 0)
    assert heard(Script(News(known=KNOWN)), questions=3) == [("alive", None, "")] * 3


def test_a_stream_begins_at_once():
    """So that a page knows that it is connected."""
    assert heard(Script(News(known=KNOWN)), questions=3) == [("alive", None, "")]


def test_a_slow_page_gets_the_newest():
    """While it takes one message nothing is made for it; the next is all since that one."""
    script = Script(*(News(known=Known(1, n, 0, ""), changes=b"%d" % n) for n in range(100)))
    watch = type("Watch", (), {"news": staticmethod(script)})()

    async def listen():
        parts = told(watch, KNOWN, ended=lambda: False, tick=0)
        await anext(parts)
        await asyncio.sleep(0.05)
        asked = len(script.asked)
        await parts.aclose()
        return asked

    assert asyncio.run(listen()) == 1


def test_a_stream_is_counted_while_it_lasts():
    """It is no more once the page is gone."""
    streams, seen = set(), []

    async def parts():
        while True:
            seen.append(len(streams))
            yield message(b"1")
            await asyncio.sleep(0)

    answer = ask(Stream(parts(), streams), chunks=3)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.body.startswith(b"data: 1\n\n")
    assert set(seen) == {1}
    assert streams == set()


def test_a_message_is_one_event():
    """Name, id, data, and the empty line that sends it."""
    assert message(b"{}", event="alive") == b"event: alive\ndata: {}\n\n"
    assert message(b"{}", known=KNOWN) == b"id: 1~5~0~7.7\ndata: {}\n\n"
