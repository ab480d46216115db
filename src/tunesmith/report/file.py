"""A page as a file."""

from pathlib import Path

from tunesmith.errors import FileError
from tunesmith.history import History
from tunesmith.model.ownership import Written, refuse_foreign
from tunesmith.model.writing import write_whole
from tunesmith.report.about import About
from tunesmith.report.page import page
from tunesmith.report.state import state


def write_page(history: History, about: About, path: Path, *, force: bool = False) -> None:
    """Write the page of a study; a page that was there before is replaced.

    Raises FileError for another file of that name unless `force` is given, and for one that cannot
    be written.
    """
    refuse_foreign(path, Written.PAGE, force=force)
    try:
        text = page(state(history.study, history, about))
        write_whole(path, text.encode("utf-8", "replace"))
    except OSError as error:
        raise FileError(
            f"{str(path)!r} cannot be written ({error.strerror}): choose another place"
        ) from error
