"""The files that a command is given: found, or the nearest name said; a study read."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.errors import FileError
from tunesmith.table.wording import no_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tunesmith.history import History
    from tunesmith.report.about import About
    from tunesmith.store.event import Event


def read_study(path: Path) -> "tuple[History, dict[str, Any] | None]":
    """Return a study's history and its result, if it has one."""
    from tunesmith.ledger import read_ledger
    from tunesmith.store.store import Store

    with Store.read(existing(path, ".study")) as store:
        events = list(store.replay())
    return read_ledger(events).history, _result(events)


def read_seen(path: Path) -> "tuple[History, About]":
    """Return a study's history, and what else its page tells."""
    from tunesmith.ledger import read_ledger
    from tunesmith.report.about import About
    from tunesmith.report.moments import moments
    from tunesmith.report.traces import traces
    from tunesmith.store.store import Store

    with Store.read(existing(path, ".study")) as store:
        events = list(store.replay())
    name = path.name.encode("utf-8", "replace").decode()
    about = About(name=name, result=_result(events), moments=moments(events), traces=traces(events))
    return read_ledger(events).history, about


def _result(events: "Iterable[Event]") -> dict[str, Any] | None:
    results = [dict(event.body) for event in events if event.kind == "result"]
    return results[-1] if results else None


def existing(path: Path, suffix: str) -> Path:
    """Return the path of a file that is there; FileError, with the nearest name, if it is not."""
    if path.exists():
        return path
    raise FileError(no_file(path, (file.name for file in path.parent.glob(f"*{suffix}"))))
