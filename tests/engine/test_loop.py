"""The compiled epoch: gradient, batches, updates and folding are those of the reference."""

from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.engine import arrays, kernels, loop, network, reference, whole
from tunesmith.engine.network import Activation, Loss, Network, Place
from tunesmith.engine.optimizers import Optimizer, Rule
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.schedules import Schedule, Shape
from tunesmith.engine.train import Training
from tunesmith.rng import stream

SHAPES = [
    {"inputs": 3, "hidden": (7, 5), "outputs": 4},
    {"inputs": 11, "hidden": (1,), "outputs": 2},
    {"inputs": 5, "hidden": (19, 3, 8), "outputs": 3},
    {"inputs": 4, "hidden": (), "outputs": 3},
]

NORMS = {
    "biases": {"batch_norm": False},
    "before": {"bn_place": Place.BEFORE},
    "after": {"bn_place": Place.AFTER},
    "before, groups": {"bn_place": Place.BEFORE, "bn_group": 4},
    "after, groups": {"bn_place": Place.AFTER, "bn_group": 4},
}
"""Where a network is normalised, and over which rows."""

TOLERANCE = {"rtol": 1e-4, "atol": 1e-5}


def prepared(network, recipe, rows, *address, weighted=False):
    """Return a Training on drawn rows, all its weights drawn too: gammas, betas and biases."""
    chance = stream(5, "loop", *address)
    x = chance.normal(size=(rows, network.inputs)).astype(np.float32)
    if recipe.loss is Loss.CROSS_ENTROPY:
        goal = chance.integers(network.outputs, size=rows)
    else:
        goal = chance.normal(size=(rows, network.outputs)).astype(np.float32)
    weight = chance.exponential(size=rows) if weighted else None
    training = Training(network, recipe, x, goal, weight=weight, seed=5)
    training.weights[:] = chance.normal(size=network.weight_count)
    return training, x.astype(np.float64), goal


def gradient(training, chosen, step=0):
    """Run the compiled gradient of the chosen rows; return the loss."""
    training._arrays.gradient[:] = np.nan  # every entry must be written
    return loop.gradient(
        training._arrays, training._settings, training._data, np.asarray(chosen), step
    )


def masks(training, rows):
    """Return what dropout let through in the last batch, of `rows` rows, and how it scaled it."""
    a = training._arrays
    return [
        a.work[layer[arrays.KEPT] :][: rows * layer[arrays.UNITS]].reshape(rows, -1).copy()
        for layer in a.plan[:-1]
    ]


def agree(training, x, goal, chosen, step=0):
    """Hold loss, gradient and statistics of a batch against the reference, masks and all."""
    network, recipe = training.network, training.recipe
    value = gradient(training, chosen, step)
    kept = None
    if network.dropout > 0:
        kept = [mask > 0 for mask in masks(training, len(chosen))]
    expected = whole.gradient(
        network,
        recipe.loss,
        training.weights.astype(np.float64),
        x[chosen],
        goal[chosen],
        weight=training._data.weight[chosen].astype(np.float64),
        smoothing=recipe.label_smoothing,
        kept=kept,
    )
    assert value == pytest.approx(expected.loss, rel=1e-5)
    made = training._arrays
    results = made.gradient, made.batch[arrays.MEAN], made.batch[arrays.VARIANCE]
    for result, exact in zip(results, expected[1:], strict=True):
        np.testing.assert_allclose(result, exact, rtol=1e-4, atol=1e-4)


def moved(optimizer, rate, step, network, w, g, v, s):
    """Return weights and moments after a step of the reference's optimizer."""
    if optimizer.clip_norm is not None:
        g = reference.clipped(g, optimizer.clip_norm)
    w, beta2, epsilon = w.copy(), optimizer.beta2, optimizer.epsilon
    for layer in network.layers:
        part = whole.parts(layer, w).w
        part[:] = reference.decayed(part, learning_rate=rate, weight_decay=optimizer.weight_decay)
    match optimizer.rule:
        case Rule.SGD:
            w = reference.sgd(w, g, learning_rate=rate)
        case Rule.MOMENTUM | Rule.NESTEROV:
            rule = getattr(reference, optimizer.rule.value)
            w, v = rule(w, g, v, learning_rate=rate, momentum=optimizer.momentum)
        case Rule.RMSPROP:
            w, s = reference.rmsprop(w, g, s, learning_rate=rate, beta2=beta2, epsilon=epsilon)
        case Rule.ADAM | Rule.ADAMW:
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


