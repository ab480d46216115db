"""A cluster that does not answer, or has not what is asked for."""

import socket
import sys
import threading
from types import ModuleType

import pytest

from tunesmith.errors import StudyError
from tunesmith.executors.ray_cluster import check_resources, connect, one_node


@pytest.fixture
def ray(monkeypatch):
    """Stand in for Ray: connected to nothing, with two nodes that live and one that does not."""
    fake = ModuleType("ray")
    fake.is_initialized = lambda: False
    fake.nodes = lambda: [
        {"Alive": True, "Resources": {"CPU": 2.0, "memory": 7.0, "node:127.0.0.1": 1.0}},
        {"Alive": True, "Resources": {"CPU": 3.0, "GPU": 1.0}},
        {"Alive": False, "Resources": {"CPU": 64.0}},
    ]

    def init(**arguments):
        raise ConnectionError("nobody")

    fake.init = init
    monkeypatch.setitem(sys.modules, "ray", fake)
    return fake


def server(answer):
    """Answer one caller on a free port of this machine; return its address."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        with listening, listening.accept()[0] as link:
            link.recv(64)
            link.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    return f"127.0.0.1:{listening.getsockname()[1]}"


def refusal(address):
    with pytest.raises(StudyError) as caught:
        connect(address)
    return str(caught.value)


def silent(address):
    return (
        f"no Ray cluster answers at '{address}': check the address, or start one there with "
        "ray start --head"
    )


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n"], ids=["none", "web"])
def test_what_answers_is_not_ray(ray, answer):
    """It is known at once, not after Ray's own minute."""
    address = server(answer)
    assert refusal(address) == silent(address)


def test_nobody_listens(ray):
    """With a scheme or without."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for address in (f"127.0.0.1:{port}", f"ray://127.0.0.1:{port}"):
        assert refusal(address) == silent(address)


def test_ray_itself_finds_nobody(ray):
    """Where something answers in its language, and where it looks for a cluster itself."""
    address = server(bytes((0, 0, 0, 4, 0, 0, 0, 0, 0)))
    assert refusal(address) == silent(address)
    assert refusal("auto") == silent("auto")


@pytest.mark.parametrize("address", ["here", "10.0.0.5", "10.0.0.5:", ":6379", "ray://x:y"])
def test_what_is_no_address(ray, address):
    """The sentence shows one that is."""
    assert refusal(address) == (
        f"the address of a cluster is 'auto' or like '10.0.0.5:6379', got '{address}'"
    )


def test_a_connection_that_is_there_is_used(ray):
    """And is not ours to end."""
    ray.is_initialized = lambda: True
    assert connect(None) is False
    assert connect("10.0.0.5:6379") is False


def test_ports_that_are_open_to_the_network_are_closed_again(ray, monkeypatch):
    """Rather than run what anybody sends."""
    constants, down = ModuleType("ray._private.ray_constants"), []
    constants.ENABLE_RAY_CLUSTER = True
    monkeypatch.setitem(sys.modules, "ray._private.ray_constants", constants)
    ray.init = lambda **arguments: None
    ray.nodes = lambda: [{"NodeManagerAddress": "192.0.2.7"}]
    ray.shutdown, ray.__version__ = lambda: down.append(True), "3.5"
    assert refusal(None) == (
        "this version of Ray (3.5) opens its ports to the network at 192.0.2.7: install another, "
        "or start it yourself and give its address"
    )
    assert down == [True]
    assert constants.ENABLE_RAY_CLUSTER is True


@pytest.mark.parametrize("wanted", [{"CPU": 3}, {"CPU": 0.5, "GPU": 1}, {"TPX": 0}], ids=str)
def test_what_some_node_has(ray, wanted):
    """Enough, or just enough; nothing of what is not there."""
    check_resources(wanted)


@pytest.mark.parametrize(("wanted", "most"), [({"CPU": 3.5}, 3), ({"TPX": 1}, 0)], ids=str)
def test_what_no_node_has(ray, wanted, most):
    """The most that one has, and all that there is; a dead node counts for nothing."""
    ((name, amount),) = wanted.items()
    with pytest.raises(StudyError) as caught:
        check_resources(wanted)
    assert str(caught.value) == (
        f"a trial asks for {amount} {name}, and no node of this cluster has more than {most} "
        "(there is CPU, GPU): ask for less, or add a node"
    )


@pytest.mark.parametrize(
    ("alive", "one"), [((True,), True), ((True, False), True), ((True, True), False)]
)
def test_one_machine_or_several(ray, alive, one):
    """Nodes that are gone do not count."""
    ray.nodes = lambda: [{"Alive": there} for there in alive]
    assert one_node() is one
