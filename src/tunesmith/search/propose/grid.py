"""Grid search: every combination of a few values of each param, for comparison."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Final, final

import numpy as np
from numpy.typing import NDArray

from tunesmith.errors import StudyError
from tunesmith.history import History
from tunesmith.number import as_count, shown
from tunesmith.search.ladder.full import Full
from tunesmith.search.protocol import Ladder, Search
from tunesmith.space import Choice, Float, Int, Param, Space
from tunesmith.study import Start, Study
from tunesmith.trial import Config

Whole = NDArray[np.intp]
Bools = NDArray[np.bool_]

LARGEST: Final = 1_000_000
"""A grid with more combinations is refused."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GridSearch(Search):
    """Try all combinations in turn; the params of the first priority change fastest.

    `points` says how many values of a Float are tried, evenly spread on its scale, both ends
    included: one number for all, or a number by name. An Int that is not named takes all its
    values, a Choice all its options. An inactive param makes no combinations. The seed changes
    nothing.

    Raises StudyError for points that make no grid, or one of more than a million combinations.
    """

    name: ClassVar[str] = "grid"
    looks_back: ClassVar[bool] = False
    follows: ClassVar[bool] = False
    ladder: Ladder = Full()
    points: int | Mapping[str, int] = 5

    def __post_init__(self) -> None:
        if isinstance(self.points, Mapping):
            checked = {name: _points(name, count) for name, count in self.points.items()}
            object.__setattr__(self, "points", checked)
            return
        points = as_count(self.points, least=0)
        if points is None:
            raise StudyError(
                f"points must be a whole number, or one by name, got {shown(self.points)}: give 5"
            )
        object.__setattr__(self, "points", points)

    def propose(self, study: Study, history: History, epochs: int) -> Start | None:
        """Return the combination after as many as were begun; None after the last."""
        sizes, number = counts(study.space, self.points), len(history.trials) - history.given
        grid = combinations(study.space, sizes)
        if number >= len(grid):
            return None
        flat = grid[number]
        digit = _digits(study.space, sizes, np.array([flat]))
        units = [values(p, sizes[at])[digit[at][0]] for at, p in enumerate(study.space.values())]
        return Start(Config(study.space.decode(units)), epochs)


def counts(space: Space, points: int | Mapping[str, int]) -> tuple[int, ...]:
    """Return how many values each param takes; StudyError if that makes no grid."""
    named = {} if isinstance(points, int) else dict(points)
    for name in named:
        if name not in space or isinstance(space[name], Choice):
            raise StudyError(f"the grid has points for {name!r}, which is no Float or Int; drop it")
    sizes = []
    for name, param in space.items():
        count = named.get(name, _count(param, points))
        if count is None or count < 1:
            raise StudyError(f"the grid needs 1 point or more for {name}, got {count}; give 5")
        if isinstance(param, Int):
            count = min(count, param.high - param.low + 1)
        sizes.append(count)
    if math.prod(sizes) > LARGEST:
        raise StudyError(
            f"a grid of {' x '.join(map(str, sizes))} = {math.prod(sizes)} configs is larger than "
            f"{LARGEST}: give fewer points, or search at random"
        )
    return tuple(sizes)


def _points(name: str, count: object) -> int:
    """Return how many points were asked for by name as an int; StudyError for no whole number."""
    number = as_count(count, least=0)
    if number is None:
        raise StudyError(f"the grid needs 1 point or more for {name}, got {shown(count)}; give 5")
    return number


def _count(param: Param, points: int | Mapping[str, int]) -> int | None:
    """Return how many values a param takes that is not named; None if that was not said."""
    if isinstance(param, Float):
        return points if isinstance(points, int) else None
    if isinstance(param, Int):
        return param.high - param.low + 1
    return len(param.options)


@lru_cache(maxsize=64)
def values(param: Param, count: int) -> tuple[float, ...]:
    """Return the units of `count` values of `param`, evenly spread; the middle if it is one."""
    if isinstance(param, Choice):
        return tuple(param.unit(option) for option in param.options)
    if isinstance(param, Int) and count == param.high - param.low + 1:
        return tuple(param.unit(value) for value in range(param.low, param.high + 1))
    return (0.5,) if count == 1 else tuple(np.linspace(0.0, 1.0, count).tolist())


@lru_cache(maxsize=4)
def combinations(space: Space, sizes: tuple[int, ...]) -> Whole:
    """Return the numbers of all combinations that differ: inactive params are at their first."""
    flat = np.arange(math.prod(sizes))
    digits = _digits(space, sizes, flat)
    names, differ = list(space), np.ones(len(flat), dtype=np.bool_)
    active: dict[str, Bools] = {}
    for at, (name, param) in enumerate(space.items()):
        active[name] = np.ones(len(flat), dtype=np.bool_)
        for parent, allowed in param.when:
            units = values(space[parent], sizes[names.index(parent)])
            fits = np.array([space[parent].value(unit) in allowed for unit in units])
            active[name] &= active[parent] & fits[digits[names.index(parent)]]
        differ &= active[name] | (digits[at] == 0)
    kept: Whole = flat[differ]
    kept.flags.writeable = False
    return kept


def _digits(space: Space, sizes: tuple[int, ...], flat: Whole) -> list[Whole]:
    """Return which of its values every param takes in the combinations `flat`, [D][N]."""
    order = sorted(range(len(sizes)), key=lambda at: list(space.values())[at].priority)
    digits: dict[int, Whole] = {}
    for at in order:
        flat, digits[at] = np.divmod(flat, sizes[at])
    return [digits[at] for at in range(len(sizes))]
