"""The dashboard's routes: the page, and the stream of what is new on it."""

import asyncio
from collections.abc import Callable
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from tunesmith.dashboard.stream import Stream, told
from tunesmith.dashboard.watch import Known, Watch
from tunesmith.report.page import policy

MOST_STREAMS: Final = 64
"""Pages that may watch at a time."""

TICK: Final = 0.5
"""Seconds between two questions of a stream, whether there is news and whether it is to end."""


def application(watch: Watch, *, ended: Callable[[], bool], tick: float = TICK) -> Starlette:
    """Return the application; its streams end when `ended` says so.

    It answers whoever asks: a guard belongs around it.
    """
    streams: set[Stream] = set()

    async def whole(_request: Request) -> Response:
        html = await asyncio.to_thread(watch.page)
        rules = f"{policy(live=True)}; frame-ancestors 'none'"
        return HTMLResponse(html, headers={"content-security-policy": rules})

    async def events(request: Request) -> Response:
        if len(streams) >= MOST_STREAMS:
            sentence = f"{MOST_STREAMS} pages are watching already: close one of them\n"
            return PlainTextResponse(sentence, status_code=429)
        since = request.headers.get("last-event-id") or request.query_params.get("since", "")
        return Stream(told(watch, Known.read(since), ended=ended, tick=tick), streams)

    app = Starlette(routes=[Route("/", whole), Route("/events", events)])
    app.router.redirect_slashes = False
    return app
