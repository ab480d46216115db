"""Where to look: places drawn anywhere in the ranges, near the best, or one step from a place.

Every function returns points [M, D] that configs have, in the order drawn.
"""

from collections.abc import Container
from functools import lru_cache
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tunesmith.search.propose.axes import Axes
from tunesmith.search.propose.ranges import Ranges

Floats = NDArray[np.float64]

MOVED: Final = 0.35
"""The share of coordinates that differ from the centre; one at least. Few move at a time."""
WIDTHS: Final = (0.02, 0.5)
"""The deviation of a move, in units of the range as given, is drawn between these, log-uniform."""
STEPS: Final = (0.01, 0.03, 0.1, 0.3)
"""Steps of a number with many values, in units of the range as given."""
FEW: Final = 12
"""A param with so many values or fewer is stepped to each of them."""


def anywhere(axes: Axes, ranges: Ranges, count: int, chance: np.random.Generator) -> Floats:
    """Return `count` points drawn evenly over `ranges`."""
    units = chance.random((count, len(axes.options)))
    return axes.rounded(ranges.low + (ranges.high - ranges.low) * units)


def near(
    axes: Axes,
    ranges: Ranges,
    centres: Floats,
    count: int,
    chance: np.random.Generator,
    widths: tuple[float, float] = WIDTHS,
) -> Floats:
    """Return `count` points, each a few moves from one of `centres` [C, D].

    A move that would leave the ranges, or is between options, goes anywhere in them.
    """
    shape = (count, len(axes.options))
    start = centres[chance.integers(len(centres), size=count)]
    open_ones = np.flatnonzero(axes.options != 1)  # one option is no choice
    moved = (chance.random(shape) < MOVED) & (axes.options != 1)
    one = open_ones[chance.integers(len(open_ones), size=count)]
    moved[np.arange(count), one] |= ~moved.any(axis=1)
    width = np.exp(chance.uniform(np.log(widths[0]), np.log(widths[1]), (count, 1)))
    moves = start + width * chance.standard_normal(shape)
    lost = (moves < ranges.low) | (moves > ranges.high) | (axes.options > 0)
    even = ranges.low + (ranges.high - ranges.low) * chance.random(shape)
    return axes.rounded(np.where(moved, np.where(lost, even, moves), start))


def steps(axes: Axes, ranges: Ranges, starts: Floats, length: float) -> Floats:
    """Return the points in `ranges` that differ from one of `starts` [S, D] in one coordinate.

    Numbers with many values go up and down by `length` times STEPS. A step too far is left out:
    cut short, it would make the ends of the ranges, where least is known, the most tempting.
    """
    param, unit, move = _moves(axes)
    points = np.repeat(starts, len(param), axis=0)
    rows, places = np.arange(len(points)), np.tile(param, len(starts))
    moved = points[rows, places] + length * np.tile(move, len(starts))
    to = np.tile(unit, len(starts))
    points[rows, places] = np.where(np.isnan(to), moved, to)
    return axes.rounded(points[ranges.holds(points)])


@lru_cache(maxsize=16)
def _moves(axes: Axes) -> tuple[NDArray[np.intp], Floats, Floats]:
    """Return which param each of T steps changes, to which unit, or else (nan) by how much."""
    rows: list[tuple[int, float, float]] = []
    for at, levels in enumerate(axes.levels):
        if levels is not None and len(levels) <= FEW:
            rows += [(at, unit, 0.0) for unit in levels.tolist()]
        else:
            rows += [(at, np.nan, sign * step) for step in STEPS for sign in (-1, 1)]
    param, unit, move = zip(*rows, strict=True)
    return np.array(param, dtype=np.intp), np.array(unit), np.array(move)


def every(axes: Axes) -> Floats:
    """Return all points within the limits; for spaces with few."""
    levels = [units for units in axes.levels if units is not None]
    points = axes.rounded(np.array(list(product(*levels)), dtype=np.float64))
    return np.unique(points, axis=0)


def untried(points: Floats, tried: Container[bytes]) -> Floats:
    """Return each of `points` [M, D] once, without those whose keys are in `tried`."""
    first = {key: at for at, key in reversed(list(enumerate(keys(points)))) if key not in tried}
    return points[sorted(first.values())]


def first_untried(points: Floats, tried: Container[bytes], count: int) -> list[int]:
    """Return where the first `count` of `points` [M, D] are whose keys are new, and not in `tried`.

    Fewer if there are not so many.
    """
    found: dict[bytes, int] = {}
    for at, key in enumerate(keys(points)):
        if len(found) == count:
            break
        if key not in tried:
            found.setdefault(key, at)
    return list(found.values())


def keys(points: Floats) -> list[bytes]:
    """Return what points [M, D] are known by, exactly."""
    rows = np.ascontiguousarray(points) + 0.0  # no minus zero
    listed: list[bytes] = rows.view(f"V{rows.itemsize * rows.shape[1]}").ravel().tolist()
    return listed
