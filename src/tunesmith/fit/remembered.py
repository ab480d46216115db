"""What the best networks of a search put out on the validation rows, kept while it runs."""

import math
from threading import Lock
from typing import Final, final

from tunesmith.engine.network import Floats
from tunesmith.fit.metrics import Metric

KEPT: Final = 16
"""Networks whose outputs are kept: more than an ensemble has, since the best config may be
another than that of the best trial."""


@final
class Remembered:
    """The outputs of the best few networks, added from any thread."""

    def __init__(self, metric: Metric) -> None:
        self._metric = metric
        self._kept: dict[int, tuple[float, Floats]] = {}
        self._lock = Lock()

    def add(self, number: int, value: float, outputs: Floats) -> None:
        """Keep a trial's outputs if its metric is one of the best; one not finite never is."""
        with self._lock:
            if math.isfinite(value):
                self._kept[number] = (self._metric.merit(value), outputs)
            if len(self._kept) > KEPT:
                del self._kept[min(self._kept, key=lambda n: (self._kept[n][0], -n))]

    def outputs(self, number: int) -> Floats | None:
        """Return a trial's outputs, or None where they are not kept."""
        with self._lock:
            kept = self._kept.get(number)
        return None if kept is None else kept[1]
