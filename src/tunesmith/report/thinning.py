"""Curves made light: fewer points where nobody would see the difference."""

import math
from collections.abc import Sequence

Point = tuple[int, float]
"""An epoch and what was measured after it."""


def thinned(points: Sequence[Point], most: int) -> list[Point]:
    """Return at most `most` (4 or more) of the points: the ends, and of each stretch the extremes.

    The smallest and the largest value of every stretch are kept, so that no spike is lost; a value
    that is not finite counts as the largest.
    """
    if len(points) <= most:
        return list(points)
    stretches = (most - 2) // 2
    inner = range(1, len(points) - 1)
    kept = {0, len(points) - 1}
    for stretch in range(stretches):
        part = inner[len(inner) * stretch // stretches : len(inner) * (stretch + 1) // stretches]
        if part:
            kept |= {
                min(part, key=lambda at: _height(points[at])),
                max(part, key=lambda at: _height(points[at])),
            }
    return [points[at] for at in sorted(kept)]


def _height(point: Point) -> float:
    return point[1] if math.isfinite(point[1]) else math.inf
