"""A network whose hyperparameters are searched: what both estimators share."""

import pickle
from contextlib import suppress

import numpy as np
import pytest
from sklearn.base import clone

import tunesmith as ts
from tunesmith.errors import NothingFound, StudyError
from tunesmith.estimators.inputs import table_of
from tunesmith.fit.selection import MOST
from tunesmith.model.model import averaged
from tunesmith.rng import stream

BOTH = [ts.TunedClassifier, ts.TunedRegressor]
SMALL = ts.Space(units=ts.Int(5, 17), learning_rate=ts.Float(1e-3, 3e-2, scale=ts.LOG))
"""Networks that are trained in no time, where any will do."""
DEFAULTS = {
    "space": None,
    "search": None,
    "trials": 50,
    "minutes": None,
    "workers": 2,
    "metric": None,
    "ensemble": False,
    "random_state": None,
}


@pytest.mark.parametrize("kind", BOTH)
def test_parameters_and_defaults(kind):
    """Names and defaults are promises."""
    assert kind().get_params() == DEFAULTS


@pytest.mark.parametrize("kind", BOTH)
def test_what_is_fitted(kind, array):
    """The best config is the history's, and its network is trained on all rows."""
    x, y = array
    model = kind(trials=5, random_state=3).fit(x, y)
    history = model.history_
    assert len(history.trials) == history.study.trials == 5
    assert model.best_config_ == history.best.config
    network = model.model_.members[0].network
    assert network.hidden == (model.best_config_["units"],) * model.best_config_["layers"]
    assert model.model_.about["digest"] == history.digest
    assert model.model_.about["config"] == dict(model.best_config_)
    assert model.score(x, y) > 0.8
    if kind is ts.TunedRegressor:  # on all rows, not on the four fifths of a trial
        assert (model.model_.scale.low, model.model_.scale.high) == (y.min(), y.max())
        assert model.model_.scale.offset == pytest.approx(y.mean())


@pytest.mark.parametrize("kind", BOTH)
def test_the_same_seed(kind, array):
    """Any number of workers finds the same; another seed something else."""
    x, y = array
    model = kind(trials=4, random_state=3).fit(x, y)
    again = clone(model).set_params(workers=1).fit(x, y)
    assert again.history_.digest == model.history_.digest
    assert again.model_.members[0].weights.tobytes() == model.model_.members[0].weights.tobytes()
    other = clone(model).set_params(random_state=4).fit(x, y)
    assert other.history_.digest != model.history_.digest


def test_a_copy_out_of_a_pickle(array):
    """It predicts the same, and its history is whole."""
    x, y = array
    model = ts.TunedRegressor(space=SMALL, trials=4, random_state=3).fit(x, y)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict(x), model.predict(x))
    assert copy.history_.digest == model.history_.digest
    assert copy.history_.study == model.history_.study
    assert copy.history_.rounds == model.history_.rounds


@pytest.mark.parametrize("kind", BOTH)
def test_validation_rows_of_ones_own(kind, array):
    """Configs are compared on them, and the network is trained on all of X and on X alone."""
    x, y = array
    model = kind(trials=3, random_state=3)
    model.fit(x[:60], y[:60], X_val=x[60:], y_val=y[60:])
    other = clone(model).fit(x[:60], y[:60], X_val=x[60:], y_val=y[60:][::-1])
    first = model.history_.trials[0].measurements, other.history_.trials[0].measurements
    metric = model.history_.study.metric
    assert first[0][0].metrics["train_loss"] == first[1][0].metrics["train_loss"]
    assert first[0][0].metrics[metric] != first[1][0].metrics[metric]
    assert model.columns_[0].missing == 1  # of the 60 rows of X


@pytest.mark.parametrize("kind", BOTH)
def test_rows_of_weight_0_are_left_out(kind, array):
    """Neither trials nor the network depend on what they hold."""
    x, y = array
    weight = np.repeat([1.0, 0.0], [60, 23])
    changed = np.where(weight == 0, y[0], y)
    model = kind(space=SMALL, trials=3, random_state=3).fit(x, y, sample_weight=weight)
    other = clone(model).fit(x, changed, sample_weight=weight)
    assert other.history_.digest == model.history_.digest
    np.testing.assert_array_equal(other.predict(x), model.predict(x))
    more = clone(model).fit(x, y, sample_weight=weight + (np.arange(83) < 30))
    assert more.history_.digest != model.history_.digest


@pytest.mark.parametrize(("kind", "metric"), [(BOTH[0], "log_loss"), (BOTH[1], "rmse")])
def test_the_best_few_together(kind, metric):
    """By a metric of one's own, averaged, trained on all rows; the same for any workers."""
    chance = stream(3, "noisy")  # where noise is much, networks err apart
    x = chance.normal(size=(1_001, 4))
    y = np.round(x[:, 0] * x[:, 1] + chance.normal(size=1_001)).clip(-1, 1)
    asked = {"space": ts.Space(units=ts.Int(32, 99)), "search": ts.RandomSearch(ladder=ts.Full())}
    model = kind(**asked, trials=6, metric=metric, ensemble=True, random_state=5).fit(x, y)
    assert model.history_.study.metric == metric
    members = model.model_.members
    assert 1 < len(members) <= MOST
    assert members[0].network.hidden[0] == model.best_config_["units"]
    encoded = model.model_.encoder.transform(table_of(x))
    together = averaged([member.outputs(encoded) for member in members], model.model_.task)
    np.testing.assert_allclose(model.model_.outputs(encoded), together, rtol=1e-5)
    again = clone(model).set_params(workers=1).fit(x, y).model_.members
    assert [m.weights.tobytes() for m in again] == [m.weights.tobytes() for m in members]


@pytest.mark.parametrize(("kind", "metric"), [(BOTH[0], "rmse"), (BOTH[1], "auc")])
def test_a_metric_of_another_task(kind, metric, array):
    """Refused with those there are."""
    with pytest.raises(StudyError, match=rf"^{metric} judges .*: choose "):
        kind(metric=metric).fit(*array)


def test_what_is_searched_may_be_said(array):
    """A space and a search of one's own are used."""
    space = ts.Space(units=ts.Int(5, 7))
    model = ts.TunedRegressor(space=space, search=ts.RandomSearch(), trials=4).fit(*array)
    assert {t.config["units"] for t in model.history_.trials} <= {5, 6, 7}
    assert {t.config["learning_rate"] for t in model.history_.trials} == {4e-3}
    assert model.history_.study.search["name"] == "random"


def test_minutes_are_for_all_of_it(array):
    """A search without a count of trials ends in time, with a network."""
    model = ts.TunedRegressor(space=SMALL, trials=None, minutes=0.025, random_state=3)
    while not hasattr(model, "history_"):  # a busy machine may need longer for a first network
        model.minutes *= 2
        with suppress(NothingFound):
            model.fit(*array)
    assert model.history_.finished == "the time was up"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"trials": None}, "a study needs an end"),
        ({"trials": 0}, "trials must be a whole number of 1 or more, got 0"),
        ({"workers": 0}, "workers must be a whole number of 1 or more, got 0"),
        ({"search": "random"}, "search must be a search such as"),
        ({"minutes": -1}, "minutes must be a number above 0, got -1"),
    ],
)
def test_what_cannot_be(change, words, array):
    """Parameters are refused when fit is called."""
    with pytest.raises(StudyError, match=words):
        ts.TunedClassifier(**change).fit(*array)
