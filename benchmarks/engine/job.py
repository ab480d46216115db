"""The job that every arm does: rows, first weights, and the order of the rows."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.engine.shapes import BATCHES, Shape
from tunesmith.engine.kernels import shuffle
from tunesmith.engine.network import Floats, Network
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.train import Training
from tunesmith.rng import stream

SEED = 0


class Rows(NamedTuple):
    """What is learned from: N rows."""

    x: Floats
    """[N, D]"""
    labels: NDArray[np.int64]
    """[N], a noisy linear function of x: something can be learned, but not everything."""


def rows(shape: Shape) -> Rows:
    """Draw an epoch's rows."""
    chance, (inputs, *_, outputs) = stream(SEED, "rows"), shape.widths
    x = chance.normal(size=(BATCHES * shape.batch, inputs)).astype(np.float32)
    scores = x @ chance.normal(size=(inputs, outputs)) / np.sqrt(inputs)
    return Rows(x, (scores + chance.normal(size=scores.shape)).argmax(axis=1))


def network(shape: Shape) -> Network:
    """Return the shape's network: batch norm before relu, in the hidden layers."""
    inputs, *hidden, outputs = shape.widths
    return Network(inputs=inputs, hidden=tuple(hidden), outputs=outputs)


def training(shape: Shape, *path: int | str) -> Training:
    """Return our training of the shape; without a path, the one whose chance the peers share."""
    recipe = Recipe(batch_size=shape.batch)
    return Training(network(shape), recipe, *rows(shape), seed=SEED, path=path)


def parts(network: Network, flat: Floats) -> list[dict[str, Floats]]:
    """Return each layer's part of the weights: w [D, H], and bias or gamma and beta [H]."""
    layers = []
    for layer in network.layers:
        w = flat[layer.weight : layer.weight + layer.inputs * layer.units]
        named = {"w": w.reshape(layer.inputs, layer.units)}
        for name in ("bias", "gamma", "beta"):
            start = getattr(layer, name)
            if start >= 0:
                named[name] = flat[start : start + layer.units]
        layers.append(named)
    return layers


def first_weights(shape: Shape) -> list[dict[str, Floats]]:
    """Return our first weights, layer by layer."""
    return parts(network(shape), training(shape).weights)


def orders(shape: Shape, turn: int) -> NDArray[np.int64]:
    """Return the batches [steps, batch] of a turn, of the rows our own training takes."""
    key = int(stream(SEED, "order").integers(2**62))
    result = np.empty((shape.epochs, BATCHES * shape.batch), dtype=np.int64)
    for row, order in enumerate(result):
        shuffle(order, key, turn * shape.epochs + row)
    return result.reshape(shape.steps, shape.batch)
