"""Training: batches, resuming, chance, prediction, and what it refuses."""

import math
import re
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file
from sklearn.datasets import load_digits

from tunesmith.engine import loop, reference, train
from tunesmith.engine.compiled import one_blas_thread
from tunesmith.engine.network import Activation, Loss, Network
from tunesmith.engine.optimizers import Optimizer, Rule
from tunesmith.engine.train import Predictor, Recipe, Training, batch_count, warm_up
from tunesmith.errors import Interrupted, NetworkError
from tunesmith.rng import stream

NETWORK = Network(inputs=5, hidden=(9, 4), outputs=3)
ROWS = 47

RATES = {Rule.SGD: 0.3, Rule.MOMENTUM: 0.3, Rule.RMSPROP: 0.003, Rule.ADAM: 0.01}
"""Learning rates that suit the rules."""


@pytest.fixture(scope="module")
def digits():
    """Return 1,797 handwritten digits: pixels in [0, 1] and labels, in shuffled order."""
    x, labels = load_digits(return_X_y=True)
    order = stream(3, "digits").permutation(len(x))
    return (x[order] / 16).astype(np.float32), labels[order]


def table(network=NETWORK, rows=ROWS, loss=Loss.CROSS_ENTROPY):
    """Draw a table to train on."""
    chance = stream(7, "table", rows)
    x = chance.normal(size=(rows, network.inputs)).astype(np.float32)
    if loss is Loss.SQUARED_ERROR:
        return x, chance.normal(size=(rows, network.outputs)).astype(np.float32)
    return x, chance.integers(network.outputs, size=rows)


def begun(network=NETWORK, recipe=None, seed=7, path=("trial", 3), data=None):
    """Return a Training that has not trained yet."""
    recipe = recipe or Recipe(batch_size=9)
    return Training(network, recipe, *(data or table(network)), seed=seed, path=path)


def bits(training):
    """Return the whole state as bytes."""
    return {name: array.tobytes() for name, array in training.state().items()}


# --- batches --------------------------------------------------------------------------------------


