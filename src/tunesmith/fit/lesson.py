"""What the networks of a table learn: their targets, and the rows as each config reads them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from tunesmith.engine.network import Floats, Loss, Network
from tunesmith.fit.data import Data
from tunesmith.fit.space import bin_count, network_of
from tunesmith.table.bins import Bins
from tunesmith.table.target import TaskKind
from tunesmith.table.target_scale import AS_THEY_ARE, TargetScale


@final
@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """What networks learn from a task's numbers: labels, or the standardised target."""

    loss: Loss
    values: NDArray[Any]
    """[rows of the table]: labels int64, or float32 [.., 1]."""
    scale: TargetScale = AS_THEY_ARE
    """How outputs become numbers again, for regression."""

    def predictions(self, outputs: Floats) -> NDArray[Any]:
        """Return what a metric judges: logits [N, K] as they are, or numbers [N]."""
        return outputs if self.loss is Loss.CROSS_ENTROPY else self.scale.values(outputs)


def targets_of(data: Data, rows: NDArray[np.int64]) -> Targets:
    """Return the targets, standardised on `rows`, which are those trained on.

    Predictions are kept within the range of these rows, in trials as in the final model.
    """
    if data.task is TaskKind.CLASSIFICATION:
        return Targets(Loss.CROSS_ENTROPY, data.y)
    scale = TargetScale.of(data.y[rows])
    return Targets(Loss.SQUARED_ERROR, scale.targets(data.y), scale)


@final
@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What a config's network learns from: rows, with their numbers spread over its bins."""

    network: Network
    bins: Bins
    x: Floats

    @classmethod
    def of(cls, data: Data, config: Mapping[str, Any], rows: NDArray[np.int64]) -> "Lesson":
        """Return the config's network, and bins fitted on `rows`, those trained on."""
        x, encoder = data.x[rows], data.encoder
        bins = Bins.of(x[:, : encoder.numbers], bin_count(config))
        network = network_of(
            config,
            inputs=encoder.numbers + bins.width,
            categories=encoder.categories,
            outputs=data.outputs,
        )
        return cls(network, bins, bins.spread(x))
