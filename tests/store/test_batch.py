"""Events that wait for one another on their way to the store."""

import sys
import threading

import pytest

from tunesmith.errors import StoreError
from tunesmith.store.batch import Batch
from tunesmith.store.event import Draft
from tunesmith.store.memory import MemoryStore

NEVER = 3600.0
PATIENCE = 30
"""Seconds that a busy machine may take for what takes a moment."""


def drafts(*numbers):
    return [Draft(kind="outcome", trial=number, body={}) for number in numbers]


def stored(store):
    return [event.trial for event in store.replay()]


class Failing:
    """A store that cannot be written until it is mended, and says when it was written."""

    def __init__(self):
        self.store, self.broken = MemoryStore(), False
        self.tried, self.done = threading.Event(), threading.Event()

    @property
    def last_sequence(self):
        return self.store.last_sequence

    def append(self, *drafts):
        self.tried.set()
        if self.broken:
            raise StoreError("the disk is full")
        self.store.append(*drafts)
        self.done.set()


def test_events_are_stored_in_order_and_once():
    """By `write`, or at the latest by `close`."""
    store = MemoryStore()
    batch = Batch(store, lambda: NEVER)
    batch.add(*drafts(3, 1))
    batch.write_soon()
    assert stored(store) == []
    batch.write()
    batch.add(*drafts(7))
    batch.close()
    assert stored(store) == [3, 1, 7]


def test_events_are_stored_while_nobody_calls():
    """As soon as the delay is over, whatever their owner does meanwhile."""
    store = Failing()
    batch = Batch(store, lambda: 0.01)
    batch.add(*drafts(3, 1))
    batch.write_soon()
    assert store.done.wait(PATIENCE)
    batch.close()
    assert stored(store.store) == [3, 1]


def test_what_cannot_be_stored_late_is_raised_to_the_owner():
    """And is stored once that is possible again."""
    store = Failing()
    store.broken = True
    batch = Batch(store, lambda: 0.01)
    batch.add(*drafts(3))
    batch.write_soon()
    assert store.tried.wait(PATIENCE)
    with pytest.raises(StoreError, match="full"):
        batch.write()
    store.broken = False
    batch.close()
    assert stored(store.store) == [3]


def test_the_thread_ends_though_the_store_is_broken():
    """No thread outlives its study."""
    before = threading.active_count()
    store = Failing()
    batch = Batch(store, lambda: NEVER)
    batch.add(*drafts(3))
    batch.write_soon()
    assert threading.active_count() == before + 1
    store.broken = True
    with pytest.raises(StoreError, match="full"):
        batch.close()
    assert threading.active_count() == before


class Interrupts:
    """Raises KeyboardInterrupt where Python may: as the n-th function begins or call of C ends.

    Not within `Thread.start`, which makes another error of it.
    """

    def __init__(self, n):
        self.left = n

    def __call__(self, frame, event, _argument):
        while frame is not None and frame.f_code is not threading.Thread.start.__code__:
            frame = frame.f_back
        if frame is None and event in {"call", "c_return"}:
            self.left -= 1
            if self.left == -1:
                sys.setprofile(None)
                raise KeyboardInterrupt


def test_an_interrupt_at_any_moment_loses_nothing():
    """Nor does it leave a lock behind that the thread, and so the end, would wait for."""
    interrupted = True
    n = 0
    while interrupted:
        store, interrupts = MemoryStore(), Interrupts(n)
        batch = Batch(store, lambda: NEVER)
        added = []

        def owner(batch=batch, added=added, interrupts=interrupts):
            sys.setprofile(interrupts)
            try:
                for number in (3, 1):
                    batch.add(*drafts(number))
                    added.append(number)
                    batch.write_soon()
                batch.write()
                batch.add(*drafts(7))
                added.append(7)
                batch.write_soon()
            except KeyboardInterrupt:
                pass
            finally:
                sys.setprofile(None)
                batch.close()

        thread = threading.Thread(target=owner, daemon=True)
        thread.start()
        thread.join(PATIENCE)
        assert not thread.is_alive(), f"interrupted at call {n}, it does not end"
        assert stored(store)[: len(added)] == added
        interrupted = interrupts.left < 0
        n += 1
    assert n > 40
