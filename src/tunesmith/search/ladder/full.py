"""Every trial is trained in full."""

from dataclasses import dataclass
from typing import ClassVar, final

from tunesmith.history import History
from tunesmith.search.protocol import Ladder
from tunesmith.study import Promote, Study


@final
@dataclass(frozen=True, slots=True)
class Full(Ladder):
    """Train every trial to `study.epochs`."""

    name: ClassVar[str] = "full"
    looks_back: ClassVar[bool] = False

    def next(self, study: Study, history: History) -> Promote | int | None:  # noqa: ARG002  the protocol's arguments
        """Return the epochs of a new trial."""
        return study.epochs
