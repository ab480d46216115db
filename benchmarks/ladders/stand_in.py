"""From a proposal to the config of a pool that stands in for it.

A proposal is free to be any config of the space; the one of the pool that is nearest to it in unit
space, of those not yet tried, is trained in its place. Every search, ours or a peer, is told which
it was, so that none learns from a place where nothing was measured.
"""

from typing import final

import numpy as np

from benchmarks.ladders.curves import Pool
from tunesmith.trial import Config


@final
class StandIns:
    """Which configs of a pool one search has tried."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._tried = np.zeros(len(pool.configs))
        """[N]: infinite for those that were tried."""

    def take(self, config: Config) -> int:
        """Return the row to train for a proposal: the nearest untried one.

        What is in the pool to the bit is trained as it is, if need be again; once all were tried,
        any may be tried again.
        """
        row = self._pool.rows.get(config)
        if row is None:
            if np.isinf(self._tried).all():
                self._tried[:] = 0.0
            apart = self._pool.units - self._pool.unit(config)
            row = int(np.argmin(np.einsum("nd,nd->n", apart, apart) + self._tried))
        self._tried[row] = np.inf
        return row
