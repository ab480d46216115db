"""Training: batches, resuming, chance, prediction, and what it refuses."""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from sklearn.datasets import load_digits

from tunesmith.blas import one_blas_thread
from tunesmith.engine import kernels, loop, reference, train, whole
from tunesmith.engine.network import Activation, Loss, Network, Place, Statistics, fold
from tunesmith.engine.optimizers import Optimizer, Rule
from tunesmith.engine.predict import Predictor
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.schedules import Schedule, Shape
from tunesmith.engine.train import Training, warm_up
from tunesmith.errors import Interrupted, NetworkError
from tunesmith.rng import stream

NETWORK = Network(inputs=5, hidden=(9, 4), outputs=3)
MIXED = Network(inputs=3, hidden=(9, 4), outputs=3, categories=(4, 6))
"""Three numbers, then two categories."""
ROWS = 47

NORMS = {
    "biases": {"batch_norm": False},
    "before": {"bn_place": Place.BEFORE},
    "after": {"bn_place": Place.AFTER},
    "before, groups": {"bn_place": Place.BEFORE, "bn_group": 4},
    "after, groups": {"bn_place": Place.AFTER, "bn_group": 4},
}
"""Where a network is normalised, and over which rows."""

EVERYTHING = {
    "network": {"activation": Activation.GELU, "bn_place": Place.AFTER, "bn_group": 4}
    | {"dropout": 0.3},
    "optimizer": {"rule": Rule.ADAMW, "weight_decay": 0.1, "clip_norm": 0.7},
    "schedule": {"shape": Shape.COSINE, "epochs": 8},
    "recipe": {"label_smoothing": 0.1},
}
"""Settings that leave none at its default."""

RATES = {
    Rule.SGD: 0.3,
    Rule.MOMENTUM: 0.3,
    Rule.NESTEROV: 0.3,
    Rule.RMSPROP: 0.003,
    Rule.ADAM: 0.01,
    Rule.ADAMW: 0.01,
}
"""Learning rates that suit the rules."""

STILL = Optimizer(rule=Rule.SGD, learning_rate=1e-30)
"""Weights that do not move."""


@pytest.fixture(scope="module")
def digits():
    """Return 1,797 handwritten digits: pixels in [0, 1] and labels, in shuffled order."""
    x, labels = load_digits(return_X_y=True)
    order = stream(3, "digits").permutation(len(x))
    return (x[order] / 16).astype(np.float32), labels[order]


def table(network=NETWORK, rows=ROWS, loss=Loss.CROSS_ENTROPY):
    """Draw a table to train on: numbers, then slots."""
    chance = stream(7, "table", rows)
    x = chance.normal(size=(rows, network.inputs)).astype(np.float32)
    for slots in network.categories:
        x = np.column_stack([x, chance.integers(slots, size=rows).astype(np.float32)])
    if loss is Loss.CROSS_ENTROPY:
        return x, chance.integers(network.outputs, size=rows)
    return x, chance.uniform(size=(rows, network.outputs)).astype(np.float32)


def begun(network=NETWORK, recipe=None, seed=7, path=("trial", 3), data=None, weight=None):
    """Return a Training that has not trained yet."""
    recipe = recipe or Recipe(batch_size=9)
    data = data or table(network)
    return Training(network, recipe, *data, weight=weight, seed=seed, path=path)


def order_of(training, epoch):
    """Return the rows in the order of an epoch."""
    order = np.empty(len(training._data.x), dtype=np.int64)
    kernels.shuffle(order, training._order_key, epoch)
    return order


def bits(training):
    """Return the whole state as bytes."""
    return {name: array.tobytes() for name, array in training.state().items()}


def test_steps_are_counted():
    """An epoch of 47 rows in batches of 9 at most is six steps."""
    training = begun()
    training.train_epoch()
    training.train_epoch()
    assert (training.epoch, training.step) == (2, 12)


# --- an epoch -------------------------------------------------------------------------------------


