"""A store for studies that are not kept."""

from collections.abc import Iterator
from typing import Self, final

from tunesmith.errors import StoreError
from tunesmith.store.event import Draft, Event, Row, from_row, to_row


@final
class MemoryStore:
    """Same as a Store, without a file.

    It keeps rows, not events: so it refuses what a file would refuse, and nobody can edit them.
    """

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._closed = False

    def append(self, *drafts: Draft) -> tuple[Event, ...]:
        """Add all of the drafts, or none; return them as events."""
        self._check_open()
        rows = [to_row(n, draft) for n, draft in enumerate(drafts, self.last_sequence + 1)]
        self._rows.extend(rows)
        return tuple(from_row(row) for row in rows)

    def replay(self, after: int = 0) -> Iterator[Event]:
        """Yield the events after number `after`, in order."""
        self._check_open()
        if after < 0:
            raise ValueError(f"events are counted from 1, got {after=}")
        return map(from_row, self._rows[after:])

    @property
    def last_sequence(self) -> int:
        """The number of the last event, 0 if there is none."""
        self._check_open()
        return len(self._rows)

    def close(self) -> None:
        """Forget the study."""
        self._closed = True
        self._rows = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError("this study in memory is closed: start it again")
