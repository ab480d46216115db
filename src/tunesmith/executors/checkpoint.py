"""A trial's folder, brought back to where its training begins.

A training may be cut anywhere: its worker lost, the driver killed. Whoever trains it again must
find what the first found, and nothing that was left half done.
"""

from pathlib import Path
from shutil import copytree, rmtree
from typing import Final

TRIAL_FOLDER: Final = "trial-"
"""What the name of a trial's folder begins with; its number follows."""


def as_it_was(folder: Path, trained: int) -> None:
    """Let a training that goes on from `trained` epochs find its folder as these left it.

    Beside the folder stands a copy of what it held when `trained` was first gone on from. A new
    trial finds no folder. Raises ValueError for a folder of another name: what is removed here must
    be a trial's.
    """
    before, begins, number = folder.name.partition(TRIAL_FOLDER)
    if before or not begins or not number.isdecimal():
        raise ValueError(f"{str(folder)!r} is no trial's folder")
    if trained == 0:
        _remove(folder)
        return
    copy = folder.with_name(f"{folder.name}.from-{trained}")
    if copy.exists():
        _remove(folder)
        copytree(copy, folder)
    elif folder.exists():
        for earlier in folder.parent.glob(f"{folder.name}.*"):
            rmtree(earlier)
        part = folder.with_name(f"{folder.name}.part")
        copytree(folder, part)
        part.rename(copy)  # complete or not there


def _remove(folder: Path) -> None:
    if folder.exists():
        rmtree(folder)