@pytest.mark.parametrize("norm", NORMS)
def test_the_loss_of_an_epoch_is_a_mean_over_rows(norm):
    """In one batch it is the loss of the first weights; in several it weighs each by its rows."""
    network = Network(inputs=5, hidden=(9, 4), outputs=3, **NORMS[norm])
    x, labels = table()
    for batch_size in (ROWS, 9):
        training = begun(network, Recipe(optimizer=STILL, batch_size=batch_size))
        weights = training.weights.astype(np.float64)
        order = order_of(training, 0)
        # 47 rows are 47, or 7 + 8 + 8 + 8 + 8 + 8
        batches = np.split(order, [7, 15, 23, 31, 39] if batch_size == 9 else [])
        losses = [
            len(rows)
            * whole.gradient(network, Loss.CROSS_ENTROPY, weights, x[rows], labels[rows]).loss
            for rows in batches
        ]
        assert training.train_epoch() == pytest.approx(sum(losses) / ROWS, rel=1e-5)


@pytest.mark.parametrize("shape", Shape, ids=lambda shape: shape.value)
def test_the_rates_of_an_epoch_are_the_schedules(shape, monkeypatch):
    """Each epoch is given its first rate and the next epoch's, as numbers of one kind."""
    schedule = Schedule(shape=shape, decay=0.25, stair=2, epochs=3)
    recipe = Recipe(optimizer=Optimizer(learning_rate=1), schedule=schedule, batch_size=9)
    training, given_rates = begun(recipe=recipe), []
    monkeypatch.setattr(loop, "train", lambda *given: given_rates.append(given[-1]) or 0.0)
    for _ in range(5):
        training.train_epoch()
    assert given_rates == [schedule.rates(1.0, epoch, epoch + 1) for epoch in range(5)]
    assert {type(rate) for rates in given_rates for rate in rates} == {float}


def test_an_epoch_may_hurry_through_the_schedule(monkeypatch):
    """The rate falls by several epochs' worth; the next goes on from there."""
    schedule = Schedule(shape=Shape.COSINE, epochs=6)
    recipe = Recipe(optimizer=Optimizer(learning_rate=1), schedule=schedule, batch_size=9)
    training, given_rates = begun(recipe=recipe), []
    monkeypatch.setattr(loop, "train", lambda *given: given_rates.append(given[-1]) or 0.0)
    for pace in (1.0, 3.5, 1.5):
        training.train_epoch(pace=pace)
    assert given_rates == [schedule.rates(1.0, *ends) for ends in ((0, 1), (1, 4.5), (4.5, 6))]
    assert (training.epoch, training.place) == (3, 6.0)


def test_long_epochs_are_cut_into_calls(monkeypatch):
    """Several compiled calls for an epoch, so that a stop is heard, train as one would."""
    whole, cut = begun(), begun()
    losses = [whole.train_epoch() for _ in range(2)]
    calls = []
    monkeypatch.setattr(train, "FLOPS_PER_CALL", 6 * NETWORK.weight_count * 17)
    compiled = loop.train
    monkeypatch.setattr(loop, "train", lambda *given: calls.append(given[5:7]) or compiled(*given))
    assert [cut.train_epoch() for _ in range(2)] == pytest.approx(losses, rel=1e-12)
    assert bits(cut) == bits(whole)
    assert calls == [(0, 2), (2, 4), (4, 6)] * 2


def test_training_is_stopped_between_calls(monkeypatch):
    """A stop is heard after the first call; an earlier state then trains as if nothing was."""
    whole, stopped = begun(), begun()
    for _ in range(2):
        whole.train_epoch()
    stopped.train_epoch()
    state = stopped.state()
    monkeypatch.setattr(train, "FLOPS_PER_CALL", 6 * NETWORK.weight_count * 17)
    asked = []
    with pytest.raises(Interrupted):
        stopped.train_epoch(lambda: asked.append(stopped.step) or len(asked) == 2)
    assert asked == [6 + 2, 6 + 4]
    stopped.restore(state)
    stopped.train_epoch()
    assert bits(stopped) == bits(whole)


@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.value)
@pytest.mark.parametrize("activation", Activation, ids=lambda a: a.value)
def test_every_rule_lowers_the_loss(activation, rule, digits):
    """With every activation, five epochs bring the loss below three quarters of the first."""
    x, labels = digits
    network = Network(inputs=64, hidden=(23,), outputs=10, activation=activation)
    recipe = Recipe(optimizer=Optimizer(rule=rule, learning_rate=RATES[rule]), batch_size=50)
    training = Training(network, recipe, x[:800], labels[:800], seed=3)
    losses = [training.train_epoch() for _ in range(5)]
    assert losses[-1] < 0.75 * losses[0]


