"""The routes: what each answers to whoever may ask."""

import pytest
from tests import large
from tests.dashboard.asgi import ask

from tunesmith.dashboard import app as module
from tunesmith.dashboard.app import application
from tunesmith.dashboard.watch import Watch
from tunesmith.report.page import policy


@pytest.fixture
def watch(tmp_path):
    large.write(tmp_path / "x.study", trials=7, epochs=2)
    return Watch(tmp_path / "x.study")


@pytest.fixture
def app(watch):
    return application(watch, ended=lambda: False, tick=0)


def test_the_page(app, watch):
    """The live page, under its own policy and in nobody's frame."""
    answer = ask(app)
    assert (answer.status, answer.body.decode()) == (200, watch.page())
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    rules = answer.headers["content-security-policy"].split("; ")
    assert rules[0] == "default-src 'none'"
    assert set(rules) == {*policy(live=True).split("; "), "frame-ancestors 'none'"}
    assert not any("unsafe" in rule or "*" in rule for rule in rules)


@pytest.mark.parametrize("way", ["query", "header"])
def test_what_is_new_since_what_a_page_knows(app, watch, way):
    """The browser says it in a header when it comes again, the page in the address at first."""
    known = str(ask(app, "/events", chunks=1).body.split(b"\n")[0].removeprefix(b"id: "), "ascii")
    assert known.startswith("1~")
    asked = {"query": f"since={known}"} if way == "query" else {}
    headers = [("last-event-id", known)] if way == "header" else []
    answer = ask(app, "/events", headers=headers, chunks=1, **asked)
    assert answer.body == b'event: finished\ndata: ""\n\n'


def test_the_header_counts_more_than_the_address(app):
    """It is the newer one: the address stays as it was when a browser comes again."""
    answer = ask(app, "/events", query="since=", headers=[("last-event-id", "")], chunks=1)
    assert answer.body.startswith(b"id: 1~")
    known = answer.body.split(b"\n")[0].removeprefix(b"id: ").decode()
    answer = ask(app, "/events", query="since=", headers=[("last-event-id", known)], chunks=1)
    assert answer.body.startswith(b"event: finished")


def test_streams_end_when_we_do(watch):
    """Also for a page that stays."""
    assert ask(application(watch, ended=lambda: True), "/events").body == b""


def test_there_are_only_so_many_streams(watch, monkeypatch):
    """One more is refused in one sentence."""
    monkeypatch.setattr(module, "MOST_STREAMS", 0)
    answer = ask(application(watch, ended=lambda: False), "/events")
    assert (answer.status, answer.body) == (
        429,
        b"0 pages are watching already: close one of them\n",
    )


@pytest.mark.parametrize("path", ["/nothing", "/events/", "/docs", "/openapi.json", "/../x"])
def test_there_is_nothing_else(app, path):
    """No other address, and none that leads elsewhere."""
    assert ask(app, path).status == 404


def test_a_fault_of_ours_tells_nothing(monkeypatch, watch):
    """The answer has no traceback and no path; the fault is raised for the server to log."""
    sent = []

    def fails():
        raise RuntimeError("/secret/path")

    monkeypatch.setattr(watch, "page", fails)
    app = application(watch, ended=lambda: False)

    async def spied(scope, receive, send):
        async def sending(message):
            sent.append(message)
            await send(message)

        await app(scope, receive, sending)

    with pytest.raises(RuntimeError):
        ask(spied)
    assert sent[0]["status"] == 500
    assert b"".join(m.get("body", b"") for m in sent) == b"Internal Server Error"
