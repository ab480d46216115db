"""The smallest value of a smooth function of a few numbers, each within its bounds.

BFGS (Nocedal and Wright 2006, eq. 6.17), at each step on those numbers that no bound holds back
(Bertsekas 1982). It begins with a guess of how far each number has to go, and where that is good
it needs few calls.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Function = Callable[[Floats], tuple[float, Floats]]
"""From [D] to the value there and its slope [D]."""

FARTHEST: Final = 2.0
"""No number moves farther in one step."""
SHORTER: Final = (1.0, 0.5, 0.125, 0.03)
"""Shares of a step that are tried, until the value falls."""
ENOUGH: Final = 1e-4
"""The share of what the slope promises by which the value has to fall at least."""
STILL: Final = 1e-6
"""Where no number would move farther, the bottom is reached."""
BENT: Final = 1e-10
"""How much the slope has to change along a step to tell anything of how the function bends."""


def minimized(
    function: Function, start: Floats, bounds: tuple[Floats, Floats], far: Floats, steps: int
) -> Floats:
    """Return the point [D] within `bounds`, low and high [D], to which `steps` at most lead.

    The first step is along the slope at `start` [D], times `far` squared [D].
    """
    low, high = bounds
    point = np.clip(start, low, high)
    value, slope = function(point)
    inverse = guess = np.diag(far * far)
    for _ in range(steps):
        free = ~((point <= low) & (slope > 0.0) | (point >= high) & (slope < 0.0))
        pull = slope * free
        move = -(inverse @ pull) * free
        farthest = float(np.abs(move).max())
        if not farthest > STILL:
            break
        move *= min(1.0, FARTHEST / farthest)
        for share in SHORTER:
            there = np.clip(point + share * move, low, high)
            moved = there - point
            lower, slope_there = function(there)
            if lower <= value + ENOUGH * float(pull @ moved):
                inverse = _bent(inverse, moved, (slope_there - slope) * free, free)
                point, value, slope = there, lower, slope_there
                break
        else:
            if inverse is guess:
                break
            inverse = guess  # what was learned elsewhere misleads here
    return point


def _bent(inverse: Floats, moved: Floats, change: Floats, free: Bools) -> Floats:
    """Return the inverse of the second derivatives [D, D], given how a step changed the slope.

    What is said of numbers that are not `free` [D] stays.
    """
    along = float(moved @ change)
    if not along > BENT:
        return inverse
    carried = (inverse @ change) * free
    both = np.outer(carried, moved)
    rise = (along + float(change @ carried)) / along
    new: Floats = inverse + (rise * np.outer(moved, moved) - both - both.T) / along
    return new
