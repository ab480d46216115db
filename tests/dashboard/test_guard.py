"""The guard: every route, every method, every way in but the right one."""

import pytest
from tests.dashboard.asgi import KEY, PORT, ask, browser

from tunesmith.dashboard.app import application
from tunesmith.dashboard.guard import POLICY, Guard

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
WRONG = {
    "another host": {"host": f"evil.example:{PORT}"},
    "another port": {"host": f"127.0.0.1:{PORT + 1}"},
    "no port": {"host": "127.0.0.1"},
    "a name that begins like ours": {"host": f"127.0.0.1:{PORT}.evil.example"},
    "a name before ours": {"host": f"evil@127.0.0.1:{PORT}"},
    "an address of all": {"host": f"0.0.0.0:{PORT}"},
    "no host": {"host": None},
    "another origin": {"origin": "http://evil.example"},
    "our address, encrypted": {"origin": f"https://127.0.0.1:{PORT}"},
    "another port's origin": {"origin": f"http://127.0.0.1:{PORT + 1}"},
    "our other name's origin": {"origin": f"http://localhost:{PORT}"},
    "no origin to be told": {"origin": "null"},
    "another site": {"sec_fetch_site": "cross-site"},
    "another port of this machine": {"sec_fetch_site": "same-site"},
    "nobody knows which site": {"sec_fetch_site": ""},
    "no key": {"cookie": None},
    "an empty key": {"cookie": f"tunesmith-{PORT}="},
    "the wrong key": {"cookie": f"tunesmith-{PORT}={KEY[:-1]}x"},
    "half of the key": {"cookie": f"tunesmith-{PORT}={KEY[:-1]}"},
    "a key and more": {"cookie": f"tunesmith-{PORT}={KEY}x"},
    "another dashboard's key": {"cookie": f"tunesmith-{PORT + 1}={KEY}"},
    "a key of strange letters": {"cookie": f"tunesmith-{PORT}=\xe9\xff"},
    "broken cookies": {"cookie": f"=;;=\x00; tunesmith-{PORT}"},
}
ROUTES = tuple(route.path for route in application(None, ended=lambda: True).routes)
PATHS = (*ROUTES, "/nothing", "/events/", "//", "/../", "/%2e%2e/etc/passwd", "/static/x")


@pytest.fixture
def once():
    return ["on3e" * 12]


@pytest.fixture
def guarded(once):
    """Guard the dashboard's own routes; nothing behind them is ever asked."""
    return Guard(app=application(None, ended=lambda: True), port=PORT, key=KEY, once=once)


@pytest.fixture
def open_door(once):
    """Guard an application that says which path it was asked for."""

    async def app(scope, receive, send):
        headers = [(b"Content-Type", b"text/plain"), (b"Cache-Control", b"public")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    return Guard(app=app, port=PORT, key=KEY, once=once)


@pytest.mark.parametrize("wrong", WRONG, ids=str)
@pytest.mark.parametrize("path", PATHS)
def test_whoever_should_not_ask_is_refused(guarded, path, wrong):
    """Every route and some that are none, by every method: 4xx, one sentence, nothing told."""
    for method in METHODS:
        answer = ask(guarded, path, method, headers=browser(**WRONG[wrong]))
        assert 400 <= answer.status < 500, (method, path)
        assert "set-cookie" not in answer.headers
        assert answer.body.decode().count("\n") == 1
        assert KEY not in answer.body.decode()


@pytest.mark.parametrize("method", METHODS[1:])
@pytest.mark.parametrize("path", PATHS)
def test_nothing_can_be_changed(guarded, path, method):
    """The page's own requests are answered too only where they read."""
    answer = ask(guarded, path, method, headers=browser())
    assert answer.status == 405
    assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize(
    "right",
    [
        {},
        {"sec_fetch_site": "none"},
        {"sec_fetch_site": None},
        {"origin": f"http://127.0.0.1:{PORT}"},
        {"host": f"localhost:{PORT}", "origin": f"http://localhost:{PORT}"},
        {"cookie": f"other=1; tunesmith-{PORT}={KEY}; tunesmith-9=x"},
    ],
    ids=str,
)
def test_the_page_itself_is_answered(open_door, right):
    """From our own page, from the address bar, and by browsers that do not say from where."""
    answer = ask(open_door, "/events", headers=browser(**right))
    assert (answer.status, answer.body) == (200, b"/events")


def test_what_is_not_http_is_not_heard(open_door):
    """A web socket is closed, whoever opens it."""
    assert ask(open_door, "/", kind="websocket", headers=browser()).status == 403


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "localhost:1@evil.example"])
def test_a_refusal_does_not_repeat_what_was_sent(open_door, host):
    """What came from outside is in no answer."""
    headers = browser(host=f"<script>{host}</script>")
    answer = ask(open_door, "/<script>", query="<script>", headers=headers)
    assert answer.status == 421
    assert b"<" not in answer.body
    assert "<" not in str(answer.headers)


def test_the_printed_address_is_exchanged_for_a_cookie(open_door):
    """A redirect takes the token out of the address; no script can read the cookie; twice too."""
    headers = browser(cookie=None, sec_fetch_site="none")
    for _ in range(2):
        answer = ask(open_door, query=f"token={KEY}", headers=headers)
        assert (answer.status, answer.headers["location"]) == (303, "/")
        assert answer.headers["set-cookie"] == (
            f"tunesmith-{PORT}={KEY}; Path=/; HttpOnly; SameSite=Strict"
        )
        assert KEY not in answer.body.decode()


def test_the_opened_address_is_good_once(open_door, once):
    """Who reads it among the arguments of a browser comes too late."""
    headers, token = browser(cookie=None, sec_fetch_site="none"), once[0]
    first = ask(open_door, query=f"token={token}", headers=headers)
    assert first.status == 303
    assert f"={KEY};" in first.headers["set-cookie"]
    assert ask(open_door, query=f"token={token}", headers=headers).status == 401
    cookie = f"tunesmith-{PORT}={token}"
    assert ask(open_door, headers=browser(cookie=cookie)).status == 401


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/", f"token={KEY}x"),
        ("/", "token="),
        ("/", f"token={KEY}&token={KEY}"),
        ("/", f"Token={KEY}"),
        ("/", f"token={KEY[:-1]}"),
        ("/", "token=%ff%00é"),
        ("/events", f"token={KEY}"),
        (f"/{KEY}", ""),
    ],
)
def test_no_other_address_has_a_key(open_door, path, query):
    """Only the whole token, once, at the page's own address."""
    headers = browser(cookie=None, sec_fetch_site="none")
    assert ask(open_door, path, query=query, headers=headers).status == 401


@pytest.mark.parametrize(
    "changes", [{}, {"cookie": None}, {"host": "evil"}, {"cookie": None, "sec_fetch_site": "none"}]
)
def test_every_answer_is_for_our_page_alone(open_door, changes):
    """Refusals and redirects too: never kept, framed, sniffed, or shown to other pages."""
    answer = ask(open_door, query=f"token={KEY}", headers=browser(**changes))
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["content-security-policy"] == POLICY
    assert not {"server", "access-control-allow-origin"} & set(answer.headers)
