"""A config in, metrics out; and the network that is trained again on all rows known."""

import math
import time
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import r2_score

from tunesmith.engine import train
from tunesmith.engine.network import Loss
from tunesmith.engine.train import Training
from tunesmith.errors import Interrupted
from tunesmith.executors.attempt import Attempt, run_with
from tunesmith.executors.protocol import Task
from tunesmith.fit import objective
from tunesmith.fit.data import prepare
from tunesmith.fit.lesson import targets_of
from tunesmith.fit.metrics import metric_of
from tunesmith.fit.objective import TableObjective, refit
from tunesmith.fit.search_networks import SearchNetworks
from tunesmith.fit.space import network_of, recipe_of
from tunesmith.table.bins import Bins
from tunesmith.table.columns import Kind, type_columns
from tunesmith.table.target import TaskKind, choose_target
from tunesmith.table.target_scale import AS_THEY_ARE, TargetScale
from tunesmith.trial import Config, State, Trial

CONFIG = Config(
    {
        "learning_rate": 0.02,
        "units": 13,
        "batch_size": 17,
        "bins": 5,
        "layers": 2,
        "schedule": "inverse",
        "decay": 0.1,
        "dropout": 0.15,
        "weight_decay": 0.03,
        "batch_norm": True,
        "beta2": 0.98,
    }
)
FULL = 3
"""Epochs of a full training."""


def metric_name(data):
    """Return what networks for a table are judged by."""
    return metric_of(data.task).name


def judge(data, *, seed=3, metric=None):
    """Return the objective of a table."""
    return TableObjective(
        data, metric=metric_of(data.task, metric), seed=seed, epochs=FULL, remember=True
    )


def again(data, config=CONFIG, *, epochs=2, seed=3, **asked):
    """Return the model of a config trained again, on all rows known."""
    return refit(data, config, epochs=epochs, full=FULL, seed=seed, **asked).model


def by_hand(data, rows, path, **changes):
    """Return a training on `rows`, the targets, and what makes its inputs of encoded rows."""
    config, targets = {**CONFIG, **changes}, targets_of(data, rows)
    numbers = data.encoder.numbers
    bins = Bins.of(data.x[rows, :numbers], 5)
    network = network_of(config, inputs=numbers + bins.width, categories=(5,), outputs=data.outputs)
    recipe = recipe_of(config, targets.loss, FULL)
    x = bins.spread(data.x[rows])
    return (
        Training(network, recipe, x, targets.values[rows], seed=3, path=path),
        targets,
        bins.spread,
    )


def task(data, number=7, epochs=3, trained=0, folder=None, **changes):
    """Ask for one trial."""
    return Task(
        number=number,
        config=Config({**CONFIG, **changes}),
        trained=trained,
        epochs=epochs,
        metric=metric_name(data),
        folder=folder,
    )


def outcome(data, *, seed=3, should_stop=lambda: False, objective=None, **asked):
    """Train one trial."""
    return run_with(objective or judge(data, seed=seed))(task(data, **asked), should_stop)


def spoiled(data, rows):
    """Return the data with wild numbers in those rows, features and target."""
    x, y = data.x.copy(), data.y.copy()
    x[rows, :3] = 1e20
    x[rows, 3] = 4 - x[rows, 3]
    y[rows] = (y[rows] + 1) % 3 if data.task is TaskKind.CLASSIFICATION else 1e9
    return replace(data, x=x, y=y)


# --- the targets ----------------------------------------------------------------------------------


def test_labels_are_the_goal_of_classes(datas):
    """Classes are learned as they are."""
    data = datas["fruit"]
    targets = targets_of(data, data.split.train)
    assert (targets.loss, targets.scale) == (Loss.CROSS_ENTROPY, AS_THEY_ARE)
    assert targets.values is data.y


