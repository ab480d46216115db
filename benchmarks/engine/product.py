"""What the core can do: SciPy's BLAS multiplying large matrices on one thread."""

from time import perf_counter
from typing import final

import numpy as np
from scipy.linalg.blas import sgemm

from tunesmith.rng import stream

SIZES = (384, 512, 768, 1024, 1536)


@final
class Product:
    """Products of square matrices of several sizes."""

    def __init__(self) -> None:
        chance = stream(0, "product")
        self._matrices = [
            np.asfortranarray(chance.normal(size=(size, size)).astype(np.float32)) for size in SIZES
        ]

    def rate(self) -> float:
        """Return the GFLOP/s of the fastest size."""
        return max(map(_rate, self._matrices))


def _rate(a: np.ndarray) -> float:
    """Return the GFLOP/s of the faster of two products."""
    seconds = []
    for _ in range(2):
        began = perf_counter()
        sgemm(1.0, a, a)
        seconds.append(perf_counter() - began)
    return 2 * len(a) ** 3 / min(seconds) / 1e9
