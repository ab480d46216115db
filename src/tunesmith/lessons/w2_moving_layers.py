"""How a deep layer's input moves while a network trains, and how its gradient turns.

Three arms of one network: plain, with batch norm, and with batch norm followed by noise that shifts
and stretches each unit anew in every step (Santurkar et al. 2018). The compiled engine trains the
first two; the noise is no part of it, so that the third is trained by the reference in NumPy.
"""

from dataclasses import dataclass
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from tunesmith import rng
from tunesmith.engine.network import Activation, Network
from tunesmith.engine.optimizers import Optimizer, Rule
from tunesmith.engine.recipe import Recipe, batch_count
from tunesmith.engine.train import Training
from tunesmith.engine.whole import Parts
from tunesmith.lessons.data import Table
from tunesmith.lessons.glass import descend, forward, gradient, parts
from tunesmith.lessons.networks import dense

Array = NDArray[np.floating]

HIDDEN: Final = (100, 100, 100)
BATCH: Final = 60
"""As in Ioffe and Szegedy 2015, section 4.1."""
RATE: Final = 0.3
DEEP: Final = 2
"""The hidden layer that is watched, counted from 0."""
ARMS: Final = ("plain", "batch norm", "noise after batch norm")
SHIFT, STRETCH, BY_ROW = 0.5, 0.25, 0.1
"""The noise: each unit is shifted by up to 0.5 and stretched by up to 1.25 times, and each of its
values by up to 0.1 more; the figures are those of Santurkar et al. 2018."""


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """What was seen of one training, epoch by epoch."""

    loss: Array
    """[epochs], of training batches."""
    means: Array
    """[epochs + 1, units] of what the deep layer's sigmoids are applied to, on fixed rows."""
    deviations: Array
    """[epochs + 1, units]"""
    before: Array
    """[epochs + 1, units]: means of the deep layer's z, not yet normalised, in its deviations."""
    angles: Array
    """[epochs], degrees by which the deep layer's gradient turns when earlier layers step."""
    changes: Array
    """[epochs, 2]: by which share of their length the first and the deep layer's weights moved."""

    @property
    def moved(self) -> Array:
        """How far the distribution of each sigmoid's input moved, [epochs], in its deviations.

        The distance between normal distributions: the root of the squared differences of mean
        and deviation (Wasserstein), over the deviation before; the mean over units.
        """
        scale = self.deviations[:-1] + 1e-6
        steps = np.hypot(np.diff(self.means, axis=0), np.diff(self.deviations, axis=0)) / scale
        return np.asarray(steps.mean(axis=1))

    @property
    def moved_before(self) -> float:
        """How far the means of z moved in all before being normalised, in deviations."""
        return float(np.abs(np.diff(self.before, axis=0)).mean(axis=1).sum())

    @property
    def together(self) -> float:
        """The correlation between how front and back layer change, from epoch to epoch."""
        jumps = np.diff(np.log(self.changes + 1e-12), axis=0)
        return float(np.corrcoef(jumps.T)[0, 1])


def follow(table: Table, arm: str, epochs: int, seed: int, number: int) -> Course:
    """Train one arm and watch it after every epoch."""
    network = dense(table, HIDDEN, batch_norm=arm != "plain", activation=Activation.SIGMOID)
    recipe = Recipe(optimizer=Optimizer(rule=Rule.SGD, learning_rate=RATE), batch_size=BATCH)
    x, y = table.train
    training = Training(network, recipe, x, y, seed=seed, path=("moving", number))
    weights = training.weights.astype(np.float64)
    chance = rng.stream(seed, "noise", number)
    noise = Noise(chance) if arm == ARMS[2] else None
    watched = table.valid.x.astype(np.float64)
    losses, seen, changes, angles = (
        [],
        [_watch(network, parts(network, weights), watched, noise)],
        [],
        [],
    )
    for _ in range(epochs):
        before = weights.copy()
        if noise is None:
            losses.append(training.train_epoch())
            weights[:] = training.weights
        else:
            losses.append(train_noisy(network, weights, table, noise, chance))
        layers = parts(network, weights)
        seen.append(_watch(network, layers, watched, noise))
        changes.append(_share(network, before, weights))
        rows = chance.integers(0, len(x), BATCH)
        angles.append(turn(network, layers, x[rows].astype(np.float64), y[rows]))
    means, deviations, z = (np.array(part) for part in zip(*seen, strict=True))
    return Course(
        loss=np.array(losses),
        means=means,
        deviations=deviations,
        before=z,
        angles=np.array(angles),
        changes=np.array(changes),
    )


@final
class Noise:
    """Shifts and stretches what comes out of batch norm, anew in every step."""

    def __init__(self, chance: np.random.Generator) -> None:
        self._chance = chance
        self.scale: list[Array] = []
        """[B, H] of each hidden layer in the last step: the slope of what was done."""

    def __call__(self, y: Array, number: int) -> Array:
        """Return y [B, H] of a hidden layer with the noise; the outputs as they are."""
        if number >= len(HIDDEN):
            return y
        if number == 0:
            self.scale.clear()
        draw, units, size = self._chance.uniform, y.shape[1], y.shape
        stretch = draw(1, 1 + STRETCH, units) + draw(-BY_ROW, BY_ROW, size)
        shift = draw(-SHIFT, SHIFT, units) + draw(-BY_ROW, BY_ROW, size)
        self.scale.append(stretch)
        return y * stretch + shift


def train_noisy(
    network: Network, weights: Array, table: Table, noise: Noise, chance: np.random.Generator
) -> float:
    """Train for an epoch by the reference, in place; return the mean loss."""
    x, y = table.train
    order = chance.permutation(len(x))
    batches = np.array_split(order, batch_count(len(x), BATCH, batch_norm=True))
    layers, losses = parts(network, weights), []
    for rows in batches:
        loss, slopes = gradient(
            network, layers, x[rows].astype(np.float64), y[rows], change_y=noise, scale=noise.scale
        )
        descend(layers, slopes, RATE)
        losses.append(loss)
    return float(np.mean(losses))


def _watch(
    network: Network, layers: list[Parts], x: Array, noise: Noise | None
) -> tuple[Array, Array, Array]:
    """Return mean and deviation of the deep sigmoids' inputs, and of z the mean in deviations."""
    inside = (
        forward(network, layers, x)
        if noise is None
        else forward(network, layers, x, change_y=noise)
    )[DEEP]
    z = inside.mean / np.sqrt(inside.variance + 1e-12)
    return inside.y.mean(axis=0), inside.y.std(axis=0), z


def _share(network: Network, before: Array, after: Array) -> tuple[float, float]:
    """Return by which share of their length the first and the deep layer's weights moved."""
    old, new = parts(network, before), parts(network, after)
    first, deep = (
        float(np.linalg.norm(new[n].w - old[n].w) / np.linalg.norm(old[n].w)) for n in (0, DEEP)
    )
    return first, deep


def turn(network: Network, layers: list[Parts], x: Array, y: NDArray[np.int64]) -> float:
    """Return by how many degrees the deep layer's gradient turns when the earlier layers step."""
    _, slopes = gradient(network, layers, x, y)
    weights = np.concatenate([v.ravel() for layer in layers for v in layer if v is not None])
    moved = parts(network, weights)
    descend(moved[:DEEP], slopes[:DEEP], RATE)
    _, after = gradient(network, moved, x, y)
    a, b = slopes[DEEP].w.ravel(), after[DEEP].w.ravel()
    cosine = a @ b / (np.linalg.norm(a) * np.linalg.norm(b) + 1e-30)
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
