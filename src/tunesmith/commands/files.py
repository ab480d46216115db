"""The files that a command is given: found, or the nearest name said; a study read."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.errors import FileError
from tunesmith.table.wording import nearest

if TYPE_CHECKING:
    from tunesmith.history import History


def read_study(path: Path) -> "tuple[History, dict[str, Any] | None]":
    """Return a study's history and its result, if it has one."""
    from tunesmith.ledger import read_ledger
    from tunesmith.store.store import Store

    with Store.read(existing(path, ".study")) as store:
        events = list(store.replay())
    results = [dict(event.body) for event in events if event.kind == "result"]
    return read_ledger(events).history, results[-1] if results else None


def existing(path: Path, suffix: str) -> Path:
    """Return the path of a file that is there; FileError, with the nearest name, if it is not."""
    if path.exists():
        return path
    near = nearest(path.name, (file.name for file in path.parent.glob(f"*{suffix}")))
    remedy = f"did you mean {str(path.parent / near)!r}?" if near else "check name and folder"
    raise FileError(f"no file {str(path)!r} here; {remedy}")