def test_numbers_are_standardised_on_the_rows_given(datas):
    """Mean 0 and deviation 1 on those rows; the scale leads back, within their range."""
    data = datas["price"]
    rows = data.split.train[5:40]
    targets = targets_of(data, rows)
    assert targets.loss is Loss.SQUARED_ERROR
    assert targets.values.dtype == np.float32
    assert targets.values.shape == (data.table.rows, 1)
    assert targets.values[rows].mean() == pytest.approx(0, abs=1e-6)
    assert targets.values[rows].std() == pytest.approx(1, rel=1e-6)
    low, high = data.y[rows].min(), data.y[rows].max()
    assert np.nanmin(data.y) < low < high < np.nanmax(data.y)
    back = targets.scale.values(targets.values)
    np.testing.assert_allclose(back, np.clip(data.y, low, high), rtol=1e-6)


def test_a_target_that_does_not_vary_in_training(datas):
    """Its deviation is 0, by which nothing is divided."""
    data = datas["price"]
    constant = replace(data, y=np.full_like(data.y, -2.5))
    targets = targets_of(constant, data.split.train)
    assert targets.scale == TargetScale(offset=-2.5, scale=1, low=-2.5, high=-2.5)
    assert not targets.values.any()


# --- the objective --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["fruit", "price"])
def test_every_epoch_is_measured(datas, name):
    """The metric on the validation rows and the training loss are those of a training by hand."""
    data = datas[name]
    found = outcome(data, epochs=3)
    assert (found.state, found.reason) == (State.DONE, "")
    training, targets, spread = by_hand(data, data.split.train, ("trial", 7))
    assert [m.epoch for m in found.measurements] == [1, 2, 3]
    for measurement in found.measurements:
        assert measurement.metrics["train_loss"] == training.train_epoch()
        outputs = training.outputs(spread(data.x[data.split.valid]))
        truth = data.y[data.split.valid]
        if name == "fruit":
            expected = {"accuracy": np.mean(outputs.argmax(axis=1) == truth)}
        else:
            expected = {"r2": r2_score(truth, targets.scale.values(outputs))}
        ((metric, value),) = expected.items()
        halves = {f"{metric}_a", f"{metric}_b"} if measurement.epoch == FULL else set()
        assert set(measurement.metrics) == {metric, "train_loss"} | halves
        assert measurement.metrics[metric] == pytest.approx(value, abs=1e-6)


def test_training_learns(datas):
    """The loss on the training rows falls, and the metric rises above that of a constant."""
    for name, chance in (("fruit", 0.5), ("price", 0.0)):
        first, *_, last = outcome(datas[name], epochs=40).measurements
        assert last.metrics["train_loss"] < 0.6 * first.metrics["train_loss"]
        assert last.metrics[metric_name(datas[name])] > chance + 0.2


def test_a_number_and_a_seed_are_an_address(datas):
    """The same seed and number measure the same, to the bit; another of either, others."""
    data = datas["fruit"]
    measured = outcome(data).measurements
    assert outcome(data).measurements == measured
    assert outcome(data, number=8).measurements != measured
    assert outcome(data, seed=4).measurements != measured


def test_the_test_rows_are_never_touched(datas):
    """Wild numbers in them change no measurement; in validation rows, the metric alone."""
    for data in datas.values():
        metric = metric_name(data)
        measured = outcome(data).measurements
        assert outcome(spoiled(data, data.split.test)).measurements == measured
        judged = outcome(spoiled(data, data.split.valid)).measurements
        for before, after in zip(measured, judged, strict=True):
            assert after.metrics["train_loss"] == before.metrics["train_loss"]
            assert after.metrics[metric] != before.metrics[metric]
        taught = outcome(spoiled(data, data.split.train[:3])).measurements
        assert taught[0].metrics["train_loss"] != measured[0].metrics["train_loss"]


@pytest.mark.parametrize("name", ["fruit", "price"])
def test_a_learning_rate_far_too_large_diverges(datas, name):
    """The trial ends in the epoch in which the loss is no longer finite, and says so."""
    found = outcome(datas[name], learning_rate=1e12, epochs=5)
    metric = metric_name(datas[name])
    assert found.state is State.DIVERGED
    assert found.reason == f"{metric} was nan after epoch {len(found.measurements)}"
    assert len(found.measurements) < 5
    assert math.isnan(found.measurements[-1].metrics[metric])


