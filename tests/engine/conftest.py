"""Memory that ends: what reads or writes one float too far is caught."""

import ctypes
import mmap

import numpy as np
import pytest

UNREADABLE = 0
"""PROT_NONE of mprotect(2)."""


@pytest.fixture
def at_the_edge():
    """Return a copy of an array that ends where memory does: a touch beyond it is a crash."""

    def copied(values):
        length = -(-values.nbytes // mmap.PAGESIZE) * mmap.PAGESIZE
        room = mmap.mmap(-1, length + mmap.PAGESIZE)
        beyond = ctypes.byref(ctypes.c_char.from_buffer(room, length))
        assert ctypes.CDLL(None).mprotect(beyond, mmap.PAGESIZE, UNREADABLE) == 0
        start = length - values.nbytes
        result = np.frombuffer(room, values.dtype, values.size, start).reshape(values.shape)
        result[...] = values
        return result

    return copied


@pytest.fixture
def guarded():
    """Return copies of arrays amid cells of 7, and make sure at the end that these still stand."""
    rooms = []

    def copied(values):
        room = np.full(values.size + 2 * 67, 7, dtype=values.dtype)
        rooms.append(room)
        result = room[67:-67].reshape(values.shape)
        result[...] = values
        return result

    yield copied
    for room in rooms:
        assert (room[:67] == 7).all()
        assert (room[-67:] == 7).all()