@pytest.mark.parametrize("dropout", [0.0, 0.2])
@pytest.mark.parametrize("norm", ["biases", "before", "after"])
def test_digits_are_learned(norm, dropout, digits):
    """Twelve epochs of a small network read more than 93 % of the digits it has not seen."""
    x, labels = digits
    network = Network(inputs=64, hidden=(41, 27), outputs=10, dropout=dropout, **NORMS[norm])
    schedule = Schedule(shape=Shape.WARMUP_COSINE, epochs=12)
    optimizer = Optimizer(learning_rate=0.01)
    recipe = Recipe(optimizer=optimizer, schedule=schedule, batch_size=48)
    training = Training(network, recipe, x[:1300], labels[:1300], seed=3)
    for _ in range(12):
        training.train_epoch()
    right = training.outputs(x[1300:]).argmax(axis=1) == labels[1300:]
    assert right.mean() > 0.93


@pytest.mark.parametrize("loss", [Loss.SQUARED_ERROR, Loss.ABSOLUTE_ERROR, Loss.HUBER])
def test_numbers_are_learned(loss):
    """One target: whatever the loss, a smooth function is followed on rows not seen."""
    x = stream(3, "smooth").uniform(-1, 1, size=(700, 3)).astype(np.float32)
    target = np.sin(3 * x[:, 0]) + x[:, 1] * x[:, 2]
    network = Network(inputs=3, hidden=(31, 17), outputs=1, activation=Activation.TANH)
    recipe = Recipe(loss=loss, optimizer=Optimizer(learning_rate=0.01), batch_size=30)
    training = Training(network, recipe, x[:600], target[:600], seed=3)
    for _ in range(30):
        training.train_epoch()
    error = training.outputs(x[600:])[:, 0] - target[600:]
    assert np.mean(error**2) < 0.1 * target.var()


def test_divergence_is_seen_in_the_epoch_it_happens():
    """A learning rate of 10,000 gives a loss that is not finite, and no warning."""
    network = Network(inputs=5, hidden=(9, 4), outputs=3, batch_norm=False)
    recipe = Recipe(
        loss=Loss.SQUARED_ERROR,
        optimizer=Optimizer(rule=Rule.SGD, learning_rate=1e4),
        batch_size=3,
    )
    training = begun(network, recipe, data=table(loss=Loss.SQUARED_ERROR))
    assert not math.isfinite(training.train_epoch())
    assert not math.isfinite(training.train_epoch())
    assert not np.isfinite(training.outputs(table()[0])).any()


# --- resuming and chance --------------------------------------------------------------------------


def resumed(network, recipe, folder, weight=None):
    """Hold three epochs, a file, a new Training and six more against nine in one go."""
    with one_blas_thread():
        undisturbed = begun(network, recipe, weight=weight)
        losses = [undisturbed.train_epoch() for _ in range(9)]
        first = begun(network, recipe, weight=weight)
        parts = [first.train_epoch() for _ in range(3)]
        save_file(first.state(), folder / "state.safetensors")
        second = begun(network, recipe, weight=weight)
        second.restore(load_file(folder / "state.safetensors"))
        parts += [second.train_epoch() for _ in range(6)]
    assert parts == losses
    assert bits(second) == bits(undisturbed)
    x, _ = table(network)
    assert second.outputs(x).tobytes() == undisturbed.outputs(x).tobytes()


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.value)
def test_training_goes_on_as_if_it_had_not_stopped(rule, norm, tmp_path):
    """With each rule, normalised anywhere: every bit of weights, losses and outputs."""
    network = Network(inputs=5, hidden=(9, 4), outputs=3, **NORMS[norm])
    schedule = Schedule(shape=Shape.INVERSE, decay=0.1)
    optimizer = Optimizer(rule=rule, learning_rate=0.01)
    resumed(network, Recipe(optimizer=optimizer, schedule=schedule, batch_size=9), tmp_path)


@pytest.mark.parametrize("shape", Shape, ids=lambda shape: shape.value)
def test_training_with_everything_goes_on(shape, tmp_path):
    """The same with dropout, groups, decay, clipping, smoothing, row weights and each schedule."""
    network = Network(inputs=5, hidden=(9, 4), outputs=3, **EVERYTHING["network"])
    recipe = Recipe(
        optimizer=Optimizer(learning_rate=0.01, **EVERYTHING["optimizer"]),
        schedule=Schedule(shape=shape, decay=0.2, stair=2, epochs=8),
        batch_size=9,
        **EVERYTHING["recipe"],
    )
    resumed(network, recipe, tmp_path, weight=np.arange(1, ROWS + 1))