@given(rows=st.integers(2, 3000), batch_size=st.integers(1, 400))
def test_batches_suit_batch_norm(rows, batch_size):
    """No batch has one row; none is larger than batch_size unless rows would be left alone."""
    count = batch_count(rows, batch_size, batch_norm=True)
    sizes = np.diff(np.arange(count + 1) * rows // count)
    assert sizes.sum() == rows
    assert np.ptp(sizes) <= 1
    assert sizes.min() >= 2
    unavoidable = batch_size == 1 or (batch_size == 2 and rows % 2 == 1)
    assert sizes.max() <= (3 if unavoidable else batch_size)


@given(rows=st.integers(1, 3000), batch_size=st.integers(1, 400))
def test_batches_without_batch_norm(rows, batch_size):
    """As few as hold all rows, and one row alone is a batch too."""
    assert batch_count(rows, batch_size, batch_norm=False) == math.ceil(rows / batch_size)


@pytest.mark.parametrize(
    ("rows", "batch_size", "expected"),
    [(129, 64, 3), (128, 64, 2), (65, 64, 2), (5, 2, 2), (3, 1, 1), (2, 1, 1), (2, 500, 1)],
)
def test_batch_count(rows, batch_size, expected):
    """129 rows are 43 + 43 + 43, not 64 + 64 + 1."""
    assert batch_count(rows, batch_size, batch_norm=True) == expected


def test_steps_are_counted():
    """An epoch of 47 rows in batches of 9 at most is six steps."""
    training = begun()
    training.train_epoch()
    training.train_epoch()
    assert (training.epoch, training.step) == (2, 12)


# --- an epoch -------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch_norm", [True, False], ids=["batch norm", "biases"])
def test_the_loss_of_an_epoch_is_a_mean_over_rows(batch_norm):
    """In one batch it is the loss of the first weights; in several it weighs each by its rows."""
    network = Network(inputs=5, hidden=(9, 4), outputs=3, batch_norm=batch_norm)
    x, labels = table()
    still = Optimizer(rule=Rule.SGD, learning_rate=1e-30)
    for batch_size in (ROWS, 9):
        training = begun(network, Recipe(optimizer=still, batch_size=batch_size))
        weights = training.weights.astype(np.float64)
        order = training._stream("order", 0).permutation(ROWS)
        # 47 rows are 47, or 7 + 8 + 8 + 8 + 8 + 8
        batches = np.split(order, [7, 15, 23, 31, 39] if batch_size == 9 else [])
        losses = [
            len(rows)
            * reference.gradient(network, Loss.CROSS_ENTROPY, weights, x[rows], labels[rows])[0]
            for rows in batches
        ]
        assert training.train_epoch() == pytest.approx(sum(losses) / ROWS, rel=1e-5)


def test_the_learning_rate_decays_by_epoch():
    """With decay 1 the second epoch moves the weights as half the rate would."""
    moved = []
    for rate, decay in ((0.02, 1.0), (0.01, 0.0)):
        optimizer = Optimizer(rule=Rule.SGD, learning_rate=rate)
        training = begun(recipe=Recipe(optimizer=optimizer, decay=decay, batch_size=9))
        training.epoch = 1
        training.train_epoch()
        moved.append(bits(training)["weights"])
    assert moved[0] == moved[1]


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


@pytest.mark.parametrize("batch_norm", [True, False], ids=["batch norm", "biases"])
def test_digits_are_learned(batch_norm, digits):
    """Twelve epochs of a small network read more than 93 % of the digits it has not seen."""
    x, labels = digits
    network = Network(inputs=64, hidden=(41, 27), outputs=10, batch_norm=batch_norm)
    recipe = Recipe(optimizer=Optimizer(learning_rate=0.005), batch_size=48)
    training = Training(network, recipe, x[:1300], labels[:1300], seed=3)
    for _ in range(12):
        training.train_epoch()
    right = training.outputs(x[1300:]).argmax(axis=1) == labels[1300:]
    assert right.mean() > 0.93


def test_numbers_are_learned():
    """Squared error, one target: a smooth function is followed on rows not seen."""
    x = stream(3, "smooth").uniform(-1, 1, size=(700, 3)).astype(np.float32)
    target = np.sin(3 * x[:, 0]) + x[:, 1] * x[:, 2]
    network = Network(inputs=3, hidden=(31, 17), outputs=1, activation=Activation.TANH)
    recipe = Recipe(loss=Loss.SQUARED_ERROR, optimizer=Optimizer(learning_rate=0.01), batch_size=30)
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


@pytest.mark.parametrize("batch_norm", [True, False], ids=["batch norm", "biases"])
@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.value)
def test_training_goes_on_as_if_it_had_not_stopped(rule, batch_norm, tmp_path):
    """Three epochs, a file, a new Training, six more: the same bits as nine in one go."""
    network = Network(inputs=5, hidden=(9, 4), outputs=3, batch_norm=batch_norm)
    recipe = Recipe(optimizer=Optimizer(rule=rule, learning_rate=0.01), decay=0.1, batch_size=9)
    with one_blas_thread():
        whole = begun(network, recipe)
        losses = [whole.train_epoch() for _ in range(9)]
        first = begun(network, recipe)
        parts = [first.train_epoch() for _ in range(3)]
        save_file(first.state(), tmp_path / "state.safetensors")
        second = begun(network, recipe)
        second.restore(load_file(tmp_path / "state.safetensors"))
        parts += [second.train_epoch() for _ in range(6)]
    assert parts == losses
    assert bits(second) == bits(whole)
    x, _ = table()
    assert second.outputs(x).tobytes() == whole.outputs(x).tobytes()


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
@pytest.mark.parametrize("name", ["weights", "first", "second", "means", "variances"])
def test_a_state_of_another_network_is_refused(name, change):
    """The error names what differs, and nothing has been changed."""
    training = begun()
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
    results = []
    with one_blas_thread():
        for seed, path in [(7, ("a", 3)), (7, ("a", 3)), (8, ("a", 3)), (7, ("a", 4)), (7, ())]:
            training = begun(seed=seed, path=path)
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


@pytest.mark.parametrize("decay", [0.0, 0.9, 0.999])
def test_statistics_of_equal_batches_are_those_of_the_batch(decay):
    """One batch an epoch and weights that stand still: exact from the first step on."""
    network = Network(inputs=5, hidden=(9, 4), outputs=3, bn_decay=decay)
    still = Optimizer(rule=Rule.SGD, learning_rate=1e-30)
    training = begun(network, Recipe(optimizer=still, batch_size=ROWS))
    x, labels = table()
    expected = reference.gradient(
        network, Loss.CROSS_ENTROPY, training.weights.astype(np.float64), x, labels
    )[2:]
    for _ in range(5):
        training.train_epoch()
        for result, exact in zip(training.statistics(), expected, strict=True):
            np.testing.assert_allclose(result, exact, rtol=5e-5, atol=1e-5)


