"""Rungs: the numbers of epochs after which trials of a study were compared."""

from typing import Final
from weakref import WeakKeyDictionary

from tunesmith.history import History

_KEPT: Final[WeakKeyDictionary[History, tuple[int, frozenset[int]]]] = WeakKeyDictionary()
"""How many endings were seen, and the epochs of these."""


def rungs(history: History) -> tuple[int, ...]:
    """Return the epochs that trials were given when they ended, the fewest first.

    What is new since the last call alone is looked at.
    """
    seen, found = _KEPT.get(history, (0, frozenset()))
    if len(history.endings) > seen:
        found = found | {ending.epochs for ending in history.endings[seen:]}
        _KEPT[history] = len(history.endings), found
    return tuple(sorted(found))
