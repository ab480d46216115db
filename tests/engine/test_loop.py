"""The compiled epoch: plan, gradient, batches and updates are those of reference.py."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.engine import loop, reference
from tunesmith.engine.network import Activation, Loss, Network
from tunesmith.engine.optimizers import Optimizer, Rule
from tunesmith.engine.train import Recipe, Training
from tunesmith.rng import stream

SHAPES = [
    {"inputs": 3, "hidden": (7, 5), "outputs": 4},
    {"inputs": 11, "hidden": (1,), "outputs": 2},
    {"inputs": 5, "hidden": (19, 3, 8), "outputs": 3},
    {"inputs": 4, "hidden": (), "outputs": 3},
]
TOLERANCE = {"rtol": 1e-4, "atol": 1e-5}


def prepared(network, recipe, rows, *address):
    """Return a Training on drawn rows, all its weights drawn too: gammas, betas and biases."""
    chance = stream(5, "loop", *address)
    x = chance.normal(size=(rows, network.inputs)).astype(np.float32)
    if recipe.loss is Loss.CROSS_ENTROPY:
        goal = chance.integers(network.outputs, size=rows)
    else:
        goal = chance.normal(size=(rows, network.outputs)).astype(np.float32)
    training = Training(network, recipe, x, goal, seed=5)
    training.weights[:] = chance.normal(size=network.weight_count)
    return training, x.astype(np.float64), goal


def moved(optimizer, step, w, g, v, s):
    """Return weights and moments after a step of the reference's optimizer."""
    rate, beta2, epsilon = optimizer.learning_rate, optimizer.beta2, optimizer.epsilon
    match optimizer.rule:
        case Rule.SGD:
            w = reference.sgd(w, g, learning_rate=rate)
        case Rule.MOMENTUM:
            w, v = reference.momentum(w, g, v, learning_rate=rate, momentum=optimizer.momentum)
        case Rule.RMSPROP:
            w, s = reference.rmsprop(w, g, s, learning_rate=rate, beta2=beta2, epsilon=epsilon)
        case Rule.ADAM:
            w, v, s = reference.adam(
                w,
                g,
                v,
                s,
                step=step,
                learning_rate=rate,
                beta1=optimizer.beta1,
                beta2=beta2,
                epsilon=epsilon,
            )
    return w, v, s


# --- the plan ------------------------------------------------------------------------------------


def test_codes_follow_the_enums():
    """The numbers in the compiled code are the places of the names."""
    activations = {"sigmoid": loop.SIGMOID, "tanh": loop.TANH, "relu": loop.RELU}
    losses = {"cross_entropy": loop.CROSS_ENTROPY, "squared_error": loop.SQUARED_ERROR}
    rules = {
        "sgd": loop.SGD,
        "momentum": loop.MOMENTUM,
        "rmsprop": loop.RMSPROP,
        "adam": loop.ADAM,
    }
    assert {activation.value: activation.code for activation in Activation} == activations
    assert {loss.value: list(Loss).index(loss) for loss in Loss} == losses
    assert {rule.value: rule.code for rule in Rule} == rules


@given(
    hidden=st.lists(st.integers(1, 40), max_size=4).map(tuple),
    inputs=st.integers(1, 40),
    rows=st.integers(1, 70),
    batch_norm=st.booleans(),
)
def test_buffers_do_not_overlap(hidden, inputs, rows, batch_norm):
    """Each intermediate value has aligned room of its own; a layer reads what the last wrote."""
    network = Network(inputs=inputs, hidden=hidden, outputs=3, batch_norm=batch_norm)
    plan, length = loop.plan(network, rows)
    assert plan.shape == (len(hidden) + 1, 9)
    assert plan[0, loop.A] == 0
    assert plan[1:, loop.A].tolist() == plan[:-1, loop.OUT].tolist()
    rooms = {(0, rows * inputs)}
    for layer in plan:
        size = rows * layer[loop.UNITS]
        rooms |= {(int(layer[place]), int(layer[place] + size)) for place in (loop.Z, loop.OUT)}
    assert all(start % loop.ALIGNMENT == 0 for start, _ in rooms)
    assert all(end <= after for (_, end), (after, _) in itertools.pairwise(sorted(rooms)))
    assert max(end for _, end in rooms) <= length
    assert len(rooms) == 1 + len(hidden) * (1 + batch_norm) + 1


