"""Outputs at test time: batch norm folded away, rows shared out among threads."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from typing import final

import numpy as np

from tunesmith.engine import loop
from tunesmith.engine.arrays import Arrays, make_arrays
from tunesmith.engine.network import Floats, Network, check_count
from tunesmith.engine.recipe import Recipe, settings_of
from tunesmith.engine.rows import as_inputs, as_matrix

ROWS_AT_ONCE = 256
"""Rows predicted at a time: their intermediate values stay in the core's cache."""

ROWS_PER_THREAD = 8 * ROWS_AT_ONCE
"""Rows below which another thread costs more than it saves."""


@final
class Predictor:
    """Outputs of networks of one shape at test time. Not for use by two threads at once.

    A row's outputs depend on that row alone: not on the others, nor on the number of threads.
    """

    def __init__(self, network: Network, *, threads: int = 1) -> None:
        check_count("threads", threads)
        self.network = replace(network, batch_norm=False, dropout=0.0)
        self._settings = settings_of(self.network, Recipe(), 0)
        self._arrays = [make_arrays(self.network, ROWS_AT_ONCE) for _ in range(threads)]
        self.weights = self._arrays[0].weights
        """Room for the folded weights."""

    def outputs(self, folded: Floats, x: Floats) -> Floats:
        """Return [N, K] for x [N, D + C]; `folded` is what `fold` gave."""
        inputs = as_inputs(self.network, x)
        result = np.empty((len(x), self.network.outputs), dtype=np.float32)
        weights = as_matrix(folded)
        threads = max(1, min(len(self._arrays), len(x) // ROWS_PER_THREAD))
        if threads == 1:
            self._write(self._arrays[0], weights, inputs, result)
            return result
        edges = [n * len(x) // threads for n in range(threads + 1)]
        with ThreadPoolExecutor(threads) as pool:
            for done in [
                pool.submit(self._write, self._arrays[n], weights, inputs[a:b], result[a:b])
                for n, (a, b) in enumerate(pairwise(edges))
            ]:
                done.result()
        return result

    def _write(self, arrays: Arrays, weights: Floats, x: Floats, result: Floats) -> None:
        loop.outputs(arrays._replace(weights=weights), self._settings, x, ROWS_AT_ONCE, result)