def test_a_trial_stops_within_an_epoch(datas, monkeypatch):
    """It is asked between compiled calls; the epoch that was begun is not measured."""
    data = datas["fruit"]
    monkeypatch.setattr(train, "FLOPS_PER_CALL", 1.0)  # a call for each of 6 batches
    questions = []

    def stops():
        questions.append(None)
        return len(questions) > 7  # 5 between batches and one when recorded, then 2 more

    attempt = Attempt(task(data), stops)
    with pytest.raises(Interrupted):
        judge(data)(attempt)
    assert len(attempt.measurements) == 1
    assert attempt.measurements == outcome(data).measurements[:1]
    questions.clear()
    stopped = outcome(data, should_stop=stops)
    assert (stopped.state, stopped.interrupted) == (State.STOPPED, True)
    assert stopped.reason == "stopped after 1 of 3 epochs"


def test_a_trial_is_judged_within_the_training_range(datas):
    """What an untrained network predicts far away counts as the end of the range."""
    data = datas["price"]
    found = outcome(data, epochs=1, learning_rate=1.0)
    train, truth = data.y[data.split.train], data.y[data.split.valid]
    training, _, spread = by_hand(data, data.split.train, ("trial", 7), learning_rate=1.0)
    training.train_epoch()
    outputs = training.outputs(spread(data.x[data.split.valid]))[:, 0].astype(float)
    free = train.mean() + train.std() * outputs
    held = np.clip(free, train.min(), train.max())
    assert r2_score(truth, held) > r2_score(truth, free) + 0.01
    assert found.measurements[0].metrics["r2"] == pytest.approx(r2_score(truth, held), abs=1e-6)


def test_the_networks_of_a_trial_are_those_that_were_measured(datas, few):
    """What is stored predicts what the last measurement says; made again it is the same."""
    for data in (datas["fruit"], datas["price"], few["fruit"]):
        judging, name = judge(data), metric_name(data)
        found = outcome(data, objective=judging)
        assert found.state is State.DONE
        trial = Trial(
            number=7, config=CONFIG, epochs=3, state=State.DONE, measurements=found.measurements
        )
        model = judging.networks.model(trial)
        targets, joined = targets_of(data, data.split.train), []
        for (_, rows), member in zip(data.split.lessons, model.members, strict=True):
            joined.append(replace(model, members=(member,)).outputs(data.x[rows]))
        predictions = targets.predictions(np.concatenate(joined))
        value = metric_of(data.task).of(predictions, data.y[data.split.judging])
        assert value == pytest.approx(found.measurements[-1].metrics[name], abs=1e-5)
        made = judge(data).model(trial)  # by an objective that has trained nothing
        for mine, other in zip(model.members, made.members, strict=True):
            assert mine.weights.tobytes() == other.weights.tobytes()
        assert dict(made.about) == dict(model.about)


def test_a_trial_that_is_stopped_has_its_networks(datas, tmp_path):
    """Those of the last epoch that was measured, also in a file."""
    data, questions = datas["fruit"], []
    metric = metric_of(data.task)
    judging = TableObjective(
        data, metric=metric, seed=3, epochs=FULL, networks=SearchNetworks(metric, tmp_path)
    )

    def stops():
        questions.append(None)
        return len(questions) > 1

    found = outcome(data, objective=judging, should_stop=stops)
    assert (found.state, len(found.measurements)) == (State.STOPPED, 2)
    trial = Trial(number=7, config=CONFIG, epochs=3, measurements=found.measurements)
    expected = judge(data).model(trial).members[0].weights
    for networks in (judging.networks, SearchNetworks(metric, tmp_path)):
        np.testing.assert_array_equal(networks.model(trial).members[0].weights, expected)


def test_the_pace_of_a_search_is_measured(datas):
    """A trial is expected to take what it took: its epochs are timed by both clocks."""
    data = datas["fruit"]
    judging = judge(data)
    assert judging.pace.slowdown == 1.0
    found = outcome(data, objective=judging)
    trial = Trial(number=7, config=CONFIG, epochs=3, seconds=2.0, measurements=found.measurements)
    assert 0 < judging.pace.expected(trial) <= 2.0 * judging.pace.slowdown
    assert judging.pace.expected(replace(trial, number=8)) == 2.0 * judging.pace.slowdown