# --- the gradient --------------------------------------------------------------------------------


@pytest.mark.parametrize("batch_norm", [True, False], ids=["batch norm", "biases"])
@pytest.mark.parametrize("loss", Loss, ids=lambda loss: loss.value)
@pytest.mark.parametrize("activation", Activation, ids=lambda a: a.value)
@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: "-".join(map(str, s["hidden"])))
def test_gradient(shape, activation, loss, batch_norm):
    """Loss, gradient and batch statistics of rows in any order are the reference's."""
    network = Network(**shape, activation=activation, batch_norm=batch_norm)
    training, x, goal = prepared(network, Recipe(loss=loss, batch_size=31), 31, activation.value)
    chosen = stream(5, "chosen").permutation(31)[:23]  # fewer than there is room for
    expected = reference.gradient(
        network, loss, training.weights.astype(np.float64), x[chosen], goal[chosen]
    )
    arrays = training._arrays
    arrays.gradient[:] = np.nan  # every entry must be written
    value = loop.gradient(arrays, training._settings, training._data, chosen)
    assert value == pytest.approx(expected[0], rel=1e-5)
    results = (arrays.gradient, arrays.batch[0], arrays.batch[1])
    for result, exact in zip(results, expected[1:], strict=True):
        np.testing.assert_allclose(result, exact, **TOLERANCE)


def test_a_smaller_batch_sees_nothing_of_a_larger_one():
    """What a batch left in the buffers does not reach the next, which has fewer rows."""
    network = Network(inputs=5, hidden=(9, 4), outputs=3)
    training, x, goal = prepared(network, Recipe(batch_size=40), 40, "left over")
    arrays, order = training._arrays, np.arange(40)
    loop.gradient(arrays, training._settings, training._data, order)
    loop.gradient(arrays, training._settings, training._data, order[:7])
    weights = training.weights.astype(np.float64)
    expected = reference.gradient(network, Loss.CROSS_ENTROPY, weights, x[:7], goal[:7])[1]
    np.testing.assert_allclose(arrays.gradient, expected, **TOLERANCE)


