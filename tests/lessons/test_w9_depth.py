"""W9."""

import pytest

from tunesmith.engine.network import Activation
from tunesmith.engine.train import Training
from tunesmith.lessons.data import digits
from tunesmith.lessons.networks import dense, with_momentum
from tunesmith.lessons.w9_depth import steps

TABLE = digits()


def test_its_conclusion(quick):
    """With eight layers of sigmoids batch norm alone comes down; with one it gains nothing."""
    found = quick("W9")
    assert found["sigmoid, 8 layers: batch norm against input only"] > 4
    assert found["sigmoid, 1 layers: batch norm against input only"] < 2
    assert found["relu, 8 layers: batch norm against input only"] < 4
    assert "at least" in found.sentence


def test_it_counts_to_the_first_epoch_that_is_down():
    """Trained by hand: the steps of the epochs up to the first loss of 0.5 or less."""
    network, recipe = dense(TABLE, (32, 32)), with_momentum(0.05, batch_size=32)
    training = Training(network, recipe, *TABLE.train, seed=3, path=(7,))
    losses = [training.train_epoch() for _ in range(12)]
    first = next(n for n, loss in enumerate(losses, 1) if loss <= 0.5)
    assert 2 < first < 12
    assert min(losses[: first - 1]) < 1
    assert steps(TABLE, Activation.RELU, "batch norm", 2, 12, 0.05, (3, 7)) == 29 * first


@pytest.mark.parametrize(("rate", "expected"), [(1e-6, 87), (0.3, 58)])
def test_counting(rate, expected):
    """What does not come down counts as all its steps: three epochs of 29 batches."""
    assert steps(TABLE, Activation.RELU, "input", 1, 3, rate, (0, 0)) == expected
