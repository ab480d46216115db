"""The server: where it listens, and what it serves."""

import signal
import socket
import threading

import pytest
import uvicorn
from tests import large
from tests.dashboard.asgi import ask
from tests.waiting import PATIENCE, until

from tunesmith.dashboard import serve as module
from tunesmith.dashboard.serve import Connection, Server, listen, serve
from tunesmith.errors import FileError, StoreError


@pytest.fixture
def port():
    """Return a port that was free a moment ago."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_it_listens_to_this_machine_alone(port):
    """At the port that was asked for, and at no other address."""
    with listen(port) as at:
        assert at.getsockname() == ("127.0.0.1", port)


def test_a_taken_port_gives_another(port):
    """Two dashboards do not share one."""
    with listen(port) as first, listen(port) as second:
        assert first.getsockname()[1] == port
        assert second.getsockname()[0] == "127.0.0.1"
        assert second.getsockname()[1] != port


def test_nowhere_to_listen_is_one_sentence(monkeypatch):
    """The system's reason, and what to do."""

    def refuse(port):
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(module, "_bound", refuse)
    with pytest.raises(FileError, match=r"no page can be served .*\(Too many open files\)"):
        listen(8421)


@pytest.fixture
def served(tmp_path, monkeypatch):
    """Serve a study by a server that does not run; return its configuration and the addresses."""
    configured, told = [], []
    monkeypatch.setattr(Server, "run", lambda server, sockets: configured.append(server.config))
    large.write(tmp_path / "x.study", trials=7, epochs=2)
    with listen(0) as at:
        serve(tmp_path / "x.study", at, lambda *addresses: told.extend(addresses))
        return configured[0], told, at.getsockname()[1]


def test_the_addresses_lead_to_the_page(served):
    """Each once has a token of its own, and gives the same cookie; the page needs that."""
    config, addresses, port = served
    host = ("host", f"127.0.0.1:{port}")
    cookies = set()
    for address in addresses:
        assert address.startswith(f"http://127.0.0.1:{port}/?token=")
        answer = ask(config.app, query=address.partition("?")[2], headers=[host])
        assert answer.status == 303
        cookies.add(answer.headers["set-cookie"].partition(";")[0])
    assert len({address.partition("=")[2] for address in addresses}) == 2
    assert all(len(address.partition("=")[2]) == 48 for address in addresses)
    (cookie,) = cookies
    assert ask(config.app, headers=[host, ("cookie", cookie)]).status == 200
    assert ask(config.app, headers=[host]).status == 401


def test_each_server_has_keys_of_its_own(tmp_path, monkeypatch):
    """Yesterday's address opens nothing today."""
    monkeypatch.setattr(Server, "run", lambda server, sockets: None)
    large.write(tmp_path / "x.study", trials=2, epochs=2)
    told = []
    for _ in range(3):
        with listen(0) as at:
            serve(tmp_path / "x.study", at, lambda *addresses: told.extend(addresses))
    assert len({address.partition("=")[2] for address in told}) == 6


def test_a_file_that_is_no_study_is_not_served(tmp_path):
    """And no address is shown."""
    (tmp_path / "x.study").write_bytes(b"GIF89a")
    with listen(0) as at, pytest.raises(StoreError, match="is not a study file"):
        serve(tmp_path / "x.study", at, lambda *addresses: pytest.fail("shown"))


def test_the_server_keeps_to_itself(served):
    """It says neither what it is nor who asked, and speaks no other protocol."""
    config, _, _ = served
    assert (config.server_header, config.access_log, config.proxy_headers) == (False, False, False)
    assert config.ws == "none"
    assert config.timeout_graceful_shutdown == module.PATIENCE
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


async def answer(scope, receive, send):
    """Answer every request."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


@pytest.mark.parametrize(
    "half", [b"", b"GET / HTTP/1.1\r\nHost: x"], ids=["nothing", "half the headers"]
)
def test_half_sent_requests_are_closed(monkeypatch, half):
    """200 connections that never finish a request are closed, and whole requests answered."""
    monkeypatch.setattr(Connection, "seconds", 0.2)
    config = uvicorn.Config(
        answer, http=Connection, ws="none", lifespan="off", log_config=None, access_log=False
    )
    with listen(0) as at:
        server, address = uvicorn.Server(config), at.getsockname()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [at]}, daemon=True)
        thread.start()
        halves = [socket.create_connection(address, timeout=PATIENCE) for _ in range(200)]
        try:
            for one in halves:
                one.sendall(half)
            for one in halves:
                assert ended(one)
            assert until(lambda: not server.server_state.connections)
            with socket.create_connection(address, timeout=PATIENCE) as whole:
                whole.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                assert whole.recv(100).startswith(b"HTTP/1.1 204")
        finally:
            for one in halves:
                one.close()
            server.should_exit = True
            thread.join(PATIENCE)


def ended(connection):
    """Read until the server closes the connection; return whether it did."""
    try:
        while connection.recv(1000):
            pass
    except ConnectionResetError:
        pass
    return True
