"""The whole network in NumPy: its gradient is central differences, whatever the network has."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.engine import reference
from tunesmith.engine.network import Activation, Loss, Network, Place
from tunesmith.engine.whole import gradient, groups, one_hot, one_hot_places, parts, present
from tunesmith.rng import stream

NORMS = {
    "biases": {"batch_norm": False},
    "before": {"bn_place": Place.BEFORE},
    "after": {"bn_place": Place.AFTER},
    "before, groups": {"bn_place": Place.BEFORE, "bn_group": 4},
    "after, groups": {"bn_place": Place.AFTER, "bn_group": 4},
}
"""Where a network is normalised, and over which rows."""

SHAPES = [
    {"inputs": 3, "hidden": (7, 5), "outputs": 4},
    {"inputs": 5, "hidden": (3,), "outputs": 2},
    {"inputs": 2, "hidden": (3, 1, 4), "outputs": 3},
    {"inputs": 4, "hidden": (), "outputs": 3},
    {"inputs": 2, "hidden": (5, 3), "outputs": 3, "categories": (3, 4)},
    {"inputs": 0, "hidden": (4,), "outputs": 2, "categories": (5,)},
    {"inputs": 0, "hidden": (), "outputs": 2, "categories": (1, 3)},
]

CASES = [
    (activation, norm, list(Loss)[(i + j) % len(Loss)])
    for (i, activation), (j, norm) in product(enumerate(Activation), enumerate(NORMS))
]
"""Every activation in every place, and every loss in every place and with every activation."""

SMOOTH = [activation for activation in Activation if "relu" not in activation.value]
"""Those whose slope has no step but selu's, which is small."""


def drawn(network, loss, rows, *address):
    """Draw weights, gammas and betas too, and what is learned from."""
    chance = stream(11, "whole", *address)
    weights = chance.normal(size=network.weight_count)
    x = chance.normal(size=(rows, network.inputs))
    for slots in network.categories:
        x = np.column_stack([x, chance.integers(slots, size=rows)])
    if loss is Loss.CROSS_ENTROPY:
        return weights, x, chance.integers(network.outputs, size=rows)
    return weights, x, chance.normal(size=(rows, network.outputs))


def masks(network, rows, *address):
    """Draw what dropout lets through, for each hidden layer."""
    chance = stream(11, "masks", *address)
    return [chance.random((rows, units)) >= network.dropout for units in network.hidden]


def agree(network, loss, rows, *address, **settings):
    """Hold `gradient` against central differences by every weight."""
    weights, x, goal = drawn(network, loss, rows, *address)
    expected = np.empty_like(weights)
    for place in range(weights.size):
        step = np.zeros_like(weights)
        step[place] = 1e-6
        up, down = (
            gradient(network, loss, weights + sign * step, x, goal, **settings).loss
            for sign in (1, -1)
        )
        expected[place] = (up - down) / 2e-6
    slopes = gradient(network, loss, weights, x, goal, **settings).gradient
    np.testing.assert_allclose(slopes, expected, rtol=1e-5, atol=1e-6)


# --- the gradient --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("activation", "norm", "loss"), CASES, ids=lambda v: getattr(v, "value", v)
)
def test_gradient(activation, norm, loss):
    """Each activation, with biases or normalised before or after it, with dropout's mask given."""
    network = Network(
        inputs=3,
        hidden=(4, 5),
        outputs=2,
        activation=activation,
        bn_epsilon=1e-2,  # rows that nearly agree bend so sharply that differences fail
        dropout=0.3,
        **NORMS[norm],
    )
    kept = masks(network, 9, activation.value)
    agree(network, loss, 9, activation.value, norm, kept=kept)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_gradient_of_shapes(shape, norm):
    """Shallow and deep, one unit wide, without any hidden layer, of categories; no dropout."""
    agree(Network(**shape, **NORMS[norm]), Loss.CROSS_ENTROPY, 7, norm)


@pytest.mark.parametrize("norm", ["biases", "before"])
@pytest.mark.parametrize("loss", Loss, ids=lambda loss: loss.value)
def test_gradient_of_weighted_rows(loss, norm):
    """Each loss, every row counting what it weighs, a row of 0 too, and softened labels."""
    network = Network(inputs=3, hidden=(4,), outputs=3, activation=Activation.TANH, **NORMS[norm])
    weight = stream(11, "weight").exponential(size=7)
    weight[4] = 0
    agree(network, loss, 7, loss.value, weight=weight, smoothing=0.2)


