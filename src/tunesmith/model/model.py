"""What was trained, with all that it needs to read a table: the thing a person takes away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tunesmith.engine.network import Floats
from tunesmith.model.member import Member
from tunesmith.table.columns import Table
from tunesmith.table.encode import Encoder
from tunesmith.table.target import TaskKind
from tunesmith.table.target_scale import AS_THEY_ARE, TargetScale

ROWS_AT_ONCE = 8192
"""Rows predicted at a time, so that a long table needs no more memory than its features."""

LEAST_LOG = -745.0
"""Stands for the logarithm of a probability that is 0 in float64."""


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Model:
    """A network, or an ensemble of a few, and the way from a table's rows to its inputs and back.

    It needs NumPy and polars alone: no compiler, no scikit-learn.
    """

    members: tuple[Member, ...]
    """The networks whose answers are averaged: one, or the few of an ensemble."""
    encoder: Encoder
    target: str
    task: TaskKind
    classes: tuple[str, ...] = ()
    scale: TargetScale = AS_THEY_ARE
    """For regression: how outputs become predictions."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """How it came about: score, seed, digest of the study, config; plain data."""

    def outputs(self, x: Floats) -> Floats:
        """Return outputs [N, K] for encoded rows x [N, D + C]; see `averaged`."""
        starts = range(0, len(x), ROWS_AT_ONCE)
        chunks = [self._outputs(x[start : start + ROWS_AT_ONCE]) for start in starts]
        width = self.members[0].network.outputs
        return np.concatenate(chunks) if chunks else np.empty((0, width), np.float32)

    def _outputs(self, x: Floats) -> Floats:
        return averaged([member.outputs(x) for member in self.members], self.task)

    def shares(self, table: Table) -> NDArray[np.float64]:
        """Return each class's probability [N, K], classes in the order of `classes`."""
        return shares_of(self.outputs(self.encoder.transform(table)))

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


def averaged(outputs: Sequence[Floats], task: TaskKind) -> Floats:
    """Return the outputs [N, K] of several networks as one: of one network they are its own.

    Numbers are averaged; of classes the probabilities are, and their logarithms stand for logits.
    Where an output of one network is not finite, the row's are not either.
    """
    if len(outputs) == 1:
        return outputs[0]
    return from_terms(np.mean([terms_of(each, task) for each in outputs], axis=0), task)


def terms_of(outputs: Floats, task: TaskKind) -> NDArray[np.float64]:
    """Return what is averaged of outputs [N, K]: numbers, or probabilities.

    NaN in all of a row where one of its outputs is not finite.
    """
    with np.errstate(invalid="ignore"):
        regression = task is TaskKind.REGRESSION
        terms = outputs.astype(np.float64) if regression else shares_of(outputs)
    terms[~np.isfinite(outputs).all(axis=1)] = np.nan
    return terms


def from_terms(mean: NDArray[np.float64], task: TaskKind) -> Floats:
    """Return the outputs [N, K] that an average of `terms_of` networks stands for."""
    if task is TaskKind.REGRESSION:
        return np.asarray(mean, np.float32)
    with np.errstate(divide="ignore"):
        return np.asarray(np.maximum(np.log(mean), LEAST_LOG), np.float32)


def shares_of(logits: Floats) -> NDArray[np.float64]:
    """Return the probability of each class [N, K] that logits [N, K] stand for."""
    wide = logits.astype(np.float64)
    powers = np.exp(wide - wide.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