# --- the gradient --------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", Loss, ids=lambda loss: loss.value)
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("activation", Activation, ids=lambda a: a.value)
def test_gradient(activation, norm, loss):
    """Loss, gradient and batch statistics of rows in any order are the reference's."""
    network = Network(
        inputs=5,
        hidden=(19, 3, 8),
        outputs=3,
        activation=activation,
        bn_epsilon=0.01,  # rows that nearly agree blow rounding errors up
        **NORMS[norm],
    )
    training, x, goal = prepared(network, Recipe(loss=loss, batch_size=31), 31, activation.value)
    agree(training, x, goal, stream(5, "chosen").permutation(31)[:23])  # there is room for more


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: "-".join(map(str, s["hidden"])))
def test_gradient_of_shapes(shape, norm):
    """The same for networks shallow and deep, one unit wide, without hidden layers."""
    training, x, goal = prepared(
        Network(**shape, **NORMS[norm]), Recipe(batch_size=31), 31, "shape"
    )
    agree(training, x, goal, np.arange(31))


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("activation", Activation, ids=lambda a: a.value)
def test_gradient_under_dropout(activation, norm):
    """Given the mask that was drawn, the gradient is the reference's."""
    network = Network(
        inputs=5, hidden=(19, 8), outputs=3, activation=activation, dropout=0.3, **NORMS[norm]
    )
    training, x, goal = prepared(network, Recipe(batch_size=31), 31, activation.value)
    agree(training, x, goal, np.arange(4, 27), step=13)


@pytest.mark.parametrize("loss", Loss, ids=lambda loss: loss.value)
def test_gradient_of_weighted_rows(loss):
    """Each loss, every row counting what it weighs, with softened labels."""
    network = Network(inputs=5, hidden=(7,), outputs=3, activation=Activation.TANH)
    recipe = Recipe(loss=loss, batch_size=31, label_smoothing=0.2)
    training, x, goal = prepared(network, recipe, 31, loss.value, weighted=True)
    agree(training, x, goal, stream(5, "chosen").permutation(31)[:23])


@pytest.mark.parametrize("norm", NORMS)
def test_a_smaller_batch_sees_nothing_of_a_larger_one(norm):
    """What a batch left in the buffers does not reach the next, which has fewer rows."""
    network = Network(inputs=5, hidden=(9, 4), outputs=3, dropout=0.2, **NORMS[norm])
    training, x, goal = prepared(network, Recipe(batch_size=40), 40, "left over")
    gradient(training, np.arange(40))
    agree(training, x, goal, np.arange(7))


@pytest.mark.parametrize("norm", NORMS)
def test_a_network_that_diverged_is_seen(norm):
    """One weight that is NaN makes the loss and every layer's slopes NaN, dropout or not."""
    network = Network(inputs=5, hidden=(9, 4), outputs=3, dropout=0.5, **NORMS[norm])
    training, *_ = prepared(network, Recipe(batch_size=40), 40, "diverged")
    training.weights[: 5 * 9] = np.nan
    assert np.isnan(gradient(training, np.arange(40)))
    for layer in network.layers:
        assert np.isnan(whole.parts(layer, training._arrays.gradient).w).any()


# --- the epoch -----------------------------------------------------------------------------------

EXTRAS = {
    "plain": {},
    "decay": {"weight_decay": 0.7},
    "clip": {"clip_norm": 0.4},
    "both": {"weight_decay": 0.7, "clip_norm": 0.4},
}
"""What may come with any rule."""