@settings(max_examples=25)
@given(
    inputs=st.integers(1, 4),
    hidden=st.lists(st.integers(1, 4), max_size=3).map(tuple),
    outputs=st.integers(1, 4),
    activation=st.sampled_from(SMOOTH),
    loss=st.sampled_from([loss for loss in Loss if loss is not Loss.ABSOLUTE_ERROR]),
    norm=st.sampled_from(list(NORMS)),
    dropout=st.sampled_from([0.0, 0.3]),
    rows=st.integers(4, 9),
    seed=st.integers(0, 999),
)
def test_gradient_of_any_smooth_network(
    inputs, hidden, outputs, activation, loss, norm, dropout, rows, seed
):
    """The same for whatever depth and widths; a corner such as relu's has no slope."""
    network = Network(
        inputs=inputs,
        hidden=hidden,
        outputs=outputs,
        activation=activation,
        bn_epsilon=1e-2,
        dropout=dropout,
        **NORMS[norm],
    )
    agree(network, loss, rows, seed, kept=masks(network, rows, seed))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("norm", NORMS)
def test_gradient_keeps_the_precision_it_is_given(norm, dtype):
    """float32 in, float32 out: so the same function serves both comparisons."""
    network = Network(inputs=3, hidden=(5,), outputs=2, **NORMS[norm])
    weights, x, goal = drawn(network, Loss.CROSS_ENTROPY, 7)
    _, *results = gradient(
        network, Loss.CROSS_ENTROPY, weights.astype(dtype), x.astype(dtype), goal
    )
    assert [array.dtype for array in results] == [dtype] * 3


# --- categories -----------------------------------------------------------------------------------


def test_one_hot_by_hand():
    """Numbers stay in front; each slot has a column, in the order of categories."""
    network = Network(inputs=2, hidden=(5,), outputs=2, categories=(3, 1, 2))
    x = np.array([[7.5, -1, 2, 0, 1], [0.5, 4, 0, 0, 0]], np.float32)
    wide = one_hot(network, x)
    assert wide.dtype == np.float32
    assert wide.tolist() == [[7.5, -1, 0, 0, 1, 1, 0, 1], [0.5, 4, 1, 0, 0, 1, 1, 0]]


@given(
    inputs=st.integers(0, 4),
    hidden=st.lists(st.integers(1, 4), max_size=2).map(tuple),
    slots=st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple),
)
def test_one_hot_places_tile_the_flat_array(inputs, hidden, slots):
    """Each weight has one place; W's rows are those of numbers, then those of every slot."""
    network = Network(inputs=inputs, hidden=hidden, outputs=3, categories=slots)
    place, units = one_hot_places(network), network.widths[1]
    assert sorted(place) == list(range(network.weight_count))
    first = place[: (inputs + sum(slots)) * units].tolist()
    assert first[: inputs * units] == list(range(inputs * units))
    assert first[inputs * units :] == list(range(network.dense_count, network.weight_count))


def test_a_category_adds_its_row():
    """Without hidden layers the outputs are biases, numbers times weights, and a row a slot."""
    network = Network(inputs=1, hidden=(), outputs=2, categories=(3, 2))
    weights, x, _ = drawn(network, Loss.SQUARED_ERROR, 1, "by hand")
    rows = weights[network.dense_count :].reshape(5, 2)
    slots = x[0, 1:].astype(int)
    outputs = x[0, 0] * weights[:2] + weights[2:4] + rows[slots[0]] + rows[3 + slots[1]]
    answer = gradient(network, Loss.SQUARED_ERROR, weights, x, np.zeros((1, 2)))
    assert answer.loss == pytest.approx(0.5 * np.sum(outputs**2))


# --- rows that share statistics ------------------------------------------------------------------


@given(rows=st.integers(1, 3000), bn_group=st.none() | st.integers(2, 400))
def test_groups(rows, bn_group):
    """They hold every row once, in order, none with one row, none larger than it must be."""
    there = groups(rows, bn_group)
    assert [i for part in there for i in range(rows)[part]] == list(range(rows))
    sizes = [part.stop - part.start for part in there]
    assert max(sizes) - min(sizes) <= 1
    assert min(sizes) >= 2 or rows == 1
    if bn_group is None:
        assert sizes == [rows]
    else:
        assert max(sizes) <= max(bn_group, 3 if bn_group == 2 and rows % 2 else 1)


@pytest.mark.parametrize(
    ("rows", "bn_group", "expected"),
    [(9, 4, [3, 3, 3]), (8, 4, [4, 4]), (5, 2, [2, 3]), (3, 2, [3]), (1, 2, [1]), (7, None, [7])],
)
def test_groups_by_hand(rows, bn_group, expected):
    """9 rows in groups of 4 at most are 3 + 3 + 3, not 4 + 4 + 1."""
    assert [part.stop - part.start for part in groups(rows, bn_group)] == expected


