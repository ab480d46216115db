"""The pictures of a page as it is before its script runs, and where none does."""

from typing import Any

from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.svg.comparison import comparison
from tunesmith.report.svg.curves import curves
from tunesmith.report.svg.ladder import ladder
from tunesmith.report.svg.progress import progress


def pictures(history: History, about: About) -> dict[str, Any]:
    """Return the pictures as SVG, by the sections they belong to."""
    return {
        "answer": "" if about.result is None else comparison(about.result),
        "ladder": ladder(history),
        "curves": curves(history),
        "progress": progress(history),
    }
