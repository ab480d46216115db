"""A page as a file."""

from pathlib import Path
from typing import Final

from tunesmith.errors import FileError
from tunesmith.history import History
from tunesmith.model.writing import write_whole
from tunesmith.report.about import About
from tunesmith.report.page import page
from tunesmith.report.state import state

MARK: Final = b'<meta name="generator" content="Tunesmith">'
"""What every page has near its top: a file without it is somebody's own."""
TOP: Final = 4096
"""Bytes in which the mark is looked for."""


def write_page(history: History, about: About, path: Path) -> None:
    """Write the page of a study; a page that was there before is replaced.

    Raises FileError for another file of that name, and for one that cannot be written.
    """
    try:
        if path.exists() and not _is_page(path):
            raise FileError(
                f"{str(path)!r} is there and is no page of a study: choose another name"
            )
        text = page(state(history.study, history, about))
        write_whole(path, text.encode("utf-8", "replace"))
    except FileError:
        raise
    except OSError as error:
        raise FileError(
            f"{str(path)!r} cannot be written ({error.strerror}): choose another place"
        ) from error


def _is_page(path: Path) -> bool:
    with path.open("rb") as file:
        return MARK in file.read(TOP)