def test_a_state_is_a_copy():
    """What was taken does not change when training goes on, nor what was given."""
    training = begun()
    training.train_epoch()
    state = training.state()
    kept = {name: array.copy() for name, array in state.items()}
    other = begun()
    other.restore(state)
    training.train_epoch()
    other.train_epoch()
    for name, array in state.items():
        np.testing.assert_array_equal(array, kept[name])


@pytest.mark.parametrize("change", ["another shape", "left out"])
@pytest.mark.parametrize(
    "name", ["weights", "first", "second", "means", "variances", "category_steps", "progress"]
)
def test_a_state_of_another_network_is_refused(name, change):
    """The error names what differs, and nothing has been changed."""
    training = begun(MIXED)
    before = bits(training)
    state = {key: array + 1 for key, array in training.state().items()}
    if change == "left out":
        del state[name]
    else:
        state[name] = state[name][1:]
    with pytest.raises(
        NetworkError, match=f"^this state is of another network or recipe: {name} differs$"
    ):
        training.restore(state)
    assert bits(training) == before


def test_threads_change_nothing():
    """Two trainings side by side end with the bits of two in sequence."""
    data = table(rows=1201)
    paths = [("trial", 3), ("trial", 4)]

    def trained(path):
        training = begun(path=path, data=data)
        losses = [training.train_epoch() for _ in range(30)]
        return losses, bits(training), training.outputs(data[0]).tobytes()

    with one_blas_thread():
        in_sequence = [trained(path) for path in paths]
        with ThreadPoolExecutor(2) as pool:
            side_by_side = list(pool.map(trained, paths))
    assert side_by_side == in_sequence
    assert in_sequence[0] != in_sequence[1]


@pytest.mark.parametrize("after", [0, 1], ids=["first weights", "after an epoch"])
def test_chance_has_an_address(after):
    """The same seed and path give the same network, another seed or path another."""
    network = Network(inputs=5, hidden=(9, 4), outputs=3, dropout=0.3)
    results = []
    with one_blas_thread():
        for seed, path in [(7, ("a", 3)), (7, ("a", 3)), (8, ("a", 3)), (7, ("a", 4)), (7, ())]:
            training = begun(network, seed=seed, path=path)
            for _ in range(after):
                training.train_epoch()
            results.append(training.state()["weights"].tobytes())
    assert results[0] == results[1]
    assert len(set(results)) == 4


def test_every_epoch_has_an_order_of_its_own():
    """The same weights and rows in another epoch are trained in another order."""
    trainings = [begun(), begun()]
    trainings[1].epoch = 1
    for training in trainings:
        training.train_epoch()
    assert bits(trainings[0])["weights"] != bits(trainings[1])["weights"]


# --- running averages and prediction --------------------------------------------------------------


def test_before_training_nothing_is_normalised():
    """Mean 0 and variance 1 until the first step."""
    mean, variance = begun().statistics()
    assert mean.tolist() == [0] * 13
    assert variance.tolist() == [1] * 13


@pytest.mark.parametrize("norm", ["before", "after", "before, groups"])
@pytest.mark.parametrize("decay", [0.0, 0.9, 0.999])
def test_statistics_of_equal_batches_are_those_of_the_batch(decay, norm):
    """One batch an epoch and weights that stand still: exact from the first step on."""
    network = Network(inputs=5, hidden=(9, 4), outputs=3, bn_decay=decay, **NORMS[norm])
    training = begun(network, Recipe(optimizer=STILL, batch_size=ROWS))
    x, labels = table()
    weights = training.weights.astype(np.float64)
    for epoch in range(5):
        training.train_epoch()
        if epoch == 0 or network.bn_group is None:  # else other rows share a group
            rows = order_of(training, epoch)
            expected = whole.gradient(network, Loss.CROSS_ENTROPY, weights, x[rows], labels[rows])[
                2:
            ]
            for result, exact in zip(training.statistics(), expected, strict=True):
                np.testing.assert_allclose(result, exact, rtol=5e-5, atol=1e-5)