# --- the epoch -----------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", Loss, ids=lambda loss: loss.value)
@pytest.mark.parametrize("batch_norm", [True, False], ids=["batch norm", "biases"])
@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.value)
def test_training_step_by_step(rule, batch_norm, loss):
    """Two epochs of unequal batches: after each step all that changed is the reference's.

    tanh, since a relu unit that is on for a whole batch has a dead beta before the next batch
    norm: a slope of 0, whose rounding errors Adam and RMSprop would blow up.
    """
    network = Network(
        inputs=5,
        hidden=(9, 4),
        outputs=3,
        activation=Activation.TANH,
        batch_norm=batch_norm,
        bn_decay=0.7,
        bn_epsilon=0.01,
    )
    optimizer = Optimizer(rule=rule, learning_rate=0.02, beta2=0.95, epsilon=1e-4)
    recipe = Recipe(loss=loss, optimizer=optimizer, batch_size=9)
    training, x, goal = prepared(network, recipe, 31, rule.value)
    arrays, batches = training._arrays, 4  # of 7, 8, 8, 8 rows
    w, v, s = training.weights.astype(np.float64), 0, 0
    means = variances = np.zeros(network.statistics_count)
    for epoch, batch in itertools.product(range(2), range(batches)):
        order = stream(5, "order", epoch).permutation(31)
        step = epoch * batches + batch
        total = loop.train(
            arrays,
            training._settings,
            training._data,
            order,
            batches,
            batch,
            batch + 1,
            step,
            optimizer.learning_rate,
        )
        rows = order[batch * 31 // 4 : (batch + 1) * 31 // 4]
        value, g, mean, variance = reference.gradient(network, loss, w, x[rows], goal[rows])
        w, v, s = moved(optimizer, step + 1, w, g, v, s)
        means = reference.running_average(means, mean, 0.7)
        variances = reference.running_average(variances, variance, 0.7)

        assert total == pytest.approx(value * len(rows), rel=1e-4)
        results = (arrays.weights, arrays.first, arrays.second, arrays.means, arrays.variances)
        for result, exact in zip(results, (w, v, s, means, variances), strict=True):
            np.testing.assert_allclose(result, np.broadcast_to(exact, result.shape), **TOLERANCE)


def test_an_epoch_in_one_call_is_an_epoch_in_several():
    """Batches 0..3 then 3..7 leave the same bits as 0..7, and the losses add up."""
    network = Network(inputs=5, hidden=(9, 4), outputs=3)
    order = stream(5, "order").permutation(47)
    ends = []
    for cuts in ((0, 7), (0, 3, 7)):
        training, _, _ = prepared(network, Recipe(batch_size=7), 47, "cuts")
        arrays = training._arrays
        total = sum(
            loop.train(
                arrays, training._settings, training._data, order, 7, first, last, first, 0.01
            )
            for first, last in itertools.pairwise(cuts)
        )
        ends.append((total, *(array.tobytes() for array in (arrays.weights, arrays.means))))
    assert ends[0][0] == pytest.approx(ends[1][0], rel=1e-12)
    assert ends[0][1:] == ends[1][1:]


@settings(max_examples=40, deadline=None)
@given(rows=st.integers(1, 23), data=st.data())
def test_every_row_is_in_one_batch(rows, data):
    """However many batches, each row is in exactly one, and their sizes differ by one at most.

    A network of zeros that does not move has no loss but in the batch of the one row whose
    target is not 0.
    """
    batches = data.draw(st.integers(1, rows), label="batches")
    network = Network(inputs=1, hidden=(), outputs=1, batch_norm=False)
    optimizer = Optimizer(rule=Rule.SGD)
    recipe = Recipe(loss=Loss.SQUARED_ERROR, optimizer=optimizer, batch_size=rows)
    training, _, _ = prepared(network, recipe, rows, "every row")
    training.weights[:] = 0
    order = stream(5, "every row").permutation(rows)
    member = np.zeros((batches, rows), dtype=bool)
    for batch, row in np.ndindex(member.shape):
        training._data.targets[:] = 0
        training._data.targets[row] = 3
        arguments = (training._arrays, training._settings, training._data, order)
        member[batch, row] = loop.train(*arguments, batches, batch, batch + 1, 0, 0.0) > 0
    assert member.sum(axis=0).tolist() == [1] * rows
    assert np.ptp(member.sum(axis=1)) <= 1


@pytest.mark.parametrize("capacity", [1, 7, 40, 100])
def test_outputs(capacity):
    """Rows taken a few at a time through folded weights, the last few too, are the reference's."""
    plain = Network(
        inputs=5, hidden=(9, 4), outputs=3, activation=Activation.TANH, batch_norm=False
    )
    training, x, _ = prepared(plain, Recipe(batch_size=100), 100, "outputs")
    result = np.full((40, 3), np.nan, dtype=np.float32)
    loop.outputs(training._arrays, training._settings, training._data.x[:40], capacity, result)
    a = x[:40]
    for layer in plain.layers:
        w, _, bias = reference.parts(layer, training.weights.astype(np.float64))
        a = reference.add_bias(reference.linear(a, w), bias)
        a = a if layer == plain.layers[-1] else reference.tanh(a)
    np.testing.assert_allclose(result, a, **TOLERANCE)
