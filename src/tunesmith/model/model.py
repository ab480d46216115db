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
    offset: float = 0.0
    """For regression: the prediction is offset + scale * output."""
    scale: float = 1.0
    about: Mapping[str, Any] = field(default_factory=dict)
    """How it came about: score, seed, digest of the study, config; plain data."""

    @cached_property
    def _plain(self) -> tuple[Network, Floats]:
        """The same network with batch norm folded into its weights."""
        plain = replace(self.network, batch_norm=False, dropout=0.0)
        return plain, fold(self.network, self.weights, self.mean, self.variance)

    def outputs(self, x: Floats) -> Floats:
        """Return the network's outputs [N, K] for encoded rows x [N, D]."""
        network, weights = self._plain
        activate, _ = reference.ACTIVATIONS[network.activation]
        chunks = []
        for start in range(0, len(x), ROWS_AT_ONCE):
            a: Any = x[start : start + ROWS_AT_ONCE]
            for layer in network.layers:
                own = parts(layer, weights)
                a = reference.add_bias(reference.linear(a, own.w), present(own.bias))
                a = a if layer == network.layers[-1] else activate(a)
            chunks.append(a)
        return np.concatenate(chunks) if chunks else np.empty((0, network.outputs), np.float32)

    def shares(self, table: Table) -> NDArray[np.float64]:
        """Return each class's probability [N, K], classes in the order of `classes`."""
        logits = self.outputs(self.encoder.transform(table)).astype(np.float64)
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))

    def predict(self, table: Table) -> pl.DataFrame:
        """Return the predictions as a table: the target, and a probability for each class."""
        if self.task is TaskKind.REGRESSION:
            outputs = self.outputs(self.encoder.transform(table))[:, 0].astype(np.float64)
            return pl.DataFrame({self.target: self.offset + self.scale * outputs})
        shares = self.shares(table)
        names = pl.Series(self.classes, dtype=pl.String)
        columns = {self.target: names.gather(shares.argmax(axis=1))}
        return pl.DataFrame(
            columns | {f"probability of {c}": shares[:, k] for k, c in enumerate(self.classes)}
        )
