"""What one more training is worth: by how much the best expected loss would fall, on average.

A new config and another training of an old one are measured by the same number, so that they can
be weighed against each other: the knowledge gradient for independent beliefs (Frazier, Powell and
Dayanik 2008), which without noise is the expected improvement (Mockus 1975).
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LOG_ROOT_2_PI: Final = math.log(2.0 * math.pi) / 2.0
LOG_ROOT_PI_2: Final = math.log(math.pi / 2.0) / 2.0


def log_improvement(mean: Floats, deviation: Floats, best: float) -> Floats:
    """Return the log of E[max(best - x, 0)] for normal x, finite however small it is.

    After Ament, Daulton, Eriksson, Balandat and Bakshy 2023, eq. 9; any shape. Deviations are
    above 0.
    """
    from scipy.special import erfcx, ndtr  # takes a tenth of a second to import

    z = (best - mean) / deviation
    near = np.maximum(z, -1.0)
    far = np.minimum(z, -1.0)
    density = np.exp(-0.5 * near * near - LOG_ROOT_2_PI)
    ratio = np.log(-far * erfcx(-far / math.sqrt(2.0))) + LOG_ROOT_PI_2
    small = -0.5 * far * far - LOG_ROOT_2_PI + np.log(-np.expm1(np.minimum(ratio, -1e-15)))
    logs: Floats = np.log(deviation) + np.where(
        z > -1.0, np.log(density + near * ndtr(near)), small
    )
    return logs


def learnt(deviation: Floats, noise: float) -> Floats:
    """Return how far one training is expected to move a mean, as a deviation.

    `deviation` is the uncertainty of the mean, `noise` the deviation between trainings.
    """
    return deviation * deviation / np.hypot(deviation, noise)


def log_gain_again(mean: Floats, deviation: Floats, noise: float) -> Floats:
    """Return the log of what training each of two or more configs [M] once more is worth.

    It is worth something where it may change which of them has the smallest mean.
    """
    first, second = np.argsort(mean, kind="stable")[:2]
    rival = np.full(len(mean), mean[first])
    rival[first] = mean[second]
    return log_improvement(np.abs(mean - rival), learnt(deviation, noise), 0.0)
