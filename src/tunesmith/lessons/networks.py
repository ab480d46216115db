"""Networks of the engine, trained many at a time."""

import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

import numpy as np

from tunesmith.blas import one_blas_thread
from tunesmith.engine.network import Activation, Network
from tunesmith.engine.optimizers import Optimizer, Rule
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.reference import softmax_cross_entropy
from tunesmith.engine.train import Training, warm_up
from tunesmith.lessons.data import Rows, Table
from tunesmith.lessons.lesson import Setting

T = TypeVar("T")
S = TypeVar("S")


class Score(NamedTuple):
    """How good a network is on rows."""

    loss: float
    """Mean cross entropy, at most that of a guess: what diverged is worth no more."""
    accuracy: float


def side_by_side(work: Callable[[S], T], items: Sequence[S], setting: Setting) -> list[T]:
    """Return what `work` makes of each item, in order; on all cores, told to the progress.

    The compiled training lets go of Python's lock, so that threads do.
    """
    warm_up()
    done: list[T] = []
    with one_blas_thread(), ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        running = [pool.submit(work, item) for item in items]
        try:
            for future in running:
                done.append(future.result())
                setting.progress(len(done) / len(items))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return done


def dense(
    table: Table,
    hidden: tuple[int, ...],
    *,
    batch_norm: bool = True,
    activation: Activation = Activation.RELU,
    dropout: float = 0.0,
) -> Network:
    """Return a network for a table."""
    return Network(
        inputs=table.inputs,
        hidden=hidden,
        outputs=table.classes,
        activation=activation,
        batch_norm=batch_norm,
        dropout=dropout,
    )


def with_momentum(learning_rate: float, momentum: float = 0.9, batch_size: int = 32) -> Recipe:
    """Return gradient descent with momentum, v = beta v + (1 - beta) g, as in the notes."""
    rule = Optimizer(rule=Rule.MOMENTUM, learning_rate=learning_rate, momentum=momentum)
    return Recipe(optimizer=rule, batch_size=batch_size)


def trained(
    network: Network,
    recipe: Recipe,
    rows: Rows,
    epochs: int,
    *path: int | str,
    seed: int,
    spread: float = 1.0,
) -> Training:
    """Return a training after so many epochs, or at the first whose loss is not finite.

    `spread` multiplies the first weights. Chance comes from the address `path` under the seed.
    """
    training = Training(network, recipe, rows.x, rows.y, seed=seed, path=path)
    if spread != 1:
        for layer in network.layers:
            training.weights[layer.weight : layer.weight + layer.inputs * layer.units] *= spread
    for _ in range(epochs):
        if not math.isfinite(training.train_epoch()):
            break
    return training


def score(training: Training, rows: Rows) -> Score:
    """Return the loss and the accuracy on rows, at test time."""
    with np.errstate(all="ignore"):
        outputs = training.outputs(rows.x).astype(np.float64)
    guess = Score(math.log(outputs.shape[1]), 1 / outputs.shape[1])
    if not np.isfinite(outputs).all():
        return guess
    loss, _ = softmax_cross_entropy(outputs, rows.y, np.ones(len(rows.y)), 0.0)
    return Score(min(loss, guess.loss), float(np.mean(outputs.argmax(axis=1) == rows.y)))
