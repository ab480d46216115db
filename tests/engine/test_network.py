"""A network's description: where its weights lie, how they begin, and what folds away."""

import dataclasses
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.engine import reference
from tunesmith.engine.network import MAX_WEIGHTS, Activation, Network, fold
from tunesmith.errors import NetworkError
from tunesmith.rng import stream

networks = st.builds(
    Network,
    inputs=st.integers(1, 9),
    hidden=st.lists(st.integers(1, 9), max_size=4).map(tuple),
    outputs=st.integers(1, 9),
    batch_norm=st.booleans(),
)


def test_layers_by_hand():
    """3-5-2 under batch norm: 15 weights, 5 gammas, 5 betas, then 10 weights and 2 biases."""
    first, last = Network(inputs=3, hidden=(5,), outputs=2).layers
    assert dataclasses.astuple(first) == (3, 5, 0, 15, 20, 0)
    assert dataclasses.astuple(last) == (5, 2, 25, -1, 35, -1)


def test_layers_by_hand_without_batch_norm():
    """3-5-2 with biases: 15 weights and 5 biases, then 10 and 2; no gammas, no statistics."""
    first, last = Network(inputs=3, hidden=(5,), outputs=2, batch_norm=False).layers
    assert dataclasses.astuple(first) == (3, 5, 0, -1, 15, -1)
    assert dataclasses.astuple(last) == (5, 2, 20, -1, 30, -1)


@given(network=networks)
def test_every_weight_has_one_place(network):
    """The layers' parts tile the flat array, and the statistics theirs, without gap or overlap."""
    weights, statistics = [], []
    for layer in network.layers:
        weights += range(layer.weight, layer.weight + layer.inputs * layer.units)
        weights += range(layer.shift, layer.shift + layer.units)
        if layer.gamma >= 0:
            weights += range(layer.gamma, layer.gamma + layer.units)
            statistics += range(layer.statistics, layer.statistics + layer.units)
    assert sorted(weights) == list(range(network.weight_count))
    assert statistics == list(range(network.statistics_count))


@given(network=networks)
def test_the_last_layer_is_plain(network):
    """Hidden layers are normalised where batch norm is on; the outputs never are."""
    *hidden, last = network.layers
    assert all((layer.gamma >= 0) == network.batch_norm for layer in hidden)
    assert (last.gamma, last.statistics, last.units) == (-1, -1, network.outputs)
    assert [layer.units for layer in hidden] == list(network.hidden)


@pytest.mark.parametrize("activation", Activation, ids=lambda a: a.value)
def test_initial_weights_are_spread_as_drawn_up(activation):
    """He's variance 2 / D before relu, Glorot's 2 / (D + H) before the others and at the end."""
    network = Network(inputs=150, hidden=(90, 70), outputs=60, activation=activation)
    weights = network.initial_weights(stream(3, "weights"))
    first, second, last = network.layers
    he = activation is Activation.RELU
    expected = [2 / 150 if he else 2 / 240, 2 / 90 if he else 2 / 160, 2 / 130]
    for layer, variance in zip((first, second, last), expected, strict=True):
        w = weights[layer.weight : layer.weight + layer.inputs * layer.units]
        # five standard errors of a variance of n normal numbers
        assert w.var() == pytest.approx(variance, rel=5 * math.sqrt(2 / w.size))
        assert abs(w.mean()) < 5 * math.sqrt(variance / w.size)


def test_the_rest_begins_at_its_neutral_value():
    """Gamma 1, beta 0, bias 0."""
    network = Network(inputs=4, hidden=(7, 3), outputs=2)
    weights = network.initial_weights(stream(3, "weights"))
    for layer in network.layers:
        _, gamma, shift = reference.parts(layer, weights)
        assert gamma is None or (gamma == 1).all()
        assert (shift == 0).all()


def test_initial_weights_come_from_the_stream():
    """The same address gives the same weights, another gives others."""
    network = Network(inputs=4, hidden=(7,), outputs=2)
    first, same, other = (network.initial_weights(stream(3, name)) for name in "aab")
    np.testing.assert_array_equal(first, same)
    assert not np.isin(first[: 4 * 7], other).any()