# --- trained again --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["fruit", "price"])
def test_a_refit_learns_from_all_rows_known(datas, name):
    """Its weights are those of a training by hand on training and validation rows together."""
    data = datas[name]
    model = again(data, epochs=3)
    known = np.sort(np.concatenate([data.split.train, data.split.valid]))
    training, targets, spread = by_hand(data, known, ("refit",))
    for _ in range(3):
        training.train_epoch()
    np.testing.assert_array_equal(model.members[0].weights, training.weights)
    np.testing.assert_allclose(model.outputs(data.x), training.outputs(spread(data.x)), atol=1e-5)
    assert model.scale == targets.scale
    assert (model.target, model.task, model.classes) == (name, data.task, data.target.classes)
    assert model.encoder == data.encoder


@pytest.mark.parametrize("name", ["fruit", "price"])
def test_a_refit_never_sees_the_test_rows(datas, name):
    """Wild numbers in them change no bit of the model; in the others they do."""
    data = datas[name]
    model = again(data)
    same = again(spoiled(data, data.split.test))
    for array in ("weights", "mean", "variance"):
        ours, theirs = (getattr(each.members[0], array) for each in (model, same))
        assert ours.tobytes() == theirs.tobytes()
    assert same.scale == model.scale
    for part in (data.split.train, data.split.valid):
        other = again(spoiled(data, part[:1]))
        assert other.members[0].weights.tobytes() != model.members[0].weights.tobytes()


def test_predictions_stay_within_the_rows_known(datas):
    """The final model predicts nothing beyond what it was trained on, however far the inputs."""
    data = datas["price"]
    model = again(data, epochs=9)
    known = data.y[np.concatenate([data.split.train, data.split.valid])]
    text = data.table.frame.with_columns(weight=pl.Series([1e6, -1e6] * 75 + [0.0]))
    predicted = model.predict(replace(data.table, frame=text))["price"]
    assert (predicted.min(), predicted.max()) == (known.min(), known.max())


def hurried(data, monkeypatch, deadline, epochs=9):
    """Refit by a clock that ticks once for each look; return it, and the rates' places."""
    made, places = [], []

    class Watched(Training):
        def train_epoch(self, should_stop, pace=1.0):
            places.append((self.place, self.place + pace))
            return super().train_epoch(should_stop, pace)

    monkeypatch.setattr(
        objective, "Training", lambda *a, **k: made.append(Watched(*a, **k)) or made[-1]
    )
    ticks = iter(range(100, 200))
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks))
    return refit(data, CONFIG, epochs=epochs, full=FULL, seed=3, deadline=deadline), places


def test_a_refit_hurries_to_end_at_its_deadline(datas, monkeypatch):
    """What does not fit is hurried through, so that the rate falls as far as it would have."""
    found, places = hurried(datas["fruit"], monkeypatch, deadline=105.5)
    assert places == [(0, 1), (1, 3), (3, 5), (5, 7), (7, 9)]
    assert (found.epochs, found.planned, found.complete, found.hurried) == (5, 9, True, True)


def test_a_refit_that_has_time_does_not_hurry(datas, monkeypatch):
    """Epochs that just fit are those that were asked for, to the bit."""
    whole = again(datas["fruit"], epochs=3)
    found, places = hurried(datas["fruit"], monkeypatch, deadline=103, epochs=3)
    assert places == [(0, 1), (1, 2), (2, 3)]
    assert (found.epochs, found.complete, found.hurried) == (3, True, False)
    np.testing.assert_array_equal(found.model.members[0].weights, whole.members[0].weights)


def test_a_hiccup_of_the_machine_shortens_nothing(datas, monkeypatch):
    """One epoch that takes nine times as long says nothing of the others, where time is left."""
    ticks = iter([100, 101, 102, 111, *range(112, 200)])
    made, data = [], datas["fruit"]

    class Watched(Training):
        def train_epoch(self, should_stop, pace=1.0):
            made.append(pace)
            return super().train_epoch(should_stop, pace)

    monkeypatch.setattr(objective, "Training", Watched)
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks))
    found = refit(data, CONFIG, epochs=9, full=FULL, seed=3, deadline=118.5)
    assert made == [1.0] * 9
    assert not found.hurried


