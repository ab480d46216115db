"""Denormal numbers: 0 while a network trains, and as ever before and after."""

import numpy as np
import pytest

from tunesmith.engine.compiled import compiled
from tunesmith.engine.denormals import ARM, X86, flush, restore
from tunesmith.engine.network import Network
from tunesmith.engine.optimizers import Optimizer, Rule
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.train import Training

pytestmark = pytest.mark.skipif(not X86 | ARM, reason="this processor keeps them")

SMALLEST = np.float32(1.1754944e-38)
"""The smallest number with all its digits."""


@compiled
def halved(values):
    for i in range(values.size):
        values[i] *= np.float32(0.5)


@compiled
def halved_flushed(values):
    before = flush()
    halved(values)
    restore(before)


def test_they_are_zero_between_flush_and_restore():
    """And in the same thread, afterwards, they are numbers again."""
    values = np.array([SMALLEST, 1.0, -SMALLEST, SMALLEST / 8], np.float32)
    after = values.copy()
    halved_flushed(values)
    np.testing.assert_array_equal(values, np.array([0.0, 0.5, 0.0, 0.0], np.float32))
    halved(after)
    assert after[0] == SMALLEST / np.float32(2) != 0
    assert after[3] == SMALLEST / np.float32(16) != 0


def test_moments_that_decay_come_to_zero():
    """Of a weight whose gradient is 0: they never stay at the smallest floats."""
    rows = np.zeros((8, 3), np.float32)
    rows[:, 0] = 1.0
    recipe = Recipe(optimizer=Optimizer(rule=Rule.ADAM, beta1=0.5, beta2=0.5), batch_size=8)
    training = Training(
        Network(inputs=3, hidden=(), outputs=2), recipe, rows, np.array(4 * [0, 1]), seed=0
    )
    first = training.state()["first"]
    training._arrays.first[:] = 1e-37
    for _ in range(30):
        training.train_epoch()
    moments = training.state()["first"]
    assert moments.shape == first.shape
    assert ((moments == 0) | (np.abs(moments) >= SMALLEST)).all()
    assert (moments == 0).any()