@pytest.mark.parametrize("extra", EXTRAS)
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.value)
def test_training_step_by_step(rule, norm, extra):
    """Two epochs of unequal batches: after each step all that changed is the reference's.

    The rate moves from the first batch towards the next epoch, in equal steps. tanh, since a relu
    unit that is on for a whole batch has a dead beta before the next batch norm: a slope of 0,
    whose rounding errors Adam and RMSprop would blow up.
    """
    network = Network(
        inputs=5,
        hidden=(9, 4),
        outputs=3,
        activation=Activation.TANH,
        bn_decay=0.7,
        bn_epsilon=0.01,
        **NORMS[norm],
    )
    optimizer = Optimizer(
        rule=rule, learning_rate=0.02, momentum=0.8, beta2=0.95, epsilon=1e-3, **EXTRAS[extra]
    )
    recipe = Recipe(optimizer=optimizer, batch_size=9)
    training, x, goal = prepared(network, recipe, 31, rule.value)
    made, batches, rates = training._arrays, 4, (0.02, 0.01)  # batches of 7, 8, 8, 8 rows
    w, v, s = training.weights.astype(np.float64), 0, 0
    means = variances = np.zeros(network.statistics_count)
    for epoch, batch in product(range(2), range(batches)):
        order = stream(5, "order", epoch).permutation(31)
        step = epoch * batches + batch
        total = loop.train(
            made,
            training._settings,
            training._data,
            order,
            batches,
            batch,
            batch + 1,
            step,
            rates,
        )
        rows = order[batch * 31 // 4 : (batch + 1) * 31 // 4]
        answer = whole.gradient(network, recipe.loss, w, x[rows], goal[rows])
        rate = 0.02 - 0.0025 * batch
        w, v, s = moved(optimizer, rate, step + 1, network, w, answer.gradient, v, s)
        means = reference.running_average(means, answer.means, 0.7)
        variances = reference.running_average(variances, answer.variances, 0.7)

        assert total == pytest.approx(answer.loss * len(rows), rel=1e-4)
        results = (made.weights, made.first, made.second, made.means, made.variances)
        for result, exact in zip(results, (w, v, s, means, variances), strict=True):
            np.testing.assert_allclose(result, np.broadcast_to(exact, result.shape), **TOLERANCE)


SCHEDULES = [
    Schedule(),
    Schedule(shape=Shape.INVERSE, decay=0.7),
    Schedule(shape=Shape.EXPONENTIAL, decay=0.2),
    Schedule(shape=Shape.STAIRCASE, decay=0.5, stair=2),
    Schedule(shape=Shape.COSINE, epochs=4),
    Schedule(shape=Shape.WARMUP_COSINE, epochs=13),
]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: schedule.shape.value)
def test_schedules_epoch_by_epoch(schedule):
    """Five epochs, beyond the end of cosine: the weights move at the rate that the schedule says.

    Within an epoch a smooth one falls, or climbs, in a straight line to the next epoch's rate.
    """
    network = Network(inputs=5, hidden=(9, 4), outputs=3, activation=Activation.TANH)
    optimizer = Optimizer(rule=Rule.MOMENTUM, learning_rate=0.3)
    recipe = Recipe(optimizer=optimizer, schedule=schedule, batch_size=9)
    training, x, goal = prepared(network, recipe, 31, "schedule")
    w, v = training.weights.astype(np.float64), 0
    order = np.empty(31, dtype=np.int64)
    for epoch in range(5):
        training.train_epoch()
        kernels.shuffle(order, training._order_key, epoch)
        now, later = (0.3 * schedule.factor(epoch + n) for n in (0, 1))
        for batch, rows in enumerate(np.split(order, [7, 15, 23])):
            smooth = schedule.shape in (Shape.COSINE, Shape.WARMUP_COSINE)
            rate = now + (later - now) * batch / 4 if smooth else now
            g = whole.gradient(network, recipe.loss, w, x[rows], goal[rows]).gradient
            w, v, _ = moved(optimizer, rate, 0, network, w, g, v, 0)
        np.testing.assert_allclose(training.weights, w, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.value)
def test_only_weights_decay(rule, norm):
    """A step without gradient takes rate times decay of each w, and nothing of all else."""
    network = Network(inputs=5, hidden=(9, 4), outputs=3, **NORMS[norm])
    optimizer = Optimizer(rule=rule, weight_decay=0.3)
    training, *_ = prepared(network, Recipe(optimizer=optimizer), 31, "decay")
    before = training.weights.copy()
    loop.update(training._arrays, training._settings, 1, 0.2)
    for layer in network.layers:
        was, now = whole.parts(layer, before), whole.parts(layer, training.weights)
        np.testing.assert_allclose(now.w, (1 - 0.2 * 0.3) * was.w, rtol=1e-6)
        for name in ("bias", "gamma", "beta"):
            if getattr(was, name) is not None:
                np.testing.assert_array_equal(getattr(now, name), getattr(was, name))


def test_the_longest_gradient():
    """Clipping looks at the length of the whole gradient, not of a layer's."""
    network = Network(inputs=5, hidden=(9, 4), outputs=3)
    optimizer = Optimizer(rule=Rule.SGD, clip_norm=0.5)
    training, *_ = prepared(network, Recipe(optimizer=optimizer), 31, "clip")
    before = training.weights.astype(np.float64)
    training._arrays.gradient[:] = stream(5, "clip").normal(size=network.weight_count)
    loop.update(training._arrays, training._settings, 1, 1.0)
    assert np.linalg.norm(training.weights - before) == pytest.approx(0.5, rel=1e-5)


