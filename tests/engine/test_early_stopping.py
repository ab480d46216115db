"""Early stopping: when it says stop, and what it goes back to."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.engine.early_stopping import EarlyStopping
from tunesmith.engine.network import Network
from tunesmith.engine.optimizers import Optimizer
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.train import Training
from tunesmith.errors import NetworkError
from tunesmith.rng import stream

NETWORK = Network(inputs=3, hidden=(4,), outputs=2, categories=(5,))


def begun():
    """Return a training that has not begun."""
    chance = stream(3, "early")
    x = np.hstack([chance.normal(size=(23, 3)), chance.integers(5, size=(23, 1))])
    recipe = Recipe(optimizer=Optimizer(learning_rate=0.05), batch_size=7)
    return Training(NETWORK, recipe, x.astype(np.float32), np.arange(23) % 2, seed=3)


def bits(training):
    """Return the whole state as bytes."""
    return {name: array.tobytes() for name, array in training.state().items()}


def watched(losses, patience, training=None):
    """Train until told to stop or losses end; return all that there is to see."""
    training = training or begun()
    watch, states = EarlyStopping(training, patience=patience), [bits(training)]
    for loss in losses:
        training.train_epoch()
        states.append(bits(training))
        if watch.watch(loss):
            break
    return training, watch, states


@pytest.mark.parametrize(
    ("patience", "losses", "epochs", "best"),
    [
        (1, [3, 2, 2, 1], 3, 2),  # as large as the best is no better
        (2, [3, 2, 4, 3, 1], 4, 2),
        (2, [3, 4, 2, 5, 1, 1, 1], 7, 5),
        (3, [5, 6, 7, 8, 1], 4, 1),
        (1, [5, 6], 2, 1),
        (2, [3, 2, math.nan, 1], 3, 2),
        (9, [3, 2, math.inf, 1], 3, 2),
        (9, [-3, -math.inf, 1], 2, 1),
        (2, [math.nan, 1], 1, 0),
    ],
)
def test_when_to_stop(patience, losses, epochs, best):
    """After so many epochs in a row without a smaller loss; at once where it is not finite."""
    training, watch, states = watched(losses, patience)
    assert (training.epoch, watch.best_epoch) == (epochs, best)
    assert watch.best_loss == (losses[best - 1] if best else math.inf)
    watch.restore()
    assert bits(training) == states[best]


@settings(max_examples=30)
@given(
    losses=st.lists(st.integers(0, 6), min_size=1, max_size=12),
    patience=st.integers(1, 4),
)
def test_the_best_epoch_is_restored(losses, patience):
    """Whatever the losses: the first of the smallest, bit for bit, and never too late."""
    training, watch, states = watched(losses, patience)
    seen = losses[: training.epoch]
    assert watch.best_epoch == seen.index(min(seen)) + 1
    stopped = len(seen) - watch.best_epoch >= patience
    assert stopped or len(seen) == len(losses)
    assert len(seen) - watch.best_epoch <= patience
    watch.restore()
    assert (training.epoch, bits(training)) == (watch.best_epoch, states[watch.best_epoch])


def test_what_was_restored_trains_on():
    """From the best epoch on it trains as one that had stopped there."""
    training, watch, _ = watched([3, 1, 2, 2], patience=2)
    watch.restore()
    plain = begun()
    for _ in range(2):
        plain.train_epoch()
    assert training.train_epoch() == plain.train_epoch()
    assert bits(training) == bits(plain)


def test_nothing_to_restore():
    """Where no loss was finite, or none was seen, it goes back to where it began."""
    training = begun()
    training.train_epoch()
    before = bits(training)
    watch = EarlyStopping(training, patience=2)
    training.train_epoch()
    assert watch.watch(math.nan)
    watch.restore()
    assert bits(training) == before
    assert (training.epoch, watch.best_epoch, watch.best_loss) == (1, 0, math.inf)


def test_patience_counts_from_where_it_began():
    """A training of three epochs that is watched from then on has all its patience left."""
    training = begun()
    for _ in range(3):
        training.train_epoch()
    _, watch, states = watched([2, 2, 2, 2], patience=2, training=training)
    assert (training.epoch, watch.best_epoch) == (6, 4)
    watch.restore()
    assert bits(training) == states[1]


@pytest.mark.parametrize("patience", [0, -3, 2.5, None, True])
def test_a_wrong_patience_is_refused(patience):
    """The error names what was given."""
    sentence = f"patience must be a whole number of 1 or more, got {patience!r}"
    with pytest.raises(NetworkError, match=f"^{re.escape(sentence)}$"):
        EarlyStopping(begun(), patience=patience)
