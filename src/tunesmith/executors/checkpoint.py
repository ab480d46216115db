"""A trial's folder, brought back to where its training begins.

A training may be cut anywhere: its worker lost, the driver killed. Whoever trains it again must
find what the first found, and nothing that was left half done.
"""

import errno
import os
from dataclasses import replace
from pathlib import Path
from shutil import copy2, copystat, rmtree
from typing import Final

from tunesmith.errors import FileError
from tunesmith.executors.protocol import Outcome, Task
from tunesmith.trial import State

TRIAL_FOLDER: Final = "trial-"
"""What the name of a trial's folder begins with; its number follows."""

DISK_ERRORS: Final = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""Errors of the disk: every trial would meet them, so they end the run and fail no trial."""


def as_it_was(folder: Path, trained: int, *, again: bool = False) -> None:
    """Let a training that goes on from `trained` epochs find its folder as these left it.

    Beside the folder stands a copy of what it held when `trained` was first gone on from. A new
    trial finds no folder. `again`: the same training may have begun before. Then only the copy is
    what it began with; without one it began with nothing, or was cut before it began, and is
    trained from its first epoch. The same holds for a folder whose copies are of later epochs, as
    beside a study file that was restored from a backup.

    Raises ValueError for a folder of another name (what is removed here must be a trial's), and
    OSError where files cannot be copied or removed.
    """
    prefix, begins, number = folder.name.partition(TRIAL_FOLDER)
    if prefix or not begins or not number.isdecimal():
        raise ValueError(f"{str(folder)!r} is no trial's folder")
    copy = folder.with_name(f"{folder.name}.from-{trained}")
    if trained and copy.is_dir():
        remove(folder)
        _copy(copy, folder)
        _remove_copies(folder, but=copy)
    elif trained and folder.exists() and not again and not _is_ahead(folder, trained):
        part = folder.with_name(f"{folder.name}.part")
        remove(part)
        _copy(folder, part)
        part.rename(copy)  # complete or not there
        _remove_copies(folder, but=copy)
    elif again or os.path.lexists(folder):
        remove(folder)
        _remove_copies(folder)


def copy_failure(error: OSError, folder: Path) -> str:
    """Return the reason of a trial whose folder cannot be copied; FileError if the disk is full."""
    name = Path(str(error.filename or folder))
    if error.errno in DISK_ERRORS:
        raise FileError(
            f"the checkpoint of trial {folder.name.removeprefix(TRIAL_FOLDER)} cannot be copied "
            f"({error.strerror}: '{name}'): free some space, and the same call goes on"
        ) from error
    return f"its checkpoint cannot be copied ({error.strerror or error}: {name.name!r})"


def uncopied(task: Task, error: OSError, outcome: Outcome | None = None) -> Outcome:
    """Return the outcome of a task whose folder cannot be copied to the machine that trains it.

    With `outcome`, of a training whose folder cannot be copied back: a training that ended well has
    failed, because nothing can go on from it; any other outcome stays what it is.

    Raises FileError if the disk is full.
    """
    outcome = outcome or Outcome(number=task.number, state=State.DONE)
    if outcome.state is not State.DONE:
        return outcome
    return replace(outcome, state=State.FAILED, reason=copy_failure(error, task.folder))


def remove(path: Path) -> None:
    """Remove a folder, or what a training has put in its place; a link, not what it leads to."""
    if path.is_dir() and not path.is_symlink():
        rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    """Copy a folder: links as links, wherever they lead; without pipes, sockets and devices."""
    target.mkdir()
    with os.scandir(source) as entries:
        for entry in entries:
            path = target / entry.name
            if entry.is_symlink():
                path.symlink_to(os.readlink(entry))  # noqa: PTH115  # an entry is no Path
            elif entry.is_dir():
                _copy(source / entry.name, path)
            elif entry.is_file():
                copy2(entry.path, path)
    copystat(source, target)


def _is_ahead(folder: Path, trained: int) -> bool:
    """Say whether a copy of later epochs shows that the folder was trained beyond `trained`."""
    ends = [copy.name.rpartition(".from-")[2] for copy in _copies(folder)]
    return any(end.isdecimal() and int(end) > trained for end in ends)


def _copies(folder: Path) -> list[Path]:
    """Return the copies beside a folder, unfinished ones too."""
    return list(folder.parent.glob(f"{folder.name}.*"))


def _remove_copies(folder: Path, *, but: Path | None = None) -> None:
    for copy in _copies(folder):
        if copy != but:
            remove(copy)