def clipped(gradient, norm):
    """Return a whole network's gradient after clipping."""
    network = Network(inputs=5, hidden=(9, 4), outputs=3)
    training, *_ = prepared(network, Recipe(), 31, "clip")
    training._arrays.gradient[:] = gradient
    loop.clip(training._arrays, norm)
    return training._arrays.gradient


GRADIENT = stream(5, "gradient").normal(size=5 * 9 + 9 * 4 + 4 * 3 + 2 * 9 + 2 * 4 + 3)


@pytest.mark.parametrize("norm", [0.3, 3.0, 1e4])
def test_clip(norm):
    """A gradient that is too long is shortened in place, another keeps every bit."""
    g = GRADIENT.astype(np.float32)
    result = clipped(g, norm)
    np.testing.assert_allclose(result, reference.clipped(g, norm), rtol=2e-5, atol=2e-6)
    assert np.array_equal(result, g) == (norm == 1e4)


def test_clip_takes_the_length_in_float64():
    """Squares that float32 cannot hold are no matter."""
    result = clipped(1e30, 3.0)
    np.testing.assert_allclose(result, 3 / np.sqrt(result.size), rtol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_clip_keeps_nan(bad):
    """A gradient that is no number is seen after clipping too."""
    g = GRADIENT.astype(np.float32)
    g[20] = bad
    assert np.flatnonzero(~np.isfinite(clipped(g, 0.3))).tolist() == [20]


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_an_epoch_in_one_call_is_an_epoch_in_several(dropout):
    """Batches 0..3 then 3..7 leave the same bits as 0..7, and the losses add up."""
    network = Network(inputs=5, hidden=(9, 4), outputs=3, dropout=dropout)
    order = stream(5, "order").permutation(47)
    ends = []
    for cuts in ((0, 7), (0, 3, 7)):
        training, *_ = prepared(network, Recipe(batch_size=7), 47, "cuts")
        made = training._arrays
        total = sum(
            loop.train(
                made,
                training._settings,
                training._data,
                order,
                7,
                first,
                last,
                first,
                (0.01, 0.005),
            )
            for first, last in pairwise(cuts)
        )
        ends.append((total, *(array.tobytes() for array in (made.weights, made.means))))
    assert ends[0][0] == pytest.approx(ends[1][0], rel=1e-12)
    assert ends[0][1:] == ends[1][1:]


@settings(max_examples=40)
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
        member[batch, row] = loop.train(*arguments, batches, batch, batch + 1, 0, (0.0, 0.0)) > 0
    assert member.sum(axis=0).tolist() == [1] * rows
    assert np.ptp(member.sum(axis=1)) <= 1


# --- test time -----------------------------------------------------------------------------------


@pytest.mark.parametrize("capacity", [1, 7, 40, 100])
def test_outputs(capacity):
    """Rows taken a few at a time through folded weights, the last few too, are the reference's.

    Nothing is dropped, whatever share is held while training.
    """
    plain = Network(
        inputs=5,
        hidden=(9, 4),
        outputs=3,
        activation=Activation.TANH,
        batch_norm=False,
        dropout=0.4,
    )
    training, x, _ = prepared(plain, Recipe(batch_size=100), 100, "outputs")
    result = np.full((40, 3), np.nan, dtype=np.float32)
    loop.outputs(training._arrays, training._settings, training._data.x[:40], capacity, result)
    a = x[:40]
    for layer in plain.layers:
        part = whole.parts(layer, training.weights.astype(np.float64))
        a = reference.add_bias(reference.linear(a, part.w), part.bias)
        a = a if layer == plain.layers[-1] else reference.tanh(a)
    np.testing.assert_allclose(result, a, **TOLERANCE)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: "-".join(map(str, s["hidden"])))
def test_fold(shape, norm):
    """Folded in place, the weights are those that the description's `fold` gives."""
    described = Network(**shape, bn_epsilon=0.01, **NORMS[norm])
    training, *_ = prepared(described, Recipe(batch_size=31), 31, "fold")
    chance = stream(5, "statistics")
    mean = chance.normal(size=described.statistics_count).astype(np.float32)
    variance = chance.gamma(2.0, size=described.statistics_count).astype(np.float32)
    expected = network.fold(described, training.weights, mean, variance)
    folded = np.full(replace(described, batch_norm=False).weight_count, np.nan, np.float32)
    before = training.weights.copy()
    loop.fold(training._arrays, training._settings, mean, variance, folded)
    np.testing.assert_allclose(folded, expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(training.weights, before)
