"""What is new on a page, as server-sent events."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Final, final

import msgspec
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from tunesmith.dashboard.watch import Known, Watch

HEARTBEAT: Final = 2.0
"""Seconds without news after which a page is told that we are still there."""

NOTHING: Final = b'""'
"""What an event carries that says all by its name: without any data it would not be delivered."""


@final
class Stream(StreamingResponse):
    """An endless answer, counted while it lasts."""

    def __init__(self, told: AsyncIterator[bytes], streams: set["Stream"]) -> None:
        super().__init__(told, media_type="text/event-stream")
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, until the page is gone or there is no more."""
        self._streams.add(self)
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._streams.discard(self)


async def told(
    watch: Watch, known: Known, *, ended: Callable[[], bool], tick: float
) -> AsyncIterator[bytes]:
    """Yield what is new to a page that knows so much, until `ended` says so.

    What a slow page has not taken is not kept for it: the next it is told is all since its last.
    """
    trouble, over, said_at = "", False, 0.0
    while not ended():
        news = await asyncio.to_thread(watch.news, known)
        events = []
        if news.trouble != trouble:
            events.append(message(msgspec.json.encode(news.trouble), event="trouble"))
        if news.changes:
            events.append(message(news.changes, known=news.known))
        if news.finished and not over:
            events.append(message(NOTHING, event="finished"))
        if not events and time.monotonic() - said_at >= HEARTBEAT:
            events.append(message(NOTHING, event="alive"))
        known, trouble, over = news.known, news.trouble, news.finished
        if events:
            yield b"".join(events)
            said_at = time.monotonic()
        await asyncio.sleep(tick)


def message(data: bytes, *, event: str = "", known: Known | None = None) -> bytes:
    """Return a server-sent event; `data` is one line, as JSON is."""
    head = f"event: {event}\n" if event else ""
    head += f"id: {known}\n" if known is not None else ""
    return b"%bdata: %b\n\n" % (head.encode(), data)
