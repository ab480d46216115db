"""The network seen through."""

import numpy as np
import pytest

from tunesmith.engine.network import Activation
from tunesmith.lessons.data import digits
from tunesmith.lessons.glass import descend, forward, gradient, parts
from tunesmith.lessons.networks import dense, trained, with_momentum

TABLE = digits()
X, LABELS = TABLE.valid.x[:23].astype(np.float64), TABLE.valid.y[:23]


def seen(*, batch_norm, activation=Activation.SIGMOID):
    """Return a network of two unequal layers and its weights after an epoch, in float64."""
    network = dense(TABLE, (7, 5), batch_norm=batch_norm, activation=activation)
    training = trained(network, with_momentum(0.1), TABLE.train, 1, seed=3)
    return network, training


@pytest.mark.parametrize("batch_norm", [True, False])
def test_it_sees_what_the_engine_computes(batch_norm):
    """With the batch's statistics for the running ones, the outputs are the engine's."""
    network, training = seen(batch_norm=batch_norm)
    inside = forward(network, parts(network, training.weights.astype(np.float64)), TABLE.train.x)
    if batch_norm:
        mean, variance = training.exact_statistics()
        mine = [np.concatenate([getattr(i, s) for i in inside[:-1]]) for s in ("mean", "variance")]
        # the exact statistics are pooled from batches, each normalised by its own
        assert np.allclose(mine[0][:7], mean[:7], atol=1e-3)
        assert np.allclose(mine[1][:7], variance[:7], rtol=1e-3)
    else:
        assert np.allclose(inside[-1].y, training.outputs(TABLE.train.x), atol=1e-4)


@pytest.mark.parametrize("activation", [Activation.SIGMOID, Activation.RELU, Activation.GELU])
@pytest.mark.parametrize("batch_norm", [True, False])
def test_the_slopes_are_those_of_the_loss(batch_norm, activation):
    """Central differences of the loss, by every kind of weight."""
    network, training = seen(batch_norm=batch_norm, activation=activation)
    weights = training.weights.astype(np.float64)
    layers = parts(network, weights)
    _, slopes = gradient(network, layers, X, LABELS)
    for layer, slope in zip(layers, slopes, strict=True):
        for values, by in zip(layer, slope, strict=True):
            if values is None:
                assert by is None
                continue
            place = (0,) * values.ndim
            start, sides = values[place], []
            for step in (1e-5, -1e-5):
                values[place] = start + step
                sides.append(gradient(network, layers, X, LABELS)[0])
            values[place] = start
            assert (sides[0] - sides[1]) / 2e-5 == pytest.approx(by[place], rel=1e-4, abs=1e-8)


def test_a_change_after_batch_norm_is_seen_by_the_slopes():
    """With y times 3 in the first layer, gamma's slope there is that of the changed loss."""
    network, training = seen(batch_norm=True)
    layers = parts(network, training.weights.astype(np.float64))
    scale = [np.full(7, 3.0), np.ones(5)]

    def change(y, number):
        return y * scale[number] if number < 2 else y

    def loss():
        return gradient(network, layers, X, LABELS, change_y=change, scale=scale)

    _, slopes = loss()
    gamma = layers[0].gamma
    sides = []
    for step in (1e-5, -2e-5):
        gamma[4] += step
        sides.append(loss()[0])
    assert (sides[0] - sides[1]) / 2e-5 == pytest.approx(slopes[0].gamma[4], rel=1e-4)


def test_a_step_down_lowers_the_loss_in_place():
    """The flat array itself is moved."""
    network, training = seen(batch_norm=True)
    weights = training.weights.astype(np.float64)
    layers, start = parts(network, weights), weights.copy()
    before, slopes = gradient(network, layers, X, LABELS)
    descend(layers, slopes, 0.1)
    assert gradient(network, layers, X, LABELS)[0] < before
    assert not np.array_equal(weights, start)
