"""Events on their way to a store, several in one commit."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import final

from tunesmith.store.event import Draft
from tunesmith.store.memory import MemoryStore
from tunesmith.store.store import Store


@final
class Batch:
    """Collects events, and stores them when `write` is called, or by itself after `delay` seconds.

    A thread of its own writes what has waited: whoever adds events may be busy for an hour
    afterwards. All other methods are for one thread.

    That thread may be interrupted by Ctrl-C between any two calls. Locks and queues of C are then
    either as before or as after the call; a `threading.Condition`, which is written in Python, may
    be left locked for ever.
    """

    def __init__(self, store: Store | MemoryStore, delay: Callable[[], float]) -> None:
        self._store, self._delay = store, delay
        self._unwritten: list[Draft] = []
        self._written = store.last_sequence
        self._due = False
        self._lock = threading.Lock()
        """Guards all of these."""
        self._closed: SimpleQueue[bool] = SimpleQueue()
        """Whether the thread is to end: False when something is due, True at the end."""
        self._started = False
        self._thread: threading.Thread | None = None
        """None as long as it has not started, and if Ctrl-C came while it did: it may never run."""

    def add(self, *drafts: Draft) -> None:
        """Take events, which are stored in one transaction, all or none."""
        with self._lock:
            self._unwritten += drafts

    def write_soon(self) -> None:
        """Let what is not stored yet be stored after `delay` seconds."""
        with self._lock:
            if self._due or not self._unwritten:
                return
            self._due = True
        self._closed.put(False)
        if not self._started:
            self._started = True
            thread = threading.Thread(target=self._write_late, name="tunesmith-batch", daemon=True)
            thread.start()
            self._thread = thread

    def write(self) -> None:
        """Store what is not stored yet; after a stop in the middle of this, what is left."""
        with self._lock:
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
            self._closed.put(True)
            if self._thread is not None:
                self._thread.join()

    def _write_late(self) -> None:
        while not self._closed.get():
            end = time.monotonic() + min(self._delay(), threading.TIMEOUT_MAX)
            while (left := end - time.monotonic()) > 0:
                with suppress(Empty):
                    if self._closed.get(timeout=left):
                        return
            # What fails stays unwritten: the owner's next write fails too, and says why.
            with suppress(Exception):
                if self._due:
                    self.write()