@pytest.mark.parametrize("place", Place, ids=lambda place: place.value)
def test_groups_are_normalised_apart(place):
    """A batch of 11 rows in groups of 4: the slopes are those of the groups' own batches, averaged.

    With one hidden layer nothing but batch norm ties rows together.
    """
    network = Network(inputs=3, hidden=(5,), outputs=2, bn_place=place, bn_group=4)
    weights, x, goal = drawn(network, Loss.SQUARED_ERROR, 11, place.value)
    whole = gradient(network, Loss.SQUARED_ERROR, weights, x, goal)
    alone = [
        gradient(network, Loss.SQUARED_ERROR, weights, x[rows], goal[rows])
        for rows in (slice(0, 3), slice(3, 7), slice(7, 11))
    ]
    rows = np.array([3, 4, 4]) / 11
    assert whole.loss == pytest.approx(np.dot(rows, [answer.loss for answer in alone]))
    np.testing.assert_allclose(
        whole.gradient, rows @ [answer.gradient for answer in alone], atol=1e-12
    )
    for name in ("means", "variances"):
        average = np.mean([getattr(answer, name) for answer in alone], axis=0)
        np.testing.assert_allclose(getattr(whole, name), average, atol=1e-12)


# --- what the gradient means ---------------------------------------------------------------------


@pytest.mark.parametrize("loss", Loss, ids=lambda loss: loss.value)
def test_a_weight_is_a_repeat(loss):
    """Rows of weights 3, 1, 2 and 0 are as many repeats of them, but for the count of rows."""
    network = Network(inputs=3, hidden=(4,), outputs=3, batch_norm=False)
    weights, x, goal = drawn(network, loss, 4, loss.value)
    times = np.array([3, 1, 2, 0])
    weighed = gradient(network, loss, weights, x, goal, weight=times * 4 / 6)
    repeated = gradient(
        network, loss, weights, np.repeat(x, times, axis=0), np.repeat(goal, times, axis=0)
    )
    assert weighed.loss == pytest.approx(repeated.loss)
    np.testing.assert_allclose(weighed.gradient, repeated.gradient, atol=1e-12)


def test_a_unit_that_is_held_learns_nothing():
    """Where dropout holds a unit for the whole batch, no slope reaches its weights."""
    network = Network(inputs=3, hidden=(5,), outputs=2, activation=Activation.TANH, dropout=0.4)
    weights, x, goal = drawn(network, Loss.SQUARED_ERROR, 7)
    kept = np.ones((7, 5), dtype=bool)
    kept[:, 3] = False
    slopes = gradient(network, Loss.SQUARED_ERROR, weights, x, goal, kept=[kept]).gradient
    first, last = (parts(layer, slopes) for layer in network.layers)
    for learned in (first.w.T, first.gamma[:, None], first.beta[:, None], last.w):
        assert (learned != 0).any(axis=1).tolist() == [True, True, True, False, True]


def test_the_statistics_are_those_of_what_is_normalised():
    """Before the activation those of z = a W, after it those of the activation of z + b."""
    for place in Place:
        network = Network(
            inputs=3, hidden=(5,), outputs=2, activation=Activation.SILU, bn_place=place
        )
        weights, x, goal = drawn(network, Loss.SQUARED_ERROR, 7)
        first = parts(network.layers[0], weights)
        z = x @ first.w
        if place is Place.AFTER:
            z = reference.silu(z + first.bias)
        answer = gradient(network, Loss.SQUARED_ERROR, weights, x, goal)
        np.testing.assert_allclose(answer.means, z.mean(axis=0))
        np.testing.assert_allclose(answer.variances, z.var(axis=0))


def test_parts_are_views():
    """What is written to a part is written to the flat array, and nowhere else."""
    network = Network(inputs=3, hidden=(5,), outputs=2, bn_place=Place.AFTER)
    flat = np.zeros(network.weight_count)
    first = parts(network.layers[0], flat)
    first.w[2, 4], first.bias[0], first.gamma[1], first.beta[4] = 1, 2, 3, 4
    assert {int(i): flat[i] for i in np.flatnonzero(flat)} == {14: 1, 15: 2, 21: 3, 29: 4}


def test_a_part_that_is_not_there():
    """Asking for a part that the layer has not is a mistake that is said."""
    with pytest.raises(ValueError, match=r"^this layer has no such part$"):
        present(parts(Network(inputs=3, hidden=(), outputs=2).layers[0], np.zeros(8)).gamma)