def test_a_refit_for_which_the_time_is_up_is_incomplete(datas, monkeypatch):
    """It says how far it came: nobody takes the network of one epoch for that of nine."""
    found, _ = hurried(datas["fruit"], monkeypatch, deadline=-math.inf)
    assert (found.epochs, found.planned, found.complete) == (1, 9, False)


def test_an_epoch_of_a_refit_may_be_cut(datas, monkeypatch):
    """By the same clock, looked at between batches."""
    made, config = [], {**CONFIG, "batch_size": 8}
    monkeypatch.setattr(
        objective, "Training", lambda *a, **k: made.append(Training(*a, **k)) or made[-1]
    )
    monkeypatch.setattr(train, "FLOPS_PER_CALL", 1)  # a call for each batch
    ticks = iter(range(100, 200))
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks))
    found = refit(datas["fruit"], config, epochs=9, full=FULL, seed=3, deadline=103.5)
    assert (made[0].epoch, made[0].step) == (0, 4)
    assert (found.epochs, found.complete) == (0, False)


def test_a_refit_is_not_the_trial(datas):
    """It has a stream of its own: its first weights are not those of any trial."""
    data = datas["fruit"]
    first, second, other = (again(data, epochs=1, seed=seed) for seed in (3, 3, 4))
    assert first.members[0].weights.tobytes() == second.members[0].weights.tobytes()
    assert first.members[0].weights.tobytes() != other.members[0].weights.tobytes()


# --- awkward tables -------------------------------------------------------------------------------

CELLS = [f"{value:.2f}" for value in np.cos(np.arange(61.0))]
LETTERS = list("abcd" * 15 + "e")


def ready(kinds, **columns):
    """Return a table of text, whose target is y, made ready."""
    table = type_columns(pl.DataFrame(columns), types=kinds)
    return prepare(table, choose_target(table, "y"), seed=3)


@pytest.mark.parametrize("target", [LETTERS, CELLS], ids=["classes", "numbers"])
@pytest.mark.parametrize(
    ("columns", "kinds", "inputs"),
    [
        ({"a": CELLS}, {}, (1, ())),
        ({"a": LETTERS}, {}, (0, (6,))),
        ({"a": ["x"] * 61}, {"a": Kind.CATEGORY}, (0, (2,))),
        ({"a": ["7.5"] * 61, "b": CELLS}, {"a": Kind.NUMBER}, (2, ())),
        ({"a": ["7.5"] * 61}, {"a": Kind.NUMBER}, (1, ())),
        ({"a": LETTERS, "b": CELLS, "c": LETTERS[::-1]}, {}, (1, (6, 6))),
        ({"a": ["?", "1e300", "-1e300", "1e-300"] * 15 + ["?"]}, {"a": Kind.NUMBER}, (2, ())),
    ],
    ids=["feature", "category", "value", "constant", "constant alone", "both", "wild"],
)
def test_an_awkward_table_is_learned_from(columns, kinds, inputs, target):
    """Whatever its features are: a trial is judged, and a model predicts, also new values."""
    data = ready(kinds, y=target, **columns)
    assert (data.encoder.numbers, data.encoder.categories) == inputs
    found = outcome(data)
    assert found.state is State.DONE
    assert math.isfinite(found.measurements[-1].metrics["train_loss"])
    model = again(data)
    new = pl.DataFrame({name: ["?", "-3e5", "0.5"] for name in columns})
    predictions = model.predict(model.encoder.typed(new))
    assert np.isfinite(predictions.select(pl.col(pl.Float64)).to_numpy()).all()


def test_a_class_that_only_judges(datas):
    """A class without training rows is an output like the others; its rows are simply wrong."""
    data = datas["fruit"]
    kiwi = data.target.classes.index("kiwi")
    known = np.concatenate([data.split.train, data.split.valid])
    split = replace(
        data.split, train=known[data.y[known] != kiwi], valid=known[data.y[known] == kiwi]
    )
    found = outcome(replace(data, split=split), epochs=20)
    assert found.state is State.DONE
    assert found.measurements[-1].metrics["accuracy"] == 0