def test_outputs_use_the_running_averages():
    """Prediction is the network with running means and variances, layer by layer."""
    training = begun()
    for _ in range(3):
        training.train_epoch()
    x, _ = table()
    mean, variance = training.statistics()
    a = x.astype(np.float64)
    for layer in NETWORK.layers:
        w, gamma, shift = reference.parts(layer, training.weights.astype(np.float64))
        y = reference.linear(a, w)
        if gamma is not None:
            there = slice(layer.statistics, layer.statistics + layer.units)
            y = gamma * (y - mean[there]) / np.sqrt(variance[there] + NETWORK.bn_epsilon)
        y = reference.add_bias(y, shift)
        a = y if layer == NETWORK.layers[-1] else reference.relu(y)
    np.testing.assert_allclose(training.outputs(x), a, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("count", [1, 3, 255, 256, 257, 700])
def test_a_row_is_predicted_alone(count):
    """Its outputs do not depend on the rows around it, nor on how many there are."""
    training = begun()
    training.train_epoch()
    x = stream(7, "to predict").normal(size=(700, 5)).astype(np.float32)
    together = training.outputs(x)
    np.testing.assert_allclose(training.outputs(x[:count]), together[:count], rtol=0, atol=1e-6)
    chosen = stream(7, "some").permutation(700)[:count]
    np.testing.assert_allclose(training.outputs(x[chosen]), together[chosen], rtol=0, atol=1e-6)


def test_no_row_no_outputs():
    """An empty table gives an empty one."""
    assert begun().outputs(np.empty((0, 5), dtype=np.float32)).shape == (0, 3)


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


def test_a_predictor_needs_only_the_folded_weights():
    """Folded weights in a Predictor give what the Training gives, for x of any layout."""
    training = begun()
    training.train_epoch()
    x = stream(7, "layout").normal(size=(5, 300)).T
    outputs = Predictor(NETWORK).outputs(training.folded(), x)
    assert outputs.dtype == np.float32
    np.testing.assert_array_equal(outputs, training.outputs(x.astype(np.float32)))


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


def with_value(value):
    """Return a table in which one entry is `value`."""
    x, labels = table()
    x[41, 3] = value
    return x, labels


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ((np.zeros((7, 4), np.float32), np.zeros(7, int)), "x must have shape [N, 5], got [7, 4]"),
        ((np.zeros(5, np.float32), np.zeros(1, int)), "x must have shape [N, 5], got [5]"),
        (
            (np.zeros((1, 5), np.float32), np.zeros(1, int)),
            (
                "batch norm needs at least 2 rows to train on, got 1: "
                "add rows, or set batch_norm=False"
            ),
        ),
        (
            (np.zeros((7, 5), np.float32), np.zeros(6, int)),
            "x has 7 rows but there are 6 targets",
        ),
        (
            with_value(np.nan),
            "x holds nan at row 41, column 3: fill in missing values first",
        ),
        (
            with_value(-np.inf),
            "x holds -inf at row 41, column 3: fill in missing values first",
        ),
        (
            (np.zeros((0, 5), np.float32), np.zeros(0, int)),
            "there are no rows to train on: give one at least",
        ),
        (
            (np.zeros((4, 5), np.float32), np.array([0, 1.5, 2, 1])),
            "labels must be whole numbers from 0 to 2, got 1.5 at row 1",
        ),
        (
            (np.zeros((4, 5), np.float32), np.array([0, 1, np.nan, 1])),
            "labels must be whole numbers from 0 to 2, got nan at row 2",
        ),
        (
            (np.zeros((4, 5), np.float32), np.zeros((4, 1), int)),
            "labels must have shape [N], got [4, 1]",
        ),
        (
            (np.zeros((4, 5), np.float32), np.array([0, 2, 3, 1])),
            "labels must be whole numbers from 0 to 2, got 3 at row 2",
        ),
        (
            (np.zeros((4, 5), np.float32), np.array([0, 2, -1, 1])),
            "labels must be whole numbers from 0 to 2, got -1 at row 2",
        ),
    ],
)
def test_data_that_cannot_be_trained_on_is_refused(data, sentence):
    """The error names the shape, the place or the value."""
    with pytest.raises(NetworkError, match=f"^{re.escape(sentence)}$"):
        begun(data=data)