@pytest.mark.parametrize("batch_norm", [True, False], ids=["batch norm", "biases"])
@pytest.mark.parametrize("activation", Activation, ids=lambda a: a.value)
def test_fold(activation, batch_norm):
    """Folded weights give what the layers give with the running statistics, one after another."""
    network = Network(
        inputs=5,
        hidden=(9, 4),
        outputs=3,
        activation=activation,
        batch_norm=batch_norm,
        bn_epsilon=0.01,
    )
    chance = stream(3, "fold", activation.value)
    weights = chance.normal(size=network.weight_count).astype(np.float32)
    mean = chance.normal(size=network.statistics_count).astype(np.float32)
    variance = chance.gamma(2.0, size=network.statistics_count).astype(np.float32)
    x = chance.normal(size=(11, 5))

    folded = fold(network, weights, mean, variance)
    plain = dataclasses.replace(network, batch_norm=False)
    assert (folded.shape, folded.dtype) == ((plain.weight_count,), np.float32)

    def outputs(network, weights):
        a = x
        for layer in network.layers:
            w, gamma, shift = reference.parts(layer, weights.astype(np.float64))
            y = reference.linear(a, w)
            if gamma is not None:
                there = slice(layer.statistics, layer.statistics + layer.units)
                y = gamma * (y - mean[there]) / np.sqrt(variance[there] + 0.01)
            y = y + shift
            a = y if layer == network.layers[-1] else reference.ACTIVATIONS[activation][0](y)
        return a

    np.testing.assert_allclose(outputs(plain, folded), outputs(network, weights), atol=3e-6)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"inputs": 0}, "every width of (0, 5, 2) must be a whole number of 1 or more, got 0"),
        (
            {"hidden": (5, -3)},
            "every width of (3, 5, -3, 2) must be a whole number of 1 or more, got -3",
        ),
        (
            {"outputs": 2.0},
            "every width of (3, 5, 2.0) must be a whole number of 1 or more, got 2.0",
        ),
        (
            {"hidden": (True,)},
            "every width of (3, True, 2) must be a whole number of 1 or more, got True",
        ),
        ({"bn_decay": 1.0}, "bn_decay must lie in [0, 1), got 1.0"),
        ({"bn_decay": -0.1}, "bn_decay must lie in [0, 1), got -0.1"),
        ({"bn_decay": math.nan}, "bn_decay must lie in [0, 1), got nan"),
        ({"bn_epsilon": 0.0}, "bn_epsilon must be a finite number above 0, got 0.0"),
        ({"bn_epsilon": math.inf}, "bn_epsilon must be a finite number above 0, got inf"),
        (
            {"hidden": (90_000, 7_000)},
            (
                "a network 3-90000-7000-2 has 630,478,002 weights, more than 100,000,000: "
                "use fewer units or layers"
            ),
        ),
    ],
)
def test_a_wrong_network_is_refused(wrong, sentence):
    """The error says which setting, its value and what would do."""
    with pytest.raises(NetworkError, match=f"^{re.escape(sentence)}$"):
        Network(**{"inputs": 3, "hidden": (5,), "outputs": 2} | wrong)


def test_the_largest_network():
    """One weight more than allowed is refused, as many as allowed are not."""
    most = MAX_WEIGHTS // 100 - 1  # inputs and a bias for each of 100 outputs
    assert Network(inputs=most, hidden=(), outputs=100).weight_count == MAX_WEIGHTS
    with pytest.raises(NetworkError, match="has 100,000,100 weights"):
        Network(inputs=most + 1, hidden=(), outputs=100)


def test_activation_codes_are_distinct():
    """Every activation has a code of its own."""
    assert sorted(activation.code for activation in Activation) == [0, 1, 2]


def test_numpy_integers_are_widths():
    """A width counted by NumPy is as good as any."""
    network = Network(inputs=np.int64(5), hidden=(np.int64(9), 4), outputs=3)
    assert network.widths == (5, 9, 4, 3)
