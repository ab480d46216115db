"""All arrays of a training, made before the first step, and where each layer's parts lie."""

import math
from dataclasses import astuple
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tunesmith.engine.compiled import compiled
from tunesmith.engine.network import Floats, Network, Place
from tunesmith.engine.product import panel_size
from tunesmith.engine.team import make_team
from tunesmith.engine.views import lent

# Columns of a plan, one row for each layer. The first seven are the fields of `Layer`: places in
# the flat arrays of weights and statistics. The rest are places in `work`:
INPUTS, UNITS, WEIGHT, BIAS, GAMMA, BETA, STATISTICS = range(7)
INPUT = 7  # the layer's input
Z = 8  # its product with W
Y = 9  # what the activation is applied to
ACTIVE = 10  # what it gives
X_HAT = 11  # what batch norm normalised
BODY = 12  # the layer's output
KEPT = 13  # what dropout lets through
OUT = 14  # the output after dropout
COLUMNS = 15

# Rows of `batch`, each as wide as all normalised units together: mean, variance, the same for one
# group of rows, then 1 / deviation of each group.
MEAN, VARIANCE, GROUP_MEAN, GROUP_VARIANCE, RSTD = range(5)

ALIGNMENT = 16
"""Floats of a cache line: every buffer begins at a multiple of it."""


class Rows(NamedTuple):
    """What is learned from: N rows."""

    x: Floats
    """[N, D + C]: numbers, then the slot of each category."""
    labels: NDArray[np.int64]
    """[N] for cross entropy, else [0]."""
    targets: Floats
    """[N, K] for the other losses, else [0, K]."""
    weight: Floats
    """[N], what each row counts."""


class Categories(NamedTuple):
    """Which weight rows stand for categories, and which of them the present batch has met."""

    first: NDArray[np.int64]
    """[C], each category's first row among those of all categories."""
    steps: NDArray[np.int64]
    """[rows of all], how many steps of the optimizer each has taken."""
    met: NDArray[np.int64]
    """[1 + batch x C], how many rows the batch has met, then which, each once."""
    listed: NDArray[np.int64]
    """[rows of all], 1 while a row stands in `met`; zeros between batches."""


class Arrays(NamedTuple):
    """All that changes while training, and the buffers of a batch."""

    plan: NDArray[np.int64]
    weights: Floats
    gradient: Floats
    first: Floats
    """Running mean of the gradient: momentum's v, Adam's v."""
    second: Floats
    """Running mean of its square: RMSprop's and Adam's s."""
    means: Floats
    """Running averages of the batches' means, not yet corrected for their start at 0."""
    variances: Floats
    batch: Floats
    slopes: Floats
    """[2, rows x widest]: the slope of the loss, handed from layer to layer."""
    work: Floats
    panel: Floats
    """Room for products, see panel_size."""
    labels: NDArray[np.int64]
    """[rows], those of the present batch."""
    targets: Floats
    """[rows, K], those of the present batch."""
    weight: Floats
    """[rows], those of the present batch."""
    categories: Categories
    team: NDArray[np.int64]
    """What threads tell each other, see make_team."""


def plan(network: Network, rows: int) -> tuple[NDArray[np.int64], int]:
    """Return the plan [L, COLUMNS] for batches of up to `rows` rows, and the length of `work`."""
    end = 0

    def buffer(width: int) -> int:
        nonlocal end
        start, end = end, end + -(-rows * width // ALIGNMENT) * ALIGNMENT
        return start

    table, before = [], buffer(network.columns)
    for layer in network.layers:
        z = y = x_hat = buffer(layer.units)
        after = layer.gamma >= 0 and network.bn_place is Place.AFTER
        if layer.gamma >= 0 and not after:
            y = buffer(layer.units)
        active = buffer(layer.units) if network.activation.from_input else y
        body = active
        if after:
            x_hat, body = buffer(layer.units), buffer(layer.units)
        kept = out = body
        if network.dropout > 0:
            kept, out = buffer(layer.units), buffer(layer.units)
        table.append((*astuple(layer), before, z, y, active, x_hat, body, kept, out))
        before = out
    return np.array(table, dtype=np.int64), end


def groups(rows: int, bn_group: int | None) -> int:
    """Return into how many groups a batch is cut for its statistics; none is left with one row."""
    return 1 if bn_group is None else max(1, min(-(-rows // int(bn_group)), rows // 2))


def zeros(*shape: int) -> Floats:
    """Return zeros that begin at a cache line: a register's load then touches one line, not two."""
    size = math.prod(shape)
    room = np.zeros(size + ALIGNMENT, dtype=np.float32)
    first = -(room.ctypes.data // room.itemsize) % ALIGNMENT
    return room[first : first + size].reshape(shape)


def make_arrays(network: Network, rows: int, *, threads: int = 1) -> Arrays:
    """Make every array that training by so many threads needs, for batches of up to `rows` rows."""
    table, work = plan(network, rows)
    weights, units = network.weight_count, network.statistics_count

    return Arrays(
        plan=table,
        weights=zeros(weights),
        gradient=zeros(weights),
        first=zeros(weights),
        second=zeros(weights),
        means=zeros(units),
        variances=zeros(units),
        batch=zeros(RSTD + groups(rows, network.bn_group), units),
        slopes=zeros(2, rows * max(network.widths[1:])),
        work=zeros(work),
        panel=zeros(panel_size(max(*network.widths, rows))),
        labels=np.zeros(rows, dtype=np.int64),
        targets=zeros(rows, network.outputs),
        weight=zeros(rows),
        categories=Categories(
            first=np.cumsum((0, *network.categories), dtype=np.int64)[:-1],
            steps=np.zeros(network.category_rows, dtype=np.int64),
            met=np.zeros(1 + rows * len(network.categories), dtype=np.int64),
            listed=np.zeros(network.category_rows, dtype=np.int64),
        ),
        team=make_team(threads),
    )


@compiled
def lend(arrays: Arrays) -> Arrays:
    """Return the arrays without their owners; see views.lent."""
    return Arrays(
        lent(arrays.plan),
        lent(arrays.weights),
        lent(arrays.gradient),
        lent(arrays.first),
        lent(arrays.second),
        lent(arrays.means),
        lent(arrays.variances),
        lent(arrays.batch),
        lent(arrays.slopes),
        lent(arrays.work),
        lent(arrays.panel),
        lent(arrays.labels),
        lent(arrays.targets),
        lent(arrays.weight),
        Categories(
            lent(arrays.categories.first),
            lent(arrays.categories.steps),
            lent(arrays.categories.met),
            lent(arrays.categories.listed),
        ),
        lent(arrays.team),
    )


@compiled
def lend_rows(data: Rows) -> Rows:
    """Return the rows without their owners."""
    return Rows(lent(data.x), lent(data.labels), lent(data.targets), lent(data.weight))
