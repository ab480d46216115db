"""The sections of the page, in the order of a person's questions: a finding and a table each."""

from typing import Any

from tunesmith.history import History
from tunesmith.search.advise.advise import advise
from tunesmith.study import Study

ADVICE: int = 5
"""Pieces of advice that are shown."""


def sections(study: Study, history: History) -> list[dict[str, Any]]:
    """Return the sections as plain JSON data."""
    advice = history.advice if history.finished else advise(study, history)
    return [
        {
            "id": "advice",
            "title": "Advice",
            "what": "What the results say, the most useful first; each with its number.",
            "finding": "",
            "points": [piece.text for piece in advice[:ADVICE]],
            "table": {"head": [], "rows": []},
        }
    ]
