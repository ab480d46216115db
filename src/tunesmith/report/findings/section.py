"""A section of the page: a question of the reader, its answer in a sentence, and the numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final

Cells = Sequence[Sequence[str]]
"""A table's rows."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What one picture shows, in words and as a table; all of it text."""

    id: str
    title: str
    what: str
    """What the picture is and how it is read."""
    finding: str
    """One sentence, made by rule."""
    points: Sequence[str] = ()
    head: Sequence[str] = ()
    rows: Cells = ()
    folds: Sequence[tuple[str, str]] = ()
    """Long texts below the table, each under its title."""
    figures: Mapping[str, Any] = field(default_factory=dict)
    """Numbers for the picture that it could not find itself, as plain JSON data."""

    def to_builtins(self) -> dict[str, Any]:
        """Return it as plain JSON data."""
        return {
            "id": self.id,
            "title": self.title,
            "what": self.what,
            "finding": self.finding,
            "points": list(self.points),
            "head": list(self.head),
            "rows": [list(row) for row in self.rows],
            "folds": [list(fold) for fold in self.folds],
            "figures": dict(self.figures),
        }
