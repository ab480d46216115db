"""Data checked and laid out as the compiled code knows it: before anything is trained."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.engine.arrays import Rows
from tunesmith.engine.network import Floats, Loss, Network
from tunesmith.errors import NetworkError


def as_matrix(x: NDArray[Any]) -> Floats:
    """Return x as the compiled code knows it; other kinds of arrays would be compiled for anew.

    What float32 cannot hold becomes infinite.
    """
    with np.errstate(over="ignore"):
        return np.require(x, np.float32, ["C", "A", "W"])


def as_inputs(network: Network, x: NDArray[Any]) -> Floats:
    """Check inputs [N, D + C]; NetworkError for another shape, or a slot that there is not."""
    if x.ndim != 2 or x.shape[1] != network.columns:
        raise NetworkError(
            f"x must have shape [N, {network.columns}], got {list(x.shape)}: "
            "give one column for each input"
        )
    for number, slots in enumerate(network.categories, network.inputs):
        column = x[:, number]
        right = (column >= 0) & (column < slots) & (column == np.floor(column))
        if not right.all():
            row = int(np.argmin(right))
            raise NetworkError(
                f"column {number} is a category: its slots must be whole numbers from 0 to "
                f"{slots - 1}, got {column[row]:g} at row {row}"
            )
    return as_matrix(x)


def make_rows(
    network: Network,
    loss: Loss,
    x: NDArray[Any],
    goal: NDArray[Any],
    weight: NDArray[Any] | None,
) -> Rows:
    """Check the data and lay it out for the compiled code; see Training.

    Raises NetworkError for data that cannot be trained on.
    """
    x = as_inputs(network, x)
    if len(x) == 0:
        raise NetworkError("there are no rows to train on: give one at least")
    if len(x) == 1 and network.statistics_count:
        raise NetworkError(
            "batch norm needs at least 2 rows to train on, got 1: add rows, or set batch_norm=False"
        )
    if len(goal) != len(x):
        raise NetworkError(
            f"x has {len(x)} rows but there are {len(goal)} targets: give one for each row"
        )
    _check_finite("x", x)
    counts = _weight(len(x), weight)
    if loss is not Loss.CROSS_ENTROPY:
        targets = as_matrix(goal.reshape(len(goal), -1))
        if targets.shape[1] != network.outputs:
            raise NetworkError(
                f"targets must have {network.outputs} columns, got {targets.shape[1]}: "
                "give one for each output"
            )
        _check_finite("targets", targets)
        return Rows(x, np.empty(0, dtype=np.int64), targets, counts)
    labels = _labels(network, goal)
    return Rows(x, labels, np.empty((0, network.outputs), dtype=np.float32), counts)


def _weight(rows: int, weight: NDArray[Any] | None) -> Floats:
    if weight is None:
        return np.ones(rows, dtype=np.float32)
    if weight.shape != (rows,) or not np.isfinite(weight).all() or weight.min() < 0:
        raise NetworkError(f"weight must be {rows} finite numbers of 0 or more, one for each row")
    if weight.sum() == 0:
        raise NetworkError("every row has weight 0: nothing can be learned")
    return as_matrix(weight / weight.mean(dtype=np.float64))


def _labels(network: Network, goal: NDArray[Any]) -> NDArray[np.int64]:
    if goal.ndim != 1:
        raise NetworkError(
            f"labels must have shape [N], got {list(goal.shape)}: give one number for each row"
        )
    right = (goal >= 0) & (goal < network.outputs) & (goal == np.floor(goal))
    if not right.all():
        row = int(np.argmin(right))
        raise NetworkError(
            f"labels must be whole numbers from 0 to {network.outputs - 1}, "
            f"got {goal[row]} at row {row}"
        )
    return np.require(goal, np.int64, ["C", "A", "W"])


def _check_finite(name: str, values: Floats) -> None:
    if not np.isfinite(values).all():
        row, column = np.argwhere(~np.isfinite(values))[0]
        raise NetworkError(
            f"{name} holds {values[row, column]} at row {row}, column {column}: "
            "fill in missing values first"
        )
