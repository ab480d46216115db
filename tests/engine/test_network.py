"""A network's description: where its weights lie, how they begin, and what folds away."""

import dataclasses
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.engine.network import (
    MAX_SLOTS,
    MAX_WEIGHTS,
    Activation,
    Network,
    Place,
    fold,
)
from tunesmith.engine.reference import ACTIVATIONS
from tunesmith.engine.whole import parts
from tunesmith.errors import NetworkError
from tunesmith.rng import stream

networks = st.builds(
    Network,
    inputs=st.integers(1, 9),
    hidden=st.lists(st.integers(1, 9), max_size=4).map(tuple),
    outputs=st.integers(1, 9),
    categories=st.lists(st.integers(1, 9), max_size=3).map(tuple),
    batch_norm=st.booleans(),
    bn_place=st.sampled_from(Place),
)

NORMS = {
    "biases": {"batch_norm": False},
    "before": {"bn_place": Place.BEFORE},
    "after": {"bn_place": Place.AFTER},
}
"""Where a network is normalised."""


@pytest.mark.parametrize(
    ("norm", "first", "last"),
    [
        # 15 weights, 5 gammas, 5 betas, then 10 weights and 2 biases
        ("before", (3, 5, 0, -1, 15, 20, 0), (5, 2, 25, 35, -1, -1, -1)),
        # 15 weights, 5 biases, 5 gammas, 5 betas, then 10 and 2
        ("after", (3, 5, 0, 15, 20, 25, 0), (5, 2, 30, 40, -1, -1, -1)),
        # 15 weights and 5 biases, then 10 and 2
        ("biases", (3, 5, 0, 15, -1, -1, -1), (5, 2, 20, 30, -1, -1, -1)),
    ],
)
def test_layers_by_hand(norm, first, last):
    """Where the parts of 3-5-2 lie."""
    layers = Network(inputs=3, hidden=(5,), outputs=2, **NORMS[norm]).layers
    assert [dataclasses.astuple(layer) for layer in layers] == [first, last]


@given(network=networks)
def test_every_weight_has_one_place(network):
    """The layers' parts tile the flat array, the rows of categories follow; statistics likewise."""
    weights, statistics = [], []
    for layer in network.layers:
        weights += range(layer.weight, layer.weight + layer.inputs * layer.units)
        for start in (layer.bias, layer.gamma, layer.beta):
            if start >= 0:
                weights += range(start, start + layer.units)
        if layer.statistics >= 0:
            statistics += range(layer.statistics, layer.statistics + layer.units)
    assert weights == list(range(network.dense_count))
    rows = network.weight_count - network.dense_count
    assert rows == sum(network.categories) * network.widths[1]
    assert statistics == list(range(network.statistics_count))


@given(network=networks)
def test_what_a_layer_has(network):
    """Gamma, beta and statistics where it is normalised; a bias unless batch norm cancels it."""
    *hidden, last = network.layers
    for layer in hidden:
        normalised = {layer.gamma >= 0, layer.beta >= 0, layer.statistics >= 0}
        assert normalised == {network.batch_norm}
        cancelled = network.batch_norm and network.bn_place is Place.BEFORE
        assert (layer.bias >= 0) != cancelled
    assert last.bias >= 0


@given(network=networks)
def test_the_last_layer_is_plain(network):
    """Hidden layers are normalised where batch norm is on; the outputs never are."""
    *hidden, last = network.layers
    assert all((layer.gamma >= 0) == network.batch_norm for layer in hidden)
    assert (last.gamma, last.statistics, last.units) == (-1, -1, network.outputs)
    assert [layer.units for layer in hidden] == list(network.hidden)


VARIANCES = {
    **dict.fromkeys(Activation, (2 / 150, 2 / 90)),
    Activation.SELU: (1 / 150, 1 / 90),
    Activation.SIGMOID: (2 / 240, 2 / 160),
    Activation.TANH: (2 / 240, 2 / 160),
}
"""Of the first two layers of 150-90-70-60: He's 2 / D, LeCun's 1 / D, Glorot's 2 / (D + H)."""


