"""A study as its file tells it while it grows: read once, and then what was appended."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, final

from tunesmith.errors import StoreError
from tunesmith.ledger import Ledger, read_study, virtual_slots
from tunesmith.report.moments import Moment, moments
from tunesmith.report.traces import traces
from tunesmith.store.event import Event
from tunesmith.store.files import BESIDE, resolved
from tunesmith.store.store import Store

Marks = tuple[tuple[int, int, int] | None, ...]
"""Inode, size and time of change of the study file, and of what SQLite keeps beside it."""


@final
class Reading:
    """What the events of a study tell, read from the first on."""

    def __init__(self, stamp: int, events: Sequence[Event]) -> None:
        study = read_study(events)
        self.stamp = stamp
        self.sequence = 0
        """The number of the last event."""
        self.moments: list[Moment] = []
        self.traces: dict[int, str] = {}
        self.result: dict[str, Any] | None = None
        """What came of it in the end, if it is the study of a table."""
        self._ledger = Ledger(study, slots=virtual_slots(study))
        self.history = self._ledger.history
        self.take(events)

    @property
    def turns(self) -> int:
        """How many times all of it may have changed: by an amendment, by what came of it."""
        return len(self.history.amendments) + (self.result is not None)

    def take(self, events: Sequence[Event]) -> None:
        """Take what was appended; StoreError if it makes no sense, which leaves this one useless.

        A driver stores a result together with all that it decides by it. So after its last event
        whatever has arrived was seen by the search.
        """
        for event in events:
            self._ledger.apply(event)
            self.sequence = event.sequence
            if event.kind == "result":
                self.result = dict(event.body)
        while self._ledger.take():
            pass
        self.moments.extend(moments(events))
        self.traces.update(traces(events))

    def leads_to(self, events: Sequence[Event]) -> bool:
        """Return whether the events were decided by no less than what was taken here.

        Of a driver that was interrupted the last outcomes are stored, but were not seen by it;
        whoever goes on decides before they are.
        """
        taken = (event.body["taken"] for event in events if "taken" in event.body)
        first = next(taken, self._ledger.taken)
        return isinstance(first, int) and first >= self._ledger.taken


@final
class Follower:
    """Follows a study file that another process may be writing; it is opened only for a look.

    A reader that held it open would be in the way of its driver, which leaves one file at its
    end. Used by one thread at a time.
    """

    def __init__(self, path: Path) -> None:
        """Read the study as it is now; StoreError if it cannot be read."""
        self._path = path
        self._marks: Marks = ()
        self._settled = False
        self.readings = 0
        """How many times it was read from its beginning: afterwards it may be another study."""
        self._reading = self._read()

    @property
    def reading(self) -> Reading:
        """What was read so far."""
        return self._reading

    def look(self) -> None:
        """Take what was appended since the last look.

        Raises StoreError, one sentence, where there is nothing to be read; what was read before
        stays, and the next look tries again.
        """
        try:
            marks = _marks(self._path)
            if marks == self._marks and self._settled:
                return
            # A file may change twice in one tick of its clock: hence a second look at each mark.
            self._marks, self._settled = marks, marks == self._marks
            self._read_on()
        except BaseException:
            self._marks = ()
            raise

    def _read_on(self) -> None:
        before = self._reading
        with Store.read_on(self._path) as store:
            grown = store.stamp == before.stamp and store.last_sequence >= before.sequence
            events = list(store.replay(after=before.sequence)) if grown else []
        if not grown or not before.leads_to(events):
            self._reading = self._read()
        elif events:
            self._take(events)

    def _take(self, events: Sequence[Event]) -> None:
        try:
            self._reading.take(events)
        except StoreError:
            # Half of them are taken: what it has is no state that the study was ever in.
            self._reading = self._read()

    def _read(self) -> Reading:
        with Store.read(self._path) as store, _no_garbage():
            reading = Reading(store.stamp, list(store.replay()))
        self.readings += 1
        return reading


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Make millions of objects that all stay: to look for garbage among them doubles the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _marks(path: Path) -> Marks:
    """Return what changes when something is appended; StoreError if the file is gone."""
    there = resolved(path)
    marks = tuple(_mark(Path(f"{there}{suffix}")) for suffix in ("", *BESIDE))
    if marks[0] is None:
        raise StoreError(f"'{path}' is no longer there: put it back, or close this page")
    return marks


def _mark(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
