"""An ASGI application asked without a server."""

import asyncio
from typing import Any, NamedTuple

from tests.waiting import PATIENCE

PORT = 8421
KEY = "k3y" * 16


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(app, path="/", method="GET", *, query="", headers=(), kind="http", chunks=None):
    """Return what `app` answers; an answer without end is left after so many `chunks`."""
    return asyncio.run(_ask(app, _scope(path, method, query, headers, kind), chunks))


async def _ask(app, scope, chunks) -> Answer:
    sent: list[dict[str, Any]] = []
    gone = asyncio.Event()

    async def receive():
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)
        if len(sent) - 1 == chunks:
            gone.set()

    await asyncio.wait_for(app(scope, receive, send), timeout=PATIENCE)
    head = sent[0]
    if head["type"] == "websocket.close":
        return Answer(403, {}, b"")
    fields = {name.decode(): value.decode() for name, value in head["headers"]}
    return Answer(head["status"], fields, b"".join(m.get("body", b"") for m in sent[1:]))


def _scope(path, method, query, headers, kind):
    return {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", PORT),
    }


def browser(**changes):
    """Return the headers that the page's own requests have; None takes one away."""
    usual = {
        "host": f"127.0.0.1:{PORT}",
        "cookie": f"tunesmith-{PORT}={KEY}",
        "sec-fetch-site": "same-origin",
    }
    changed = usual | {name.replace("_", "-"): value for name, value in changes.items()}
    return [(name, value) for name, value in changed.items() if value is not None]
