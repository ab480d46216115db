"""The server: on this machine's own address, for who has the key, until it is stopped."""

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final, final

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from tunesmith.dashboard.app import application
from tunesmith.dashboard.guard import NAMES, Guard
from tunesmith.dashboard.watch import Watch
from tunesmith.errors import FileError

PATIENCE: Final = 1
"""Seconds that answers may still take once the server is to end."""

TICK: Final = 0.5
"""Seconds between two looks whether the server is to end."""

REQUEST_SECONDS: Final = 10.0
"""Seconds that a connection has to send its first request; later ones are uvicorn's keep-alive."""

QUIET: Final = logging.getLogger("uvicorn.error")


@final
class Connection(H11Protocol):
    """A connection that is closed unless a whole request comes soon."""

    seconds = REQUEST_SECONDS
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for its first request, but not for long."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._wait_no_longer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; a request that is still incomplete has no more time than before."""
        super().data_received(data)
        if self.conn.their_state in (h11.IDLE, h11.SEND_BODY):
            self._wait()
        else:
            self._wait_no_longer()

    def _wait(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.seconds, self.transport.abort)

    def _wait_no_longer(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


@final
class Server(uvicorn.Server):
    """A server that ends without a word."""

    async def main_loop(self) -> None:
        """Run until it is to end; it idles for hours beside trainings, so it seldom looks."""
        while not await self.on_tick(0):
            await asyncio.sleep(TICK)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End; who is in the middle of a long answer is cut off, and that is no error."""
        QUIET.setLevel(logging.CRITICAL)
        await super().shutdown(sockets)


def listen(port: int) -> socket.socket:
    """Return a socket of this machine's own address, at `port` or, if that is taken, at any.

    Raises FileError if there is none.
    """
    try:
        return _bound(port)
    except OSError:
        pass
    try:
        return _bound(0)
    except OSError as error:
        raise FileError(
            f"no page can be served on {NAMES[0]} ({error.strerror}): end some programs that "
            "listen there"
        ) from error


def serve(path: Path, at: socket.socket, started: Callable[[str, str], None]) -> None:
    """Serve the page of the study at `path` until a signal ends it, which is then raised.

    `started` is called once with two addresses of the page: one to show, which can be used
    again, and one to open, which can be used once. Raises StoreError if the study cannot be read.
    """
    watch = Watch(path)
    watch.page()  # of a large study it takes seconds: not when somebody waits for it
    port, key, once = at.getsockname()[1], _new_key(), _new_key()
    server: Server
    app = application(watch, ended=lambda: server.should_exit)
    config = uvicorn.Config(
        Guard(app=app, port=port, key=key, once=[once]),
        http=Connection,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=PATIENCE,
    )
    QUIET.setLevel(logging.ERROR)
    server = Server(config)
    address = f"http://{NAMES[0]}:{port}/?token="
    started(f"{address}{key}", f"{address}{once}")
    server.run(sockets=[at])


def _bound(port: int) -> socket.socket:
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it would let two programs have one port
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((NAMES[0], port))
        found.listen()
    except BaseException:
        found.close()
        raise
    return found


def _new_key() -> str:
    """Return what nobody can guess."""
    return os.urandom(24).hex()
