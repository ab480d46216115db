"""Virtual workers, drawn by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.executors.virtual import VirtualWorkers


def ending(slots, given_epochs):
    """Give trials to the workers as these are free; return who ends when."""
    workers, waiting, ends = VirtualWorkers(slots), list(enumerate(given_epochs)), []
    while waiting or workers.next is not None:
        while waiting and workers.free:
            workers.assign(*waiting.pop(0))
        number = workers.next
        workers.release()
        ends.append((number, workers.clock))
    return ends


def test_two_workers():
    """Epochs 3, 1, 1, 2, 1, 4 on two workers; trials 3 and 4 end together, and 3 is first.

    worker  0 0 0 4
    worker  1 2 3 3 5 5 5 5
    clock   1 2 3 4 5 6 7 8
    """
    assert ending(2, [3, 1, 1, 2, 1, 4]) == [(1, 1), (2, 2), (0, 3), (3, 4), (4, 4), (5, 8)]


def test_one_worker_takes_turns():
    """Each begins where the one before ended."""
    assert ending(1, [3, 1, 2]) == [(0, 3), (1, 4), (2, 6)]


def test_those_that_end_together_end_in_order_of_their_number():
    """Whoever was given out first: here trial 7 before trial 2."""
    workers = VirtualWorkers(3)
    for number, epochs in ((7, 3), (2, 3), (5, 1)):
        workers.assign(number, epochs)
    order = []
    while workers.next is not None:
        order.append(workers.next)
        workers.release()
    assert order == [5, 2, 7]


@given(st.lists(st.integers(1, 9), max_size=12))
def test_without_slots_all_end_in_order_of_their_number(given_epochs):
    """For a search that never looks back there is nothing to wait for."""
    assert [number for number, _ in ending(None, given_epochs)] == list(range(len(given_epochs)))


@pytest.mark.parametrize("slots", [1, 3, 5])
@given(given_epochs=st.lists(st.integers(1, 9), min_size=1, max_size=12))
def test_the_clock_never_turns_back(slots, given_epochs):
    """Every trial ends once, and so many workers cannot do it faster than they could."""
    ends = ending(slots, given_epochs)
    clocks = [clock for _, clock in ends]
    assert sorted(number for number, _ in ends) == list(range(len(given_epochs)))
    assert clocks == sorted(clocks)
    assert sum(given_epochs) <= slots * clocks[-1]


def test_free_is_what_is_not_assigned():
    """Two of two are taken; one that ends is free again."""
    workers = VirtualWorkers(2)
    assert (workers.free, workers.next) == (True, None)
    workers.assign(3, 5)
    assert workers.free
    workers.assign(4, 7)
    assert not workers.free
    workers.release()
    assert (workers.free, workers.next, workers.clock) == (True, 4, 5)


@given(given_epochs=st.lists(st.integers(1, 9), min_size=1, max_size=7), data=st.data())
def test_who_leaves_is_forgotten(given_epochs, data):
    """The others end when they would have ended, and the clock did not move for it."""
    workers = VirtualWorkers(7)
    for number, epochs in enumerate(given_epochs):
        workers.assign(number, epochs)
    gone = data.draw(st.integers(0, len(given_epochs) - 1))
    workers.leave(gone)
    assert (workers.clock, workers.free) == (0, True)
    left = sorted((e, n) for n, e in enumerate(given_epochs) if n != gone)
    for end, number in left:
        assert workers.next == number
        workers.release()
        assert workers.clock == end
    assert workers.next is None