@pytest.mark.parametrize("activation", Activation, ids=lambda a: a.value)
def test_initial_weights_are_spread_as_drawn_up(activation):
    """Each layer's weights have the activation's variance and mean 0; the last has Glorot's."""
    network = Network(inputs=150, hidden=(90, 70), outputs=60, activation=activation)
    weights = network.initial_weights(stream(3, "weights"))
    variances = (*VARIANCES[activation], 2 / 130)
    for layer, variance in zip(network.layers, variances, strict=True):
        w = weights[layer.weight : layer.weight + layer.inputs * layer.units]
        # five standard errors of a variance of n normal numbers
        assert w.var() == pytest.approx(variance, rel=5 * math.sqrt(2 / w.size))
        assert abs(w.mean()) < 5 * math.sqrt(variance / w.size)


@pytest.mark.parametrize("norm", NORMS)
def test_the_rest_begins_at_its_neutral_value(norm):
    """Gamma 1, beta 0, bias 0."""
    network = Network(inputs=4, hidden=(7, 3), outputs=2, **NORMS[norm])
    weights = network.initial_weights(stream(3, "weights"))
    for layer in network.layers:
        part = parts(layer, weights)
        assert part.gamma is None or (part.gamma == 1).all()
        assert part.beta is None or (part.beta == 0).all()
        assert part.bias is None or (part.bias == 0).all()


def test_initial_weights_come_from_the_stream():
    """The same address gives the same weights, another gives others."""
    network = Network(inputs=4, hidden=(7,), outputs=2)
    first, same, other = (network.initial_weights(stream(3, name)) for name in "aab")
    np.testing.assert_array_equal(first, same)
    assert not np.isin(first[: 4 * 7], other).any()


def outputs(network, weights, mean, variance, x):
    """Return the outputs at test time, layer by layer, each normalised where it stands."""
    *hidden, last = (parts(layer, weights.astype(np.float64)) for layer in network.layers)
    for layer, part in zip(network.layers, hidden, strict=False):
        there = slice(layer.statistics, layer.statistics + layer.units)
        x = x @ part.w if part.bias is None else x @ part.w + part.bias
        for place in Place:
            if place is Place.AFTER:
                x = ACTIVATIONS[network.activation][0](x)
            if network.batch_norm and place is network.bn_place:
                x_hat = (x - mean[there]) / np.sqrt(variance[there] + network.bn_epsilon)
                x = part.gamma * x_hat + part.beta
    return x @ last.w + last.bias


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("activation", Activation, ids=lambda a: a.value)
def test_fold(activation, norm):
    """Folded weights give what the layers give with the running statistics, one after another."""
    network = Network(
        inputs=5,
        hidden=(9, 4),
        outputs=3,
        activation=activation,
        bn_epsilon=0.01,
        **NORMS[norm],
    )
    chance = stream(3, "fold", activation.value)
    weights = chance.normal(size=network.weight_count).astype(np.float32)
    mean = chance.normal(size=network.statistics_count).astype(np.float32)
    variance = chance.gamma(2.0, size=network.statistics_count).astype(np.float32)
    x = chance.normal(size=(11, 5))

    folded = fold(network, weights, mean, variance)
    plain = dataclasses.replace(network, batch_norm=False)
    assert (folded.shape, folded.dtype) == ((plain.weight_count,), np.float32)
    expected = outputs(network, weights, mean, variance, x)
    np.testing.assert_allclose(
        outputs(plain, folded, mean, variance, x), expected, rtol=1e-5, atol=2e-5
    )


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
        (
            {"categories": (4, 0)},
            "every count of slots of (4, 0) must be a whole number of 1 or more, got 0",
        ),
        (
            {"categories": (2.5,)},
            "every count of slots of (2.5,) must be a whole number of 1 or more, got 2.5",
        ),
        (
            {"inputs": -1, "categories": (4,)},
            "every width of (-1, 5, 2) must be a whole number of 1 or more, got -1",
        ),
        ({"bn_decay": 1.0}, "bn_decay must lie in [0, 1), got 1.0"),
        ({"bn_decay": -0.1}, "bn_decay must lie in [0, 1), got -0.1"),
        ({"bn_decay": math.nan}, "bn_decay must lie in [0, 1), got nan"),
        ({"bn_epsilon": 0.0}, "bn_epsilon must be a finite number above 0, got 0.0"),
        ({"bn_epsilon": math.inf}, "bn_epsilon must be a finite number above 0, got inf"),
        ({"dropout": 1.0}, "dropout must lie in [0, 1), got 1.0"),
        ({"dropout": -0.2}, "dropout must lie in [0, 1), got -0.2"),
        ({"dropout": math.nan}, "dropout must lie in [0, 1), got nan"),
        ({"bn_group": 0}, "bn_group must be a whole number of 1 or more, got 0"),
        ({"bn_group": 4.0}, "bn_group must be a whole number of 1 or more, got 4.0"),
        ({"bn_group": 1}, "bn_group must be 2 rows or more: one row has no variance"),
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


