"""A batch through the network: what holds for any weights."""

import numpy as np
import pytest

from tunesmith.engine import loop, passes
from tunesmith.engine.arrays import BODY, COLUMNS, X_HAT
from tunesmith.engine.network import Activation, Network, Place
from tunesmith.engine.optimizers import Rule
from tunesmith.engine.train import Recipe, Training
from tunesmith.rng import stream


def forwarded(network, rows=23):
    """Return a training whose work holds one batch taken forward, and the batch's rows."""
    rng = stream(11, "passes")
    x = rng.normal(0.3, 1, (rows, network.inputs)).astype(np.float32)
    training = Training(network, Recipe(batch_size=rows), x, np.arange(rows) % 3, seed=5)
    loop.gradient(training._arrays, training._settings, training._data, np.arange(rows), 0)
    return training, rows


def values(training, rows, layer, column):
    """Return the matrix [rows, units] that a column of the plan points to."""
    table = training._arrays.plan
    units, start = table[layer, passes.UNITS], table[layer, column]
    return training._arrays.work[start : start + rows * units].reshape(rows, units)


def test_codes_are_the_places_in_the_enums():
    """The compiled code and the enums count alike."""
    for kind in (Activation, Rule):
        for member in kind:
            assert getattr(passes, member.name) == member.code


@pytest.mark.parametrize("place", Place)
def test_what_is_normalised_has_mean_0_and_variance_1(place):
    """Per unit, over the batch, wherever batch norm stands."""
    training, rows = forwarded(
        Network(inputs=4, hidden=(7, 5), outputs=3, bn_place=place, activation=Activation.TANH)
    )
    for layer in range(2):
        x_hat = values(training, rows, layer, X_HAT)
        np.testing.assert_allclose(x_hat.mean(axis=0), 0, atol=1e-5)
        np.testing.assert_allclose(x_hat.var(axis=0), 1, rtol=1e-2)


def test_a_group_is_normalised_by_itself():
    """Ghost batch norm: each group of rows has mean 0."""
    training, rows = forwarded(Network(inputs=4, hidden=(7,), outputs=3, bn_group=6))
    x_hat = values(training, rows, 0, X_HAT)
    count = passes.group_count(rows, 6)
    assert count == 4
    for n in range(count):
        group = x_hat[n * rows // count : (n + 1) * rows // count]
        np.testing.assert_allclose(group.mean(axis=0), 0, atol=1e-5)


def test_relu_in_one_pass_is_relu():
    """No output of a hidden layer is below 0, and some are above."""
    training, rows = forwarded(Network(inputs=4, hidden=(7,), outputs=3))
    out = values(training, rows, 0, BODY)
    assert training._arrays.plan.shape[1] == COLUMNS
    assert out.min() == 0
    assert out.max() > 0