@pytest.mark.parametrize("bn_group", [None, 2, 4, 30])
@pytest.mark.parametrize("batch_size", [1, 9, ROWS])
@pytest.mark.parametrize("activation", [Activation.RELU, Activation.SIGMOID, Activation.MISH])
@pytest.mark.parametrize("place", Place, ids=lambda place: place.value)
def test_exact_statistics_are_the_populations(place, activation, batch_size, bn_group):
    """Of one layer: mean and variance over all rows, however these are cut; nothing is dropped."""
    network = Network(
        inputs=5,
        hidden=(9,),
        outputs=3,
        activation=activation,
        bn_place=place,
        bn_group=bn_group,
        dropout=0.4,
    )
    x, labels = table()
    x += np.float32(3)  # the mean is far larger than the deviation
    training = begun(network, Recipe(batch_size=batch_size), data=(x, labels))
    training.train_epoch()
    layer = whole.parts(network.layers[0], training.weights.astype(np.float64))
    z = x.astype(np.float64) @ layer.w
    if place is Place.AFTER:
        z = reference.ACTIVATIONS[activation][0](z + layer.bias)
    mean, variance = training.exact_statistics()
    assert (mean.dtype, variance.dtype) == (np.float32, np.float32)
    np.testing.assert_allclose(mean, z.mean(axis=0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(variance, z.var(axis=0), rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize("place", Place, ids=lambda place: place.value)
def test_exact_statistics_of_deep_networks(place, dropout):
    """Each batch goes through by its own statistics: what a layer gets is what it got training."""
    network = Network(inputs=5, hidden=(9, 4, 6), outputs=3, bn_place=place, dropout=dropout)
    training = begun(network, Recipe(batch_size=16))
    training.train_epoch()
    x, labels = table()
    weights = training.weights.astype(np.float64)
    answers = [
        whole.gradient(network, Loss.CROSS_ENTROPY, weights, x[rows], labels[rows])
        for rows in (slice(0, 15), slice(15, 31), slice(31, 47))
    ]
    share = np.array([15, 16, 16]) / 47
    mean = share @ [answer.means for answer in answers]
    spread = share @ [answer.variances + answer.means**2 for answer in answers] - mean**2
    for result, exact in zip(training.exact_statistics(), (mean, spread), strict=True):
        np.testing.assert_allclose(result, exact, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("place", Place, ids=lambda place: place.value)
def test_exact_statistics_of_equal_batches_are_the_running_averages(place):
    """Where each batch is all rows and the weights stand still, the two agree."""
    network = Network(inputs=5, hidden=(9, 4), outputs=3, bn_place=place)
    training = begun(network, Recipe(optimizer=STILL, batch_size=ROWS))
    for _ in range(3):
        training.train_epoch()
    for exact, average in zip(training.exact_statistics(), training.statistics(), strict=True):
        np.testing.assert_allclose(exact, average, rtol=5e-5, atol=1e-5)


@pytest.mark.parametrize("described", [NETWORK, MIXED], ids=["numbers", "categories"])
@pytest.mark.parametrize("norm", ["before", "after", "after, groups"])
def test_outputs_use_exact_statistics_where_asked(norm, described):
    """With `exact`, statistics and outputs are those of all rows; training itself is the same."""
    exact = replace(described, bn_stats=Statistics.EXACT, **NORMS[norm])
    average = replace(exact, bn_stats=Statistics.EMA)
    ours, other = begun(exact), begun(average)
    for _ in range(2):
        ours.train_epoch()
        other.train_epoch()
    assert bits(ours) == bits(other)
    for mine, theirs in zip(ours.statistics(), other.exact_statistics(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    x, _ = table(described, 60)
    folded = fold(average, other.weights, *other.exact_statistics())
    expected = Predictor(exact).outputs(folded, x)
    np.testing.assert_allclose(ours.outputs(x), expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(ours.folded(), folded)
    assert not np.allclose(ours.outputs(x), other.outputs(x), rtol=1e-3)


@pytest.mark.parametrize("place", Place, ids=lambda place: place.value)
def test_exact_statistics_with_categories(place):
    """Of one layer: mean and variance over all rows of what one-hot columns would give."""
    network = Network(
        inputs=3,
        hidden=(9,),
        outputs=3,
        categories=(4, 6),
        activation=Activation.SIGMOID,
        bn_place=place,
        bn_stats=Statistics.EXACT,
    )
    training = begun(network)
    training.train_epoch()
    x, labels = table(network)
    weights = training.weights.astype(np.float64)
    answer = whole.gradient(network, Loss.CROSS_ENTROPY, weights, x, labels)
    mean, variance = training.statistics()
    np.testing.assert_allclose(mean, answer.means, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(variance, answer.variances, rtol=2e-5, atol=1e-6)


def test_exact_statistics_do_not_disturb_training():
    """A network that is asked after each epoch trains as one that is not."""
    network = Network(inputs=5, hidden=(9, 4), outputs=3, **EVERYTHING["network"])
    with one_blas_thread():
        quiet, asked = begun(network), begun(network)
        for _ in range(3):
            quiet.train_epoch()
            asked.train_epoch()
            asked.exact_statistics()
    assert bits(asked) == bits(quiet)


def test_a_unit_that_stands_still_has_variance_0():
    """However far from 0 it stands, its variance does not fall below 0."""
    network = Network(inputs=5, hidden=(9,), outputs=3, activation=Activation.TANH)
    x, labels = table()
    x[:] = 1234.567
    mean, variance = begun(network, data=(x, labels)).exact_statistics()
    assert (variance >= 0).all()
    np.testing.assert_allclose(variance, 0, atol=1e-3 * np.abs(mean).max())


@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize("activation", [Activation.RELU, Activation.GELU])
@pytest.mark.parametrize("norm", NORMS)
def test_outputs_use_the_running_averages(norm, activation, dropout):
    """Prediction is the network with running means and variances, layer by layer, undropped."""
    network = Network(
        inputs=5, hidden=(9, 4), outputs=3, activation=activation, dropout=dropout, **NORMS[norm]
    )
    training = begun(network)
    for _ in range(3):
        training.train_epoch()
    x, _ = table()
    mean, variance = training.statistics()
    a = x.astype(np.float64)
    for layer in network.layers:
        there = slice(layer.statistics, layer.statistics + layer.units)
        part = whole.parts(layer, training.weights.astype(np.float64))
        a = a @ part.w if part.bias is None else a @ part.w + part.bias
        for place in Place if layer != network.layers[-1] else ():
            if place is Place.AFTER:
                a = reference.ACTIVATIONS[activation][0](a)
            if network.batch_norm and place is network.bn_place:
                a_hat = (a - mean[there]) / np.sqrt(variance[there] + network.bn_epsilon)
                a = part.gamma * a_hat + part.beta
    np.testing.assert_allclose(training.outputs(x), a, rtol=1e-4, atol=1e-5)


def test_predicting_does_not_disturb_training():
    """A network that is asked after each epoch trains as one that is not."""
    x, _ = table()
    with one_blas_thread():
        quiet, asked = begun(), begun()
        for _ in range(3):
            quiet.train_epoch()
            asked.train_epoch()
            asked.outputs(x)
    assert bits(asked) == bits(quiet)


def test_outputs_follow_the_weights():
    """What is predicted after another epoch is not what was predicted before it."""
    training = begun()
    x, _ = table()
    results = []
    for _ in range(3):
        training.train_epoch()
        results.append(training.outputs(x))
    assert all(not np.allclose(before, after) for before, after in pairwise(results))


# --- row weights ----------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", Loss, ids=lambda loss: loss.value)
@pytest.mark.parametrize("rule", [Rule.SGD, Rule.NESTEROV, Rule.ADAM], ids=lambda r: r.value)
def test_a_weight_is_a_repeat(rule, loss):
    """Rows of weights 0 to 3 train as that many repeats of them, in one batch an epoch."""
    network = Network(
        inputs=5, hidden=(9, 4), outputs=3, activation=Activation.TANH, batch_norm=False
    )
    times = np.arange(ROWS) % 4
    x, goal = table(loss=loss)
    recipe = Recipe(
        loss=loss, optimizer=Optimizer(rule=rule, learning_rate=0.05, epsilon=1e-3), batch_size=500
    )
    weighed = begun(network, recipe, data=(x, goal), weight=times)
    repeated = begun(
        network, recipe, data=(np.repeat(x, times, axis=0), np.repeat(goal, times, axis=0))
    )
    for _ in range(4):
        assert weighed.train_epoch() == pytest.approx(repeated.train_epoch(), rel=1e-5)
        np.testing.assert_allclose(weighed.weights, repeated.weights, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("scale", [1, 1e-6, 12345])
def test_only_the_ratios_of_weights_count(scale):
    """Weights are scaled to a mean of 1; none at all is 1 for each row."""
    weight = np.arange(1, ROWS + 1) % 7 + 1
    plain, scaled = begun(weight=weight), begun(weight=scale * weight.astype(np.float64))
    assert plain.train_epoch() == pytest.approx(scaled.train_epoch(), rel=1e-5)
    np.testing.assert_allclose(plain.weights, scaled.weights, atol=1e-4)
    even, none = begun(weight=np.full(ROWS, scale)), begun()
    even.train_epoch()
    none.train_epoch()
    assert bits(even) == bits(none)


def test_balanced_classes():
    """39 rows of one class beside 8 of another weigh the same if each counts 1 / its class.

    Only biases learn here, so the outputs are the log-shares of the classes.
    """
    network = Network(inputs=1, hidden=(), outputs=2)
    x, labels = np.zeros((ROWS, 1)), (np.arange(ROWS) < 8).astype(int)
    optimizer = Optimizer(rule=Rule.SGD, learning_rate=0.5)
    recipe = Recipe(optimizer=optimizer, batch_size=ROWS)
    for weight, odds in ((None, 8 / 39), (1 / np.bincount(labels)[labels], 1)):
        training = begun(network, recipe, data=(x, labels), weight=weight)
        for _ in range(200):
            training.train_epoch()
        outputs = training.outputs(x[:1])[0]
        assert np.exp(outputs[1] - outputs[0]) == pytest.approx(odds, rel=1e-3)


# --- what is given and what is compiled -----------------------------------------------------------


def test_data_of_any_layout_trains_alike():
    """Columns first, float64, read-only: what is learned is the same."""
    x, labels = table()
    plain = begun(data=(x, labels))
    other = np.asfortranarray(x, dtype=np.float64)
    other.flags.writeable = False
    strange = begun(data=(other, labels.astype(np.int32)))
    assert plain.train_epoch() == strange.train_epoch()
    assert bits(plain) == bits(strange)


def test_one_target_may_be_a_vector():
    """A single target column is the same with and without its second dimension."""
    network = Network(inputs=5, hidden=(4,), outputs=1)
    x, target = table(network, loss=Loss.SQUARED_ERROR)
    recipe = Recipe(loss=Loss.SQUARED_ERROR, batch_size=9)
    column = begun(network, recipe, data=(x, target))
    vector = begun(network, recipe, data=(x, target[:, 0]))
    assert column.train_epoch() == vector.train_epoch()


def test_two_rows_are_enough_for_batch_norm():
    """The smallest table there is trains, whatever the batch size."""
    training = begun(recipe=Recipe(batch_size=1), data=table(rows=2))
    assert math.isfinite(training.train_epoch())
    assert training.step == 1


def test_one_row_is_enough_without_batch_norm():
    """Biases do not mind a batch of one."""
    network = Network(inputs=5, hidden=(4,), outputs=3, batch_norm=False)
    training = begun(network, data=table(rows=1))
    assert training.train_epoch() > training.train_epoch()


# --- odd tables -----------------------------------------------------------------------------------


def learned(network, x, goal, epochs=3):
    """Train on a table; return the losses and the outputs, all of them finite."""
    recipe = Recipe(optimizer=Optimizer(learning_rate=0.03), batch_size=9)
    training = begun(network, recipe, data=(x, goal))
    losses = [training.train_epoch() for _ in range(epochs)]
    outputs = training.outputs(x)
    assert np.isfinite(losses).all()
    assert np.isfinite(outputs).all()
    assert np.isfinite(training.weights).all()
    return losses, outputs


@pytest.mark.parametrize("norm", NORMS)
def test_one_feature_is_enough(norm):
    """A table of one column trains, and its loss falls."""
    network = Network(inputs=1, hidden=(9, 4), outputs=3, **NORMS[norm])
    losses, _ = learned(network, *table(network), epochs=20)
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("value", [0, 1234.567])
@pytest.mark.parametrize("norm", NORMS)
def test_a_constant_feature_teaches_nothing(norm, value):
    """A column that never changes does no harm, nor does a table of such columns."""
    network = Network(inputs=5, hidden=(9, 4), outputs=3, **NORMS[norm])
    x, labels = table()
    x[:, 3] = value
    learned(network, x, labels)
    x[:] = value
    _, outputs = learned(network, x, labels)
    assert np.ptp(outputs, axis=0).max() == 0


@pytest.mark.parametrize("norm", NORMS)
def test_a_class_without_rows_becomes_unlikely(norm):
    """A class that no training row has is no error: its share sinks below that of the others."""
    network = Network(inputs=5, hidden=(9, 4), outputs=5, **NORMS[norm])
    x, labels = table()
    _, outputs = learned(network, x, np.where(labels == 2, 4, labels), epochs=40)
    shares = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    assert shares[:, 2:4].mean() < 0.02
    assert set(outputs.argmax(axis=1)) <= {0, 1, 4}


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_ten_thousand_classes(smoothing):
    """As many outputs as a large table may ask for: the first loss is about log K, and falls."""
    network = Network(inputs=5, hidden=(9,), outputs=10_000)
    x, _ = table()
    labels = np.arange(ROWS) * 212
    recipe = Recipe(batch_size=24, label_smoothing=smoothing)
    training = begun(network, recipe, data=(x, labels))
    first = training.train_epoch()
    assert first == pytest.approx(math.log(10_000), rel=0.1)
    assert training.train_epoch() < first
    assert training.outputs(x).shape == (ROWS, 10_000)


def signatures():
    """Return how often each function that a Training calls was compiled."""
    called = (loop.train, loop.outputs, loop.fold, loop.exact_statistics, kernels.shuffle)
    return [len(function.signatures) for function in called]


def test_everything_is_compiled_once():
    """After a warm-up no network, recipe or table needs its own compiled code."""
    warm_up()
    before = signatures()
    assert before == [1] * 5
    for n, (rule, activation, loss) in enumerate(product(Rule, Activation, Loss)):
        norm, shape = list(NORMS)[n % 5], list(Shape)[n % 6]
        network = Network(
            inputs=n % 3,
            hidden=(3,),
            outputs=2,
            categories=(4,) * (2 - n % 2),
            activation=activation,
            dropout=0.3 * (n % 2),
            **NORMS[norm],
        )
        optimizer = Optimizer(rule=rule, weight_decay=n % 3, clip_norm=None if n % 2 else 2)
        schedule = Schedule(shape=shape, decay=0, epochs=9)
        recipe = Recipe(
            loss=loss,
            optimizer=optimizer,
            schedule=schedule,
            batch_size=5,
            label_smoothing=0.1 * (n % 2),
        )
        weight = np.arange(1, 12) if n % 2 else None
        training = begun(network, recipe, data=table(network, 11, loss), weight=weight)
        training.train_epoch()
        training.exact_statistics()
        training.outputs(np.ones((3, network.columns)))
    assert signatures() == before


@pytest.mark.parametrize(
    "change",
    [
        {"x": "read-only"},
        {"labels": "read-only"},
        {"weight": np.arange(1, ROWS + 1, dtype=np.int8)},
        {"weight": np.ones(2 * ROWS)[::2]},
        {"network": {"bn_decay": 0, "dropout": 0}},
        {"network": {"bn_epsilon": 1, "bn_group": np.int32(4)}},
        {"optimizer": {"momentum": 0, "weight_decay": 0, "clip_norm": 3}},
        {"optimizer": {"learning_rate": 1, "epsilon": 1}},
        {"optimizer": {"learning_rate": np.float32(0.1)}},
        {"schedule": {"shape": Shape.STAIRCASE, "decay": 0}},
        {"recipe": {"label_smoothing": 0, "batch_size": np.int64(5)}},
    ],
    ids=str,
)
def test_odd_data_and_settings_compile_nothing_anew(change):
    """Neither a read-only array nor a whole number for a setting compiles the engine anew."""
    warm_up()
    before = signatures()
    x, labels = table()
    x.flags.writeable = "x" not in change
    labels.flags.writeable = "labels" not in change
    network = Network(inputs=5, hidden=(9, 4), outputs=3, **change.get("network", {}))
    recipe = Recipe(
        optimizer=Optimizer(**change.get("optimizer", {})),
        schedule=Schedule(**change.get("schedule", {})),
        **{"batch_size": 5} | change.get("recipe", {}),
    )
    training = Training(network, recipe, x, labels, weight=change.get("weight"), seed=3)
    training.train_epoch()
    training.exact_statistics()
    training.outputs(x)
    assert signatures() == before


def test_one_row_trains_where_nothing_is_normalised():
    """Without hidden layers there is no batch norm, whatever the switch says."""
    x, labels = table()
    training = Training(
        Network(inputs=5, hidden=(), outputs=3), Recipe(), x[:1], labels[:1], seed=3
    )
    assert np.isfinite(training.train_epoch())
