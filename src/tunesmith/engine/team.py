"""Products by one thread, or shared out among several, strip by strip.

A strip of columns is computed whole by whichever thread claims it, always in the same way: the
bits do not depend on how many threads there are, nor on which was faster. A product is posted as
a ticket: its number, how many strips it has, and the next one to be claimed, in one integer, so
that a claim can never be mistaken for one of another product.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from tunesmith.engine.atomics import add, read, rest, write
from tunesmith.engine.compiled import compiled
from tunesmith.engine.denormals import flush, restore
from tunesmith.engine.network import Floats
from tunesmith.engine.product import product, product_transposed, strips
from tunesmith.engine.views import lent, matrix_at

# Places in a team's array. The first three are far enough apart that threads do not wait for each
# other's cache lines; the others describe the product that is posted.
TICKET, DONE, STOP, TURNED, ROW, STEP, A, B, C, ROWS, DEPTH, COLUMNS = (0, 8, 16, *range(24, 33))
PLACES = 40

SHARED = 2_000_000
"""Multiplications above which a product is shared out: some twenty microseconds."""

MOST = 0xFFFF
"""Claims that a ticket can count: each thread may make one more than there are strips."""


def make_team(threads: int) -> NDArray[np.int64]:
    """Return what threads tell each other; [0] for a thread on its own."""
    return np.zeros(PLACES if threads > 1 else 0, dtype=np.int64)


@compiled
def multiply(a, row, step, b, c, panel, team):
    """c = a b; see product."""
    count = strips(c.shape[1])
    if team.size == 0 or c.size * b.shape[0] < SHARED or 2 * count > MOST:
        for n in range(count):
            product(a, row, step, b, c, panel, n)
        return
    team[TURNED], team[ROW], team[STEP], team[DEPTH] = 0, row, step, b.shape[0]
    post(a, b, c, count, panel, team)


@compiled
def multiply_transposed(a, b, c, panel, team):
    """c = a b^T; see product_transposed."""
    count = strips(c.shape[1])
    if team.size == 0 or c.size * b.shape[1] < SHARED or 2 * count > MOST:
        for n in range(count):
            product_transposed(a, b, c, panel, n)
        return
    team[TURNED], team[DEPTH] = 1, b.shape[1]
    post(a, b, c, count, panel, team)


@compiled
def post(a, b, c, count, panel, team):
    """Post a product of `count` strips, share in it, and wait for the others."""
    team[A], team[B], team[C] = a.ctypes.data, b.ctypes.data, c.ctypes.data
    team[ROWS], team[COLUMNS] = c.shape
    write(team, DONE, 0)
    number = ((read(team, TICKET) >> 32) + 1) & 0x7FFFFFFF
    write(team, TICKET, (number << 32) | (count << 16))
    share(panel, team)
    while read(team, DONE) < count:
        rest()


@compiled
def share(panel, team):
    """Claim strips of the product that is posted until none is left."""
    ticket = read(team, TICKET)
    while ticket & MOST < (ticket >> 16) & MOST:
        ticket = add(team, TICKET, 1)
        if ticket & MOST < (ticket >> 16) & MOST:
            strip(panel, team, ticket & MOST)
            add(team, DONE, 1)


@compiled
def strip(panel, team, n):
    """Compute strip n of the product that is posted."""
    rows, depth, columns = team[ROWS], team[DEPTH], team[COLUMNS]
    a, c = matrix_at(team[A], rows, depth), matrix_at(team[C], rows, columns)
    if team[TURNED]:
        product_transposed(a, matrix_at(team[B], columns, depth), c, panel, n)
    else:
        b = matrix_at(team[B], depth, columns)
        product(a, team[ROW], team[STEP], b, c, panel, n)


@compiled
def assist(panel, team):
    """Share in every product until told to stop; `panel` is this thread's room to work in."""
    panel, team, before = lent(panel), lent(team), flush()  # as in the thread that trains
    while read(team, STOP) == 0:
        share(panel, team)
        rest()
    restore(before)


@contextmanager
def shared(panel: Floats, team: NDArray[np.int64], threads: int) -> Iterator[None]:
    """Let so many threads, this one among them, share the products that are made meanwhile.

    `panel` is the size of the room that each of them needs.
    """
    if threads == 1:
        yield
        return
    team[:] = 0
    others = threads - 1
    with ThreadPoolExecutor(others) as pool:
        sharing = [pool.submit(assist, np.empty_like(panel), team) for _ in range(others)]
        try:
            yield
        finally:
            team[STOP] = 1
    for thread in sharing:
        thread.result()
