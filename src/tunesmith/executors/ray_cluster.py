"""A cluster of Ray's: the one at an address, or one started here for this study alone."""

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from ipaddress import ip_address
from typing import Any, Final

from tunesmith.errors import StudyError

PATIENCE_SECONDS: Final = 5.0
"""How long a cluster may take to answer at all."""

HELLO: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
"""How any client of HTTP/2 begins, RFC 9113 3.4: its preface and an empty SETTINGS frame."""

SETTINGS: Final = 4
"""The type of the frame that a server answers with, its fourth byte."""


def ray_module() -> Any:
    """Return Ray; StudyError if it is not installed."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        return import_module("ray")
    except ImportError as error:
        raise StudyError(
            f"Ray cannot be loaded ({error}): pip install 'tunesmith[ray]', "
            "or use executor='processes'"
        ) from error


def connect(address: str | None) -> bool:
    """Connect this process to a cluster; return whether one was started here for it.

    A connection that the program has already is used. Raises StudyError where no cluster answers.
    """
    ray = ray_module()
    if ray.is_initialized():
        return False
    if address is None:
        start_here(ray)
        return True
    if address != "auto":
        _greet(address)
    try:
        ray.init(address=address, logging_level="ERROR")
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        raise _silent(address) from error
    return False


def start_here(ray: Any) -> None:
    """Start a cluster of this machine alone, which nobody else can reach."""
    with _at_home():
        ray.init(
            address="local", include_dashboard=False, logging_level="ERROR", log_to_driver=True
        )
    reached = [node["NodeManagerAddress"] for node in ray.nodes()]
    if not all(ip_address(address).is_loopback for address in reached):
        ray.shutdown()
        raise StudyError(
            f"this version of Ray ({ray.__version__}) opens its ports to the network at "
            f"{', '.join(reached)}: install another, or start it yourself and give its address"
        )


def one_node() -> bool:
    """Return whether the cluster is one machine, whose disk all its processes see."""
    return len([node for node in ray_module().nodes() if node["Alive"]]) == 1


def check_resources(wanted: Mapping[str, float]) -> None:
    """Raise StudyError for what no node of the cluster has enough of."""
    nodes = [node["Resources"] for node in ray_module().nodes() if node["Alive"]]
    for name, amount in wanted.items():
        most = max((node.get(name, 0.0) for node in nodes), default=0.0)
        if amount > most:
            there = {key for node in nodes for key in node}
            known = sorted(key for key in there if "memory" not in key and ":" not in key)
            raise StudyError(
                f"a trial asks for {amount:g} {name}, and no node of this cluster has more than "
                f"{most:g} (there is {', '.join(known)}): ask for less, or add a node"
            )


@contextmanager
def _at_home() -> Iterator[None]:
    """Let Ray bind to the loopback address, as it does on systems with a firewall that asks."""
    constants = import_module("ray._private.ray_constants")
    before = getattr(constants, "ENABLE_RAY_CLUSTER", True)
    constants.ENABLE_RAY_CLUSTER = False  # type: ignore[attr-defined]
    try:
        yield
    finally:
        constants.ENABLE_RAY_CLUSTER = before  # type: ignore[attr-defined]


def _greet(address: str) -> None:
    """Raise StudyError unless something answers there that may be Ray.

    Ray itself would wait for a minute, and then end this process.
    """
    host, colon, port = address.rpartition("://")[2].rpartition(":")
    if not colon or not host or not port.isdecimal():
        raise StudyError(
            f"the address of a cluster is 'auto' or like '10.0.0.5:6379', got {address!r}"
        )
    try:
        with socket.create_connection((host, int(port)), PATIENCE_SECONDS) as link:
            link.sendall(HELLO)
            answer = link.recv(4)
    except OSError as error:
        raise _silent(address) from error
    if len(answer) < 4 or answer[3] != SETTINGS:
        raise _silent(address)


def _silent(address: str) -> StudyError:
    return StudyError(
        f"no Ray cluster answers at {address!r}: check the address, or start one there with "
        "ray start --head"
    )
