"""Events on their way to a store, several in one commit."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import final

from tunesmith.store.event import Draft
from tunesmith.store.memory import MemoryStore
from tunesmith.store.store import Store


@final
class Batch:
    """Collects events, and stores them when `write` is called, or by itself after `delay` seconds.

    A thread of its own writes what has waited: whoever adds events may be busy for an hour
    afterwards. All other methods are for one thread.
    """

    def __init__(self, store: Store | MemoryStore, delay: Callable[[], float]) -> None:
        self._store, self._delay = store, delay
        self._unwritten: list[Draft] = []
        self._written = store.last_sequence
        self._due = self._closed = False
        self._changed = threading.Condition()
        """Guards all of these; notified when `_due` or `_closed` becomes true."""
        self._thread: threading.Thread | None = None

    def add(self, *drafts: Draft) -> None:
        """Take events, which are stored in one transaction, all or none."""
        with self._changed:
            self._unwritten += drafts

    def write_soon(self) -> None:
        """Let what is not stored yet be stored after `delay` seconds."""
        with self._changed:
            if self._due or not self._unwritten:
                return
            self._due = True
            self._changed.notify()
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._write_late, name="tunesmith-batch", daemon=True
            )
            self._thread.start()

    def write(self) -> None:
        """Store what is not stored yet; after a stop in the middle of this, what is left."""
        with self._changed:
            already = self._store.last_sequence - self._written
            if left := self._unwritten[already:]:
                self._store.append(*left)
            self._written, self._unwritten = self._store.last_sequence, []
            self._due = False

    def close(self) -> None:
        """Write what is left, and end the thread, whether that succeeds or not."""
        try:
            self.write()
        finally:
            with self._changed:
                self._closed = True
                self._changed.notify()
            if self._thread is not None:
                self._thread.join()

    def _write_late(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._due or self._closed)
                delay = min(self._delay(), threading.TIMEOUT_MAX)
                if self._changed.wait_for(lambda: self._closed, delay):
                    return
                # What fails stays unwritten: the owner's next write fails too, and says why.
                with suppress(Exception):
                    if self._due:
                        self.write()
