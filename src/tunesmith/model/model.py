"""A trained network with all that it needs to read a table: the thing a person takes away."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tunesmith.engine import reference
from tunesmith.engine.network import Floats, Network, fold
from tunesmith.engine.whole import parts, present
from tunesmith.table.columns import Table
from tunesmith.table.encode import Encoder
from tunesmith.table.target import TaskKind
from tunesmith.table.target_scale import AS_THEY_ARE, TargetScale

ROWS_AT_ONCE = 8192
"""Rows predicted at a time, so that a long table needs no more memory than its features."""


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Model:
    """A network, its weights, and the way from a table's rows to its inputs and back.

    It needs NumPy and polars alone: no compiler, no scikit-learn.
    """

    network: Network
    weights: Floats
    """[network.weight_count], with gamma and beta; see Network.layers."""
    mean: Floats
    """[network.statistics_count], the batch-norm means used at test time."""
    variance: Floats
    encoder: Encoder
    target: str
    task: TaskKind
    classes: tuple[str, ...] = ()
    scale: TargetScale = AS_THEY_ARE
    """For regression: how outputs become predictions."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """How it came about: score, seed, digest of the study, config; plain data."""

    @cached_property
    def folded(self) -> tuple[Network, Floats]:
        """The same network without batch norm, and its weights with batch norm folded in."""
        plain = replace(self.network, batch_norm=False, dropout=0.0)
        return plain, fold(self.network, self.weights, self.mean, self.variance)

    def outputs(self, x: Floats) -> Floats:
        """Return the network's outputs [N, K] for encoded rows x [N, D + C]."""
        starts = range(0, len(x), ROWS_AT_ONCE)
        chunks = [self._outputs(x[start : start + ROWS_AT_ONCE]) for start in starts]
        return np.concatenate(chunks) if chunks else np.empty((0, self.network.outputs), np.float32)

    def _outputs(self, x: Floats) -> Floats:
        network, weights = self.folded
        activate, _ = reference.ACTIVATIONS[network.activation]
        a: Any = x[:, : network.inputs]
        for number, layer in enumerate(network.layers):
            own = parts(layer, weights)
            a = reference.add_bias(reference.linear(a, own.w), present(own.bias))
            if number == 0:
                a = a + _gathered(network, weights, x)
            if number < len(network.hidden):
                a = activate(a)
        return np.asarray(a)

    def shares(self, table: Table) -> NDArray[np.float64]:
        """Return each class's probability [N, K], classes in the order of `classes`."""
        logits = self.outputs(self.encoder.transform(table)).astype(np.float64)
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))

    def predict(self, table: Table) -> pl.DataFrame:
        """Return the predictions as a table: the target, and a probability for each class."""
        if self.task is TaskKind.REGRESSION:
            outputs = self.outputs(self.encoder.transform(table))
            return pl.DataFrame({self.target: self.scale.values(outputs)})
        shares = self.shares(table)
        names = pl.Series(self.classes, dtype=pl.String)
        columns = {self.target: names.gather(shares.argmax(axis=1))}
        return pl.DataFrame(
            columns | {f"probability of {c}": shares[:, k] for k, c in enumerate(self.classes)}
        )


def _gathered(network: Network, weights: Floats, x: Floats) -> Any:
    """Return the sum of the weight rows of each category's slot, [N, H]; 0 without categories."""
    rows = weights[network.dense_count :].reshape(-1, network.widths[1])
    first = np.cumsum((0, *network.categories))[:-1]
    places = first + x[:, network.inputs :].astype(np.int64)
    return sum(rows[place] for place in places.T)
