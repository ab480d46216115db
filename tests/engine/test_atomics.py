"""Atomic reads and writes: no count is lost, and what was written before is seen after."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.engine.atomics import add, read, rest, write
from tunesmith.engine.compiled import compiled

TIMES = 300_000


@compiled
def read_at(flat, at):
    return read(flat, at)


@compiled
def write_at(flat, at, value):
    write(flat, at, value)


@compiled
def add_at(flat, at, value):
    return add(flat, at, value)


@compiled
def count_up(flat, at, claimed):
    """Add 1 many times, resting now and then; mark what each addition found."""
    for _ in range(TIMES):
        n = add(flat, at, 1)
        claimed[n] += 1
        if n % 1000 == 0:
            rest()


@compiled
def send(flat, count):
    """Write each message plainly, then its number; wait until it was taken."""
    for n in range(1, count + 1):
        flat[8] = 3 * n
        write(flat, 0, n)
        while read(flat, 16) < n:
            rest()


@compiled
def receive(flat, count):
    """Wait for each number; return how many messages were not the ones that belong to it."""
    wrong = 0
    for n in range(1, count + 1):
        while read(flat, 0) < n:
            rest()
        wrong += flat[8] != 3 * n
        write(flat, 16, n)
    return wrong


def together(*calls):
    """Run compiled functions at the same time, compiled before; return what they give."""
    ready = Barrier(len(calls))

    def run(call):
        ready.wait()
        return call[0](*call[1:])

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@given(
    place=st.integers(0, 6),
    before=st.integers(-(2**62), 2**62 - 1),
    value=st.integers(-(2**62), 2**62 - 1),
)
def test_one_thread(place, before, value):
    """Alone they are NumPy's own reading, writing and adding, at one place only."""
    flat = np.arange(7)
    expected = flat.copy()
    write_at(flat, place, before)
    expected[place] = before
    np.testing.assert_array_equal(flat, expected)
    assert read_at(flat, place) == before
    assert add_at(flat, place, value) == before
    expected[place] += value
    np.testing.assert_array_equal(flat, expected)


@pytest.mark.parametrize("threads", [2, 3])
def test_no_count_is_lost(threads):
    """Threads that add to one place claim every number once, and none twice."""
    flat, warm = np.zeros(9, np.int64), np.zeros(TIMES, np.int64)
    count_up(np.zeros(9, np.int64), 5, warm)  # compiled before they run side by side
    claimed = [np.zeros(threads * TIMES, np.int64) for _ in range(threads)]
    together(*((count_up, flat, 5, mine) for mine in claimed))
    assert flat.tolist() == [0] * 5 + [threads * TIMES] + [0] * 3
    assert [mine.sum() for mine in claimed] == [TIMES] * threads
    assert (np.sum(claimed, axis=0) == 1).all()


def test_what_was_written_before_is_seen():
    """Who reads a number sees what the other thread wrote, plainly, before that number."""
    flat, count = np.zeros(17, np.int64), 200
    _, wrong = together((send, flat, count), (receive, flat, count))
    assert wrong == 0
    assert (flat[0], flat[16]) == (count, count)
