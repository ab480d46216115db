"""The -wal beside a study that was not closed: which of its commits can still be read.

SQLite reads a -wal up to the first frame whose checksum is wrong, and takes what follows for the
rest of a commit that a crash cut off. That is right for the last commit, and for no other: each
was on the disk before the next began. (The format: sqlite.org/walformat.html)
"""

import struct
from typing import Any, NamedTuple

import numpy as np

from tunesmith.store.schema import PAGE

_HEAD = struct.Struct(">8I")
"""magic, version, bytes of a page, checkpoints, two salts, two sums of these."""
_BIG_ENDIAN, _LITTLE_ENDIAN = 0x377F0683, 0x377F0682
HEADER = 32
"""Bytes at the beginning."""
FRAME = 24
"""Bytes before each page: page number, pages after a commit or 0, two salts, two running sums."""
_MASK = 2**32 - 1


class Frame(NamedTuple):
    """A page as a commit wrote it."""

    number: int
    """Which page, from 1."""
    place: int
    """Where its bytes begin in the -wal."""
    whole: bool
    """Whether every checksum up to here is right, as SQLite asks."""
    commit: bool
    """Whether it is the last one of a commit."""


def frames(content: bytes) -> list[Frame]:
    """Return the frames of a -wal, those after damage too, without what is left of an older one."""
    if len(content) < HEADER:
        return []
    magic, _, size, _, *head = _HEAD.unpack_from(content)
    order = ">u4" if magic == _BIG_ENDIAN else "<u4"
    if magic not in (_BIG_ENDIAN, _LITTLE_ENDIAN) or size not in {2**n for n in range(9, 17)}:
        size = PAGE
    step = FRAME + size
    count = (len(content) - HEADER) // step
    raw = np.frombuffer(content, np.uint8, count * step, HEADER).reshape(count, step)
    heads = np.ascontiguousarray(raw[:, :FRAME]).view(">u4").astype(np.int64)
    sums = _sum(np.frombuffer(content, order, 6)[None, :])[0]
    sound = tuple(sums.tolist()) == tuple(head[2:])
    salts = head[:2] if sound or not count else heads[0, 2:4].tolist()
    words = np.ascontiguousarray(np.hstack([raw[:, :8], raw[:, FRAME:]])).view(order)
    whole = _whole(heads, _sum(words), words.shape[1] // 2, salts, head[2:]) if sound else 0
    return [
        Frame(number, HEADER + place * step + FRAME, place < whole, pages > 0)
        for place, (number, pages, *own, _, _) in enumerate(heads.tolist())
        if own == list(salts) and number > 0
    ]


def lost_commits(content: bytes) -> int:
    """Return how many commits that were on the disk can no longer be read; 0 after a mere crash."""
    unread = sum(frame.commit and not frame.whole for frame in frames(content))
    return unread if unread > 1 else 0


def _whole(heads: Any, own: Any, pairs: int, salts: list[int], start: list[int]) -> int:
    """Count the frames from the first one on whose running sums are right.

    A frame adds `own` to the sums before it, which its `pairs` of words have turned meanwhile.
    """
    (a, b), (c, d) = _turned(pairs)
    first, second = start
    for place, (head, (x, y)) in enumerate(zip(heads.tolist(), own.tolist(), strict=True)):
        first, second = (a * first + b * second + x) & _MASK, (c * first + d * second + y) & _MASK
        if head[2:] != [*salts, first, second] or head[0] == 0:
            return place
    return len(heads)


def _sum(words: Any) -> Any:
    """Return SQLite's checksum of every row of 32-bit words [N, 2P], from zero: [N, 2].

    For each pair: first += x + second, second += y + first. That is linear, so that all rows can
    be summed at once, each word with the weight that the pairs after it give it.
    """
    pairs = words.shape[1] // 2
    weights = np.zeros((2 * pairs, 2), np.uint32)
    turn = (1, 0), (0, 1)
    for pair in reversed(range(pairs)):
        (a, b), (c, d) = turn
        weights[2 * pair] = (a + b) & _MASK, (c + d) & _MASK
        weights[2 * pair + 1] = b, d
        turn = _times(turn)
    return words.astype(np.uint32) @ weights


def _turned(pairs: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return what so many pairs make of the two sums before them."""
    turn = (1, 0), (0, 1)
    for _ in range(pairs):
        turn = _times(turn)
    return turn


def _times(
    turn: tuple[tuple[int, int], tuple[int, int]],
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Multiply by what one pair does: [[1, 1], [1, 2]]."""
    (a, b), (c, d) = turn
    return ((a + b) & _MASK, (a + 2 * b) & _MASK), ((c + d) & _MASK, (c + 2 * d) & _MASK)
