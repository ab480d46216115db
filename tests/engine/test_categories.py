"""Categories are one-hot columns at the cost of a few rows: the same sums, slopes and steps."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.engine import arrays, categories, loop, network, whole
from tunesmith.engine.network import Activation, Loss, Network, Place
from tunesmith.engine.optimizers import Optimizer, Rule
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.train import Training
from tunesmith.rng import stream

NORMS = {
    "biases": {"batch_norm": False},
    "before": {"bn_place": Place.BEFORE},
    "after": {"bn_place": Place.AFTER},
    "before, groups": {"bn_place": Place.BEFORE, "bn_group": 4},
    "after, groups": {"bn_place": Place.AFTER, "bn_group": 4},
}
"""Where a network is normalised, and over which rows."""

SHAPES = {
    "one category": {"inputs": 5, "hidden": (19, 8), "categories": (7,)},
    "three": {"inputs": 3, "hidden": (9,), "categories": (4, 11, 2)},
    "no numbers": {"inputs": 0, "hidden": (9, 4), "categories": (4, 11, 2)},
    "no layers": {"inputs": 3, "hidden": (), "categories": (4, 11)},
    "neither": {"inputs": 0, "hidden": (), "categories": (5,)},
    "a single slot": {"inputs": 2, "hidden": (1, 6), "categories": (1, 3)},
    "wide": {"inputs": 0, "hidden": (203,), "categories": (6,)},
}
SMOOTH = {"activation": Activation.TANH, "bn_epsilon": 0.01, "outputs": 3}
"""Rows that nearly agree, and units at a corner, blow rounding errors up."""

TOLERANCE = {"rtol": 1e-4, "atol": 1e-5}


def table(described, rows, *address, loss=Loss.CROSS_ENTROPY):
    """Draw inputs, numbers and then slots, and a goal."""
    chance = stream(13, "categories", *address)
    numbers = chance.normal(size=(rows, described.inputs))
    slots = [chance.integers(count, size=(rows, 1)) for count in described.categories]
    x = np.hstack([numbers, *slots]).astype(np.float32)
    if loss is Loss.CROSS_ENTROPY:
        return x, chance.integers(described.outputs, size=rows)
    return x, chance.normal(size=(rows, described.outputs)).astype(np.float32)


def begun(described, recipe, x, goal, *, weights=None):
    """Return a training with drawn weights: gammas, betas and biases too."""
    training = Training(described, recipe, x, goal, seed=5)
    drawn = stream(13, "weights").normal(size=described.weight_count)
    training.weights[:] = drawn if weights is None else weights
    return training


def one_hot_of(described):
    """Return the network that has a column for each slot."""
    columns = described.inputs + described.category_rows
    return replace(described, inputs=columns, categories=())


def beside(described, recipe, x, goal):
    """Return two trainings from equal weights: with categories, and with one-hot columns."""
    ours = begun(described, recipe, x, goal)
    place = whole.one_hot_places(described)
    wide = begun(
        one_hot_of(described),
        recipe,
        whole.one_hot(described, x),
        goal,
        weights=ours.weights[place],
    )
    return ours, wide, place


def rows_of(described, flat):
    """Return the part of a flat array that belongs to categories, a row for each slot."""
    return flat[described.dense_count :].reshape(described.category_rows, -1)


def met_by(described, x):
    """Return which rows of weights a batch meets."""
    first = np.cumsum((0, *described.categories))[:-1]
    return np.unique(x[:, described.inputs :].astype(int) + first)


def gradient(training, chosen, step=0):
    """Run the compiled gradient of the chosen rows; return the loss."""
    made = training._arrays
    return loop.gradient(made, training._settings, training._data, np.asarray(chosen), step)


def train(training, order, step, batches=1, batch=0):
    """Make a step of training."""
    return loop.train(
        training._arrays,
        training._settings,
        training._data,
        order,
        batches,
        batch,
        batch + 1,
        step,
        (training.recipe.optimizer.learning_rate,) * 2,
    )


# --- the two kernels ------------------------------------------------------------------------------


@settings(max_examples=60)
@given(
    rows=st.integers(1, 23),
    numbers=st.integers(0, 4),
    slots=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    units=st.integers(1, 40),
    seed=st.integers(0, 99),
)
def test_rows_are_gathered_as_a_product_would(rows, numbers, slots, units, seed):
    """Forward adds the one-hot product to what is there; backward is its slope, and notes rows."""
    described = Network(inputs=numbers, hidden=(units,), outputs=2, categories=tuple(slots))
    x, _ = table(described, rows, seed)
    chance = stream(13, "kernels", seed)
    z, dz = chance.normal(size=(2, rows, units)).astype(np.float32)
    flat = chance.normal(size=(sum(slots), units)).astype(np.float32)
    hot = whole.one_hot(described, x)[:, numbers:].astype(np.float64)
    made = arrays.make_arrays(described, rows).categories

    expected = z + hot @ flat
    categories.add_rows(x, made.first, flat.ravel(), z)
    np.testing.assert_allclose(z, expected, rtol=1e-5, atol=1e-5)

    slopes = np.zeros(flat.size, np.float32)
    for _ in range(2):  # the second time over what the first left
        categories.add_rows_backward(dz, x, made, slopes)
        exact = hot.T @ dz.astype(np.float64)
        np.testing.assert_allclose(slopes.reshape(exact.shape), exact, rtol=1e-4, atol=1e-5)
        met = made.met[1 : made.met[0] + 1]
        assert sorted(met) == np.flatnonzero(hot.any(axis=0)).tolist()
        assert not made.listed.any()


def test_nothing_outside_is_touched(guarded, at_the_edge):
    """The first and the last slot, units that fill no register: all around stays as it was."""
    x = np.array([[7.5, 0, 4], [7.5, 2, 0], [7.5, 2, 4]], np.float32)
    described = Network(inputs=1, hidden=(13,), outputs=2, categories=(3, 5))
    made = arrays.make_arrays(described, 3).categories
    flat = stream(13, "edge").normal(size=8 * 13).astype(np.float32)
    for place in (guarded, at_the_edge):
        z, slopes = place(np.zeros((3, 13), np.float32)), place(np.zeros(8 * 13, np.float32))
        categories.add_rows(place(x), made.first, at_the_edge(flat), z)
        categories.add_rows_backward(at_the_edge(z), at_the_edge(x), made, slopes)
        categories.forget(made.met, slopes, 13)
        assert not slopes.any()
        assert made.met[0] == 0


def test_forget_clears_what_was_met_alone():
    """Rows in the list become 0, others stay, and the list is empty."""
    slopes = np.ones(5 * 13, np.float32)
    met = np.array([2, 4, 1, 3], np.int64)
    categories.forget(met, slopes, 13)
    assert slopes.reshape(5, 13).any(axis=1).tolist() == [True, False, True, True, False]
    assert met[0] == 0


# --- the gradient ---------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", Loss, ids=lambda loss: loss.value)
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("shape", SHAPES)
def test_gradient(shape, norm, loss):
    """Loss, gradient and statistics of a batch are those of one-hot columns in the reference."""
    described = Network(**SHAPES[shape], **SMOOTH, **NORMS[norm])
    x, goal = table(described, 61, shape, loss=loss)
    training = begun(described, Recipe(loss=loss, batch_size=61), x, goal)
    for chosen in (stream(13, "all").permutation(61), np.arange(7, 30)):
        training._arrays.work[:] = np.nan  # what a batch reads, it has written
        value = gradient(training, chosen)
        expected = whole.gradient(
            described,
            loss,
            training.weights.astype(np.float64),
            x[chosen].astype(np.float64),
            goal[chosen],
        )
        assert value == pytest.approx(expected.loss, rel=1e-5)
        made = training._arrays
        results = made.gradient, made.batch[arrays.MEAN], made.batch[arrays.VARIANCE]
        for result, exact in zip(results, expected[1:], strict=True):
            np.testing.assert_allclose(result, exact, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("activation", Activation, ids=lambda a: a.value)
def test_gradient_under_dropout(activation, norm):
    """With every activation, given the mask that was drawn."""
    described = Network(
        **SHAPES["three"] | {"hidden": (9, 6)},
        **SMOOTH | {"activation": activation},
        dropout=0.3,
        **NORMS[norm],
    )
    x, goal = table(described, 23, activation.value)
    training = begun(described, Recipe(batch_size=23), x, goal)
    gradient(training, np.arange(23), 13)
    made = training._arrays
    kept = [
        made.work[layer[arrays.KEPT] :][: 23 * layer[arrays.UNITS]].reshape(23, -1) > 0
        for layer in made.plan[:-1]
    ]
    expected = whole.gradient(
        described,
        Loss.CROSS_ENTROPY,
        training.weights.astype(np.float64),
        x.astype(np.float64),
        goal,
        kept=kept,
    )
    np.testing.assert_allclose(made.gradient, expected.gradient, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("norm", NORMS)
def test_rows_that_are_not_met_have_no_slope(norm):
    """After batches of other rows too: what an earlier batch met is forgotten."""
    described = Network(inputs=2, hidden=(7,), categories=(5, 211), **SMOOTH, **NORMS[norm])
    x, goal = table(described, 40, "met")
    training = begun(described, Recipe(batch_size=40), x, goal)
    for chosen in (np.arange(40), np.arange(3, 12), np.arange(20, 31), np.arange(3, 12)):
        gradient(training, chosen)
        slopes = rows_of(described, training._arrays.gradient)
        met = met_by(described, x[chosen])
        assert np.flatnonzero(slopes.any(axis=1)).tolist() == met.tolist()
        count, *listed = training._arrays.categories.met
        assert sorted(listed[:count]) == met.tolist()


# --- steps ----------------------------------------------------------------------------------------

EXTRAS = {"plain": {}, "clip": {"clip_norm": 0.4}}
"""What leaves the rows that are not met where they are."""


@pytest.mark.parametrize("extra", EXTRAS)
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("shape", SHAPES)
def test_ten_steps_of_sgd_are_those_of_one_hot_columns(shape, norm, extra):
    """Rows that are not met have a gradient of 0, and sgd leaves them: so do we."""
    described = Network(**SHAPES[shape], **SMOOTH, **NORMS[norm])
    optimizer = Optimizer(rule=Rule.SGD, learning_rate=0.05, **EXTRAS[extra])
    x, goal = table(described, 53, shape)
    ours, wide, place = beside(described, Recipe(optimizer=optimizer, batch_size=11), x, goal)
    for step in range(10):
        order = stream(13, "order", step // 5).permutation(53)
        loss = train(ours, order, step, 5, step % 5)
        assert loss == pytest.approx(train(wide, order, step, 5, step % 5), rel=1e-5)
    np.testing.assert_allclose(ours.weights[place], wide.weights, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(
        ours.outputs(x), wide.outputs(whole.one_hot(described, x)), **TOLERANCE
    )


@pytest.mark.parametrize("extra", [*EXTRAS, "decay"])
@pytest.mark.parametrize("norm", ["biases", "before", "after, groups"])
@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.value)
def test_where_every_slot_is_met_all_rules_are_those_of_one_hot_columns(rule, norm, extra):
    """Every slot in every batch: averages, corrections and decay go the same way."""
    described = Network(inputs=2, hidden=(9, 4), categories=(3, 5), **SMOOTH, **NORMS[norm])
    extras = EXTRAS | {"decay": {"weight_decay": 0.7}}
    optimizer = Optimizer(rule=rule, learning_rate=0.02, epsilon=1e-3, **extras[extra])
    x, goal = table(described, 45, "every slot")
    x[:, 2], x[:, 3] = np.arange(45) % 3, np.arange(45) % 5
    ours, wide, place = beside(described, Recipe(optimizer=optimizer, batch_size=15), x, goal)
    for step in range(10):
        train(ours, np.arange(45), step, 3, step % 3)
        train(wide, np.arange(45), step, 3, step % 3)
    for name in ("weights", "first", "second"):
        mine, theirs = (getattr(t._arrays, name) for t in (ours, wide))
        np.testing.assert_allclose(mine[place], theirs, **TOLERANCE)
    assert ours._arrays.categories.steps.tolist() == [10] * 8


@pytest.mark.parametrize("slots", [10, 10_000])
@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.value)
def test_a_row_that_is_not_met_does_not_move(rule, slots):
    """No bit of its weights, moments or slope changes, however many such rows there are."""
    described = Network(inputs=2, hidden=(7,), categories=(slots,), **SMOOTH)
    optimizer = Optimizer(rule=rule, learning_rate=0.02, weight_decay=0.3, clip_norm=0.5)
    x, goal = table(described, 30, "still")
    x[:, 2] = np.where(np.arange(30) < 15, np.arange(30) % 3, 5)  # first 0, 1, 2, then 5 alone
    training = begun(described, Recipe(optimizer=optimizer, batch_size=15), x, goal)
    train(training, np.arange(30), 0, 2, 0)
    names = ("weights", "gradient", "first", "second")
    before = {name: rows_of(described, getattr(training._arrays, name)).copy() for name in names}
    train(training, np.arange(30), 1, 2, 1)
    for name in names:
        now = rows_of(described, getattr(training._arrays, name))
        changed = np.flatnonzero((now != before[name]).any(axis=1)).tolist()
        if name == "gradient":
            assert changed == [0, 1, 2, 5]  # the first three went back to 0
            assert not now[:3].any()
        else:
            assert set(changed) <= {5}
    assert not np.array_equal(rows_of(described, training.weights), before["weights"])
    steps = training._arrays.categories.steps
    assert {n: int(steps[n]) for n in np.flatnonzero(steps)} == {0: 1, 1: 1, 2: 1, 5: 1}


@pytest.mark.parametrize("rule", [Rule.ADAM, Rule.ADAMW], ids=lambda rule: rule.value)
def test_a_row_counts_its_own_steps(rule):
    """Met for the first time at step 8, it moves as at a first step: by the rate, whole."""
    described = Network(inputs=1, hidden=(7,), categories=(6,), **SMOOTH, batch_norm=False)
    optimizer = Optimizer(rule=rule, learning_rate=0.01, epsilon=1e-12)
    x, goal = table(described, 12, "own steps")
    x[:, 1] = np.where(np.arange(12) < 6, 1, 4)
    training = begun(described, Recipe(optimizer=optimizer, batch_size=6), x, goal)
    for step in range(7):
        train(training, np.arange(12), step, 2, 0)
    before = rows_of(described, training.weights).copy()
    train(training, np.arange(12), 7, 2, 1)
    moved = np.abs(rows_of(described, training.weights) - before)
    np.testing.assert_allclose(moved[4], 0.01, rtol=1e-3)
    assert not np.delete(moved, 4, axis=0).any()
    assert training._arrays.categories.steps.tolist() == [0, 7, 0, 0, 1, 0]


def test_the_longest_gradient_holds_the_rows_met():
    """Clipping measures numbers and rows together, once each, and not what is left of others."""
    described = Network(inputs=2, hidden=(7,), categories=(5, 9), **SMOOTH)
    optimizer = Optimizer(rule=Rule.SGD, clip_norm=0.01)
    x, goal = table(described, 40, "clip")
    training = begun(described, Recipe(optimizer=optimizer, batch_size=40), x, goal)
    for chosen in (np.arange(40), np.arange(4)):
        before = training.weights.astype(np.float64)
        gradient(training, chosen)
        assert np.linalg.norm(training._arrays.gradient) > 0.01
        loop.update(training._arrays, training._settings, 1, 1.0)
        assert np.linalg.norm(training.weights - before) == pytest.approx(0.01, rel=1e-3)


# --- going on, and test time ----------------------------------------------------------------------


@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.value)
@pytest.mark.parametrize("shape", SHAPES)
def test_training_goes_on_as_if_it_had_not_stopped(shape, rule):
    """A state holds what the rows need: their weights, moments and counts of steps."""
    described = Network(**SHAPES[shape], **SMOOTH)
    recipe = Recipe(optimizer=Optimizer(rule=rule, learning_rate=0.02), batch_size=9)
    x, goal = table(described, 40, shape)
    undisturbed, first, second = (begun(described, recipe, x, goal) for _ in range(3))
    losses = [undisturbed.train_epoch() for _ in range(5)]
    parts = [first.train_epoch() for _ in range(2)]
    second.train_epoch()  # what it met is in its buffers
    second.restore(first.state())
    assert parts + [second.train_epoch() for _ in range(3)] == losses
    for name, array in undisturbed.state().items():
        assert second.state()[name].tobytes() == array.tobytes()
    assert undisturbed.state()["category_steps"].any()


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("shape", SHAPES)
def test_folded_prediction_is_that_of_one_hot_columns(shape, norm):
    """Folded either way, the rows hold what one-hot columns of the folded network hold."""
    described = Network(**SHAPES[shape], **SMOOTH, **NORMS[norm])
    x, goal = table(described, 60, shape)
    ours, wide, _ = beside(described, Recipe(batch_size=20), x, goal)
    chance = stream(13, "statistics")
    mean = chance.normal(size=described.statistics_count).astype(np.float32)
    variance = chance.gamma(2.0, size=described.statistics_count).astype(np.float32)
    plain = replace(described, batch_norm=False)
    expected = network.fold(one_hot_of(described), wide.weights, mean, variance)
    folded = network.fold(described, ours.weights, mean, variance)
    np.testing.assert_allclose(folded[whole.one_hot_places(plain)], expected, rtol=1e-6, atol=1e-6)
    compiled = np.full(plain.weight_count, np.nan, np.float32)
    loop.fold(ours._arrays, ours._settings, mean, variance, compiled)
    np.testing.assert_allclose(compiled, folded, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(
        ours.outputs(x), wide.outputs(whole.one_hot(described, x)), **TOLERANCE
    )


def test_a_slot_that_was_not_seen_adds_nothing():
    """The last slot's row begins at 0 and stays: a row with it is one without that category."""
    described = Network(inputs=3, hidden=(9, 4), categories=(5,), **SMOOTH)
    x, goal = table(described, 40, "unseen")
    x[:, 3] %= 4
    training = Training(described, Recipe(batch_size=9), x, goal, seed=5)
    for _ in range(3):
        training.train_epoch()
    rows = rows_of(described, training.weights)
    assert rows.any(axis=1).tolist() == [True] * 4 + [False]
    assert training._arrays.categories.steps[4] == 0
    without = Training(replace(described, categories=()), Recipe(), x[:, :3], goal, seed=5)
    without.restore(
        {name: array for name, array in training.state().items() if name != "category_steps"}
        | {name: training.state()[name][: described.dense_count] for name in MOMENTS}
        | {"category_steps": np.zeros(0, np.int64)}
    )
    unseen = x.copy()
    unseen[:, 3] = 4
    np.testing.assert_allclose(training.outputs(unseen), without.outputs(x[:, :3]), **TOLERANCE)
    assert not np.allclose(training.outputs(x), without.outputs(x[:, :3]))


MOMENTS = ("weights", "first", "second")
"""Flat arrays that end with the categories' rows."""


def test_categories_are_learned():
    """A goal that hangs on two categories together is read off slots alone."""
    described = Network(inputs=0, hidden=(31,), outputs=2, categories=(6, 8))
    chance = stream(13, "learned")
    x = np.column_stack([chance.integers(5, size=900), chance.integers(7, size=900)])
    goal = (x[:, 0] * x[:, 1] % 3 == 1).astype(int)
    recipe = Recipe(optimizer=Optimizer(learning_rate=0.02), batch_size=30)
    training = Training(described, recipe, x[:700], goal[:700], seed=3)
    for _ in range(25):
        training.train_epoch()
    assert (training.outputs(x[700:]).argmax(axis=1) == goal[700:]).mean() > 0.97
