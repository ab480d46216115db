"""Networks trained many at a time."""

import math

import numpy as np
import pytest

from tunesmith.engine.network import Activation
from tunesmith.lessons.data import Rows, digits
from tunesmith.lessons.lesson import Setting
from tunesmith.lessons.networks import dense, score, side_by_side, trained, with_momentum

TABLE = digits()


def test_side_by_side_keeps_the_order_and_tells_how_far_it_is():
    """Results in the order of the items, whichever ends first; the last share told is 1."""
    shares = []
    setting = Setting(progress=shares.append)
    assert side_by_side(lambda n: n * n, [3, 5, 7], setting) == [9, 25, 49]
    assert shares == pytest.approx([1 / 3, 2 / 3, 1])


def test_an_error_in_one_ends_all():
    """It is raised, and what has not begun is left."""
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda n: 1 / n, [3, 0, 5], Setting())


def test_a_network_learns_and_its_address_decides():
    """The same address gives the same weights, another one others."""

    def learn(number):
        recipe = with_momentum(0.1, batch_size=32)
        return trained(dense(TABLE, (16,)), recipe, TABLE.train, 5, number, seed=3)

    one, again, other = (learn(number) for number in (7, 7, 8))
    assert score(one, TABLE.test).accuracy > 0.9
    assert np.array_equal(one.weights, again.weights)
    assert not np.array_equal(one.weights, other.weights)


def test_spread_multiplies_the_first_weights():
    """The products' weights alone; gamma stays 1 and the biases 0."""
    network, recipe = dense(TABLE, (7, 5)), with_momentum(0.1)
    plain = trained(network, recipe, TABLE.train, 0, seed=0).weights
    wide = trained(network, recipe, TABLE.train, 0, seed=0, spread=3.0).weights
    changed = sum(layer.inputs * layer.units for layer in network.layers)
    assert np.allclose(wide[plain != 0], 3 * plain[plain != 0]) is False  # gammas
    assert np.sum(wide != plain) == changed
    assert np.allclose(wide[wide != plain], 3 * plain[wide != plain])


def test_what_diverged_is_worth_a_guess():
    """Its loss is that of even shares, and no error is raised."""
    network = dense(TABLE, (16, 16), batch_norm=False, activation=Activation.RELU)
    rows = Rows(np.float32(1e30) * TABLE.train.x, TABLE.train.y)
    training = trained(network, with_momentum(50.0), rows, 5, seed=0)
    assert training.epoch < 5
    assert score(training, TABLE.test) == (math.log(10), 0.1)