def test_targets_of_another_width_are_refused():
    """Squared error wants a column for each output."""
    recipe = Recipe(loss=Loss.SQUARED_ERROR)
    data = np.zeros((7, 5), np.float32), np.zeros((7, 2), np.float32)
    with pytest.raises(NetworkError, match=r"^targets must have 3 columns, got 2$"):
        begun(recipe=recipe, data=data)


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


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"batch_size": 0}, "batch_size must be a whole number of 1 or more, got 0"),
        ({"batch_size": -5}, "batch_size must be a whole number of 1 or more, got -5"),
        ({"decay": -0.1}, "decay must be a finite number of 0 or more, got -0.1"),
        ({"decay": math.nan}, "decay must be a finite number of 0 or more, got nan"),
    ],
)
def test_a_wrong_recipe_is_refused(wrong, sentence):
    """The error names the setting and its value."""
    with pytest.raises(NetworkError, match=f"^{re.escape(sentence)}$"):
        Recipe(**wrong)


def test_everything_is_compiled_once():
    """After a warm-up no network, recipe or table needs its own compiled code."""
    warm_up()
    before = len(loop.train.signatures), len(loop.outputs.signatures)
    for rule, activation, loss in product(Rule, Activation, Loss):
        network = Network(
            inputs=4, hidden=(3,), outputs=2, activation=activation, batch_norm=rule is Rule.SGD
        )
        recipe = Recipe(loss=loss, optimizer=Optimizer(rule=rule), decay=0.1, batch_size=5)
        training = begun(network, recipe, data=table(network, loss=loss))
        training.train_epoch()
        training.outputs(np.ones((3, 4)))
    assert (len(loop.train.signatures), len(loop.outputs.signatures)) == before


@pytest.mark.parametrize(
    "change",
    [
        {"x": "read-only"},
        {"labels": "read-only"},
        {"network": {"bn_decay": 0}},
        {"optimizer": {"momentum": 0}},
        {"optimizer": {"learning_rate": 1, "epsilon": 1}},
    ],
    ids=str,
)
def test_odd_data_and_settings_compile_nothing_anew(change):
    """Neither a read-only array nor a whole number for a setting compiles the engine anew."""
    warm_up()
    before = len(loop.train.signatures), len(loop.outputs.signatures)
    x, labels = table()
    x.flags.writeable = "x" not in change
    labels.flags.writeable = "labels" not in change
    network = Network(inputs=5, hidden=(9, 4), outputs=3, **change.get("network", {}))
    recipe = Recipe(optimizer=Optimizer(**change.get("optimizer", {})), batch_size=5)
    training = Training(network, recipe, x, labels, seed=3)
    training.train_epoch()
    training.outputs(x)
    assert before == (len(loop.train.signatures), len(loop.outputs.signatures))


@pytest.mark.parametrize("columns", [slice(0, 1), 2, slice(0, 4)])
def test_rows_of_another_width_are_not_predicted(columns):
    """Neither one column, nor a vector, nor four columns pass for five."""
    x, labels = table()
    training = Training(Network(inputs=5, hidden=(4,), outputs=3), Recipe(), x, labels, seed=3)
    with pytest.raises(NetworkError, match=r"x must have shape \[N, 5\], got"):
        training.outputs(x[:, columns])


def test_targets_must_be_finite():
    """A missing target is named with its place."""
    x, _ = table()
    targets = np.zeros((len(x), 3), np.float32)
    targets[3, 1] = np.nan
    with pytest.raises(NetworkError, match="targets holds nan at row 3, column 1"):
        Training(
            Network(inputs=5, hidden=(4,), outputs=3),
            Recipe(loss=Loss.SQUARED_ERROR),
            x,
            targets,
            seed=3,
        )


def test_one_row_trains_where_nothing_is_normalised():
    """Without hidden layers there is no batch norm, whatever the switch says."""
    x, labels = table()
    training = Training(
        Network(inputs=5, hidden=(), outputs=3), Recipe(), x[:1], labels[:1], seed=3
    )
    assert np.isfinite(training.train_epoch())


def test_a_state_without_progress_is_refused():
    """Half a state is none."""
    x, labels = table()
    training = Training(Network(inputs=5, hidden=(4,), outputs=3), Recipe(), x, labels, seed=3)
    state = training.state()
    del state["progress"]
    with pytest.raises(NetworkError, match="progress differs"):
        training.restore(state)
