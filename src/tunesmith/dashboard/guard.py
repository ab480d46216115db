"""Who may ask, and what every answer carries: a guard around all routes, whatever they are.

A page of somebody else's, open in the same browser, may send requests to any address of this
machine, also under a name of its own that leads here. So a request must name us as its host, come
from our own page or from the address bar, and carry the key that was printed in the terminal.
"""

import hmac
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any, NamedTuple, final
from urllib.parse import parse_qsl

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

NAMES = ("127.0.0.1", "localhost")
"""What this machine is called in an address that leads to us."""

POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The Content-Security-Policy of an answer that brings none of its own."""

ALWAYS = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"cache-control": b"no-store",
}
"""What every answer carries: shown as what it is, to nobody else, and not kept."""


class Refusal(NamedTuple):
    """Why a request is not answered."""

    status: int
    sentence: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """An ASGI application around another, which sees only what may be asked."""

    app: App
    port: int
    key: str
    """What the address in the terminal carries, and then a cookie."""
    once: list[str]
    """Keys that may be exchanged for that cookie one more time: a browser is started with its
    address as an argument, which everyone on this machine can read."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it; what is not HTTP is closed unheard."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif refusal := self._refusal(scope):
            await _answer(send, refusal.status, refusal.sentence)
        elif brought := self._brought(scope):
            if brought in self.once:
                self.once.remove(brought)
            await _answer(send, 303, "", {b"location": b"/", b"set-cookie": self._cookie})
        else:
            await self.app(scope, receive, _with_headers(send))

    @property
    def _name(self) -> str:
        # Cookies know no ports: two dashboards on one machine must not share a name.
        return f"tunesmith-{self.port}"

    @property
    def _cookie(self) -> bytes:
        return f"{self._name}={self.key}; Path=/; HttpOnly; SameSite=Strict".encode()

    def _refusal(self, scope: Scope) -> Refusal | None:
        """Return why a request is refused, None if it is not."""
        hosts = [f"{name}:{self.port}" for name in NAMES]
        host = _values(scope, b"host")
        if len(host) != 1 or host[0] not in hosts:
            return Refusal(421, f"ask for http://{hosts[0]}/, not for another host")
        if scope["method"] != "GET":
            return Refusal(405, "only GET is answered: nothing can be changed here")
        if any(origin != f"http://{host[0]}" for origin in _values(scope, b"origin")):
            return Refusal(403, "only the dashboard's own page is answered")
        if not set(_values(scope, b"sec-fetch-site")) <= {"same-origin", "none"}:
            return Refusal(403, "only the dashboard's own page and the address bar are answered")
        if not (self._brought(scope) or self._has_key(scope)):
            return Refusal(401, "open the address that tunesmith dashboard printed, with its token")
        return None

    def _brought(self, scope: Scope) -> str:
        """Return the key that comes with the address; "" if there is none that is right."""
        if scope["path"] != "/":
            return ""
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        return _right([value for name, value in pairs if name == "token"], [self.key, *self.once])

    def _has_key(self, scope: Scope) -> bool:
        jars = [_read_cookies(text) for text in _values(scope, b"cookie")]
        said = [jar[self._name].value for jar in jars if self._name in jar]
        return bool(_right(said, [self.key]))


def _right(said: Sequence[str], keys: Sequence[str]) -> str:
    """Return the one key that is said; "" if it is none of the `keys`, or there are several."""
    if len(said) != 1:
        return ""
    # All are compared, and each as a whole: how long it takes tells nothing.
    same = [hmac.compare_digest(said[0].encode(), key.encode()) for key in keys]
    return said[0] if any(same) else ""


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


def _read_cookies(text: str) -> SimpleCookie:
    try:
        return SimpleCookie(text)
    except CookieError:
        return SimpleCookie()


def _with_headers(send: Send) -> Send:
    """Return a `send` that adds to every answer what all of them carry."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = {name.lower(): value for name, value in message.get("headers", ())}
            headers = {b"content-security-policy": POLICY.encode()} | own | ALWAYS
            message = {**message, "headers": list(headers.items())}
        await send(message)

    return sending


async def _answer(
    send: Send, status: int, sentence: str, more: Mapping[bytes, bytes] | None = None
) -> None:
    """Send a short answer in plain text."""
    body = f"{sentence}\n".encode()
    own = {
        b"content-type": b"text/plain; charset=utf-8",
        b"content-length": str(len(body)).encode(),
        **(more or {}),
    }
    if status == 405:
        own[b"allow"] = b"GET"
    sending = _with_headers(send)
    await sending({"type": "http.response.start", "status": status, "headers": list(own.items())})
    await sending({"type": "http.response.body", "body": body})