@pytest.mark.parametrize(
    ("change", "count"),
    [({"inputs": 10**9}, "5,000,000,022"), ({"categories": (MAX_SLOTS, 10**7)}, "133,886,117")],
    ids=["numbers", "categories"],
)
def test_a_network_larger_than_memory_is_refused(change, count, monkeypatch):
    """Before any array is made, and the error says how many weights it would have."""

    def none(*_shape, **_kind):
        raise MemoryError("an array was made")

    for name in ("zeros", "empty", "ones"):
        monkeypatch.setattr(np, name, none)
    sentence = f"has {count} weights, more than 100,000,000: use fewer units or layers$"
    with pytest.raises(NetworkError, match=sentence):
        Network(**{"inputs": 3, "hidden": (5,), "outputs": 2} | change)


def test_the_most_slots():
    """As many as float32 tells apart, since slots stand in x; one more is refused."""
    slots = np.arange(MAX_SLOTS - 3, MAX_SLOTS + 2)
    same = slots.astype(np.float32).astype(np.int64) == slots
    assert same.tolist() == [True] * 4 + [False]
    network = Network(inputs=3, hidden=(), outputs=2, categories=(5, MAX_SLOTS))
    assert network.category_rows == 5 + MAX_SLOTS
    sentence = (
        "a category has 16,777,217 slots, more than 16,777,216: keep the most frequent values "
        "and give the others one slot together"
    )
    with pytest.raises(NetworkError, match=f"^{re.escape(sentence)}$"):
        Network(inputs=3, hidden=(), outputs=2, categories=(5, MAX_SLOTS + 1))


def test_categories_alone_are_inputs():
    """No numbers are needed where there are categories."""
    network = Network(inputs=0, hidden=(5,), outputs=2, categories=(4, 3))
    assert (network.columns, network.category_rows) == (2, 7)
    assert network.layers[0].inputs == 0


@pytest.mark.parametrize("activation", Activation, ids=lambda a: a.value)
@pytest.mark.parametrize("inputs", [0, 28])
def test_rows_of_categories_begin_as_weights_do(inputs, activation):
    """A category counts as one input, however many slots it has; the last slot's row begins at 0.

    Two categories and 28 numbers are 30 inputs.
    """
    network = Network(
        inputs=inputs, hidden=(90,), outputs=3, categories=(61, 83), activation=activation
    )
    weights = network.initial_weights(stream(3, "rows"))
    rows = weights[network.dense_count :].reshape(61 + 83, 90)
    variance = activation.variance(inputs + 2, 90)
    drawn = np.delete(rows, [60, 143], axis=0)
    for values in (drawn, weights[: inputs * 90]) if inputs else (drawn,):
        close = 5 * math.sqrt(2 / values.size)
        assert values.var() == pytest.approx(variance, rel=close)
        assert abs(values.mean()) < 5 * math.sqrt(variance / values.size)
    assert not rows[[60, 143]].any()
    assert drawn.all()


def test_which_slopes_need_the_input():
    """Of silu, gelu and mish the output does not tell the slope: they fall and rise again."""
    needed = {activation for activation in Activation if activation.from_input}
    assert needed == {Activation.SILU, Activation.GELU, Activation.MISH}


def test_numpy_integers_are_widths():
    """A width counted by NumPy is as good as any."""
    network = Network(inputs=np.int64(5), hidden=(np.int64(9), 4), outputs=3)
    assert network.widths == (5, 9, 4, 3)
