"""A model of trials that were judged after the same number of epochs."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tunesmith.search.propose.axes import Axes
from tunesmith.search.propose.surrogate import STEPS, Surrogate, condition, fit

Floats = NDArray[np.float64]

MODELLED: Final = 96
"""Trials that a model sees at most."""


def modelled(axes: Axes, points: Floats, marks: Floats, steps: int = STEPS) -> Surrogate:
    """Return a surrogate of `marks` [N], of mean 0 and variance 1, at `points` [N, D]."""
    return condition(points, marks, axes.options, fit(points, marks, axes.options, steps))
