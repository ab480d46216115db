"""What is the same for all estimators once they are fitted."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.utils import estimator_checks

import tunesmith as ts
from tunesmith.estimators import network
from tunesmith.estimators.inputs import table_of
from tunesmith.estimators.network import seed_of
from tunesmith.model.file import load_model
from tunesmith.rng import stream
from tunesmith.table.bins import Bins

ELSEWHERE = {
    "check_array_api_input",
    "check_classifier_data_not_an_array",
    "check_regressor_data_not_an_array",
    "check_sample_weight_equivalence_on_dense_data",
    "check_sample_weights_pandas_series",
}
"""Checks that need pandas, or are not kept and say why; all are in tests/integrations."""

SOME_CHECKS = (
    "check_dict_unchanged",
    "check_estimators_pickle",
    "check_estimators_overwrite_params",
    "check_fit2d_1sample",
    "check_fit_idempotent",
    "check_methods_subset_invariance",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_sample_weights_shape",
)


def checks(*estimators):
    """Return each of the estimators with each of scikit-learn's checks for it."""
    return [
        pytest.param(*pair, id=f"{estimator}-{pair[1].func.__name__}")
        for estimator in estimators
        for pair in estimator_checks.estimator_checks_generator(estimator)
        if pair[1].func.__name__ not in ELSEWHERE
    ]


# the tables have 50 rows: one batch of 64, and so one step in each epoch
@pytest.mark.parametrize(
    ("estimator", "check"), checks(ts.DenseClassifier(batch_size=8), ts.DenseRegressor())
)
@pytest.mark.filterwarnings("default")
def test_scikit_learn(estimator, check):
    """The checks that scikit-learn has for estimators; the tuned ones are in integrations."""
    check(estimator)


@pytest.mark.parametrize("name", SOME_CHECKS)
@pytest.mark.parametrize("kind", [ts.TunedClassifier, ts.TunedRegressor])
def test_scikit_learn_in_short(kind, name):
    """Some of them, with a search of two trials among small networks."""
    estimator = kind(space=ts.Space(units=ts.Int(5, 17)), trials=2)
    getattr(estimator_checks, name)(type(estimator).__name__, estimator)


@pytest.mark.parametrize("estimator", [ts.DenseClassifier(), ts.TunedRegressor()])
def test_before_fit(estimator, tmp_path):
    """Nothing can be predicted or saved."""
    with pytest.raises(NotFittedError):
        estimator.predict(np.ones((2, 3)))
    with pytest.raises(NotFittedError):
        estimator.save(tmp_path / "a.model")


def test_probabilities(array):
    """They are those of predict, sum to 1, and come with their logarithm."""
    x, y = array
    model = ts.DenseClassifier(random_state=3).fit(x, y)
    shares = model.predict_proba(x)
    assert shares.shape == (83, 4)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(np.log(shares), model.predict_log_proba(x), rtol=1e-9)
    np.testing.assert_array_equal(model.classes_[shares.argmax(axis=1)], model.predict(x))
    assert model.classes_.tolist() == [0, 7, 11, 18]


def test_a_row_is_predicted_alone(array):
    """A prediction does not depend on the rows beside it, to the last bit."""
    x, y = array
    model = ts.DenseRegressor(random_state=3).fit(x, y)
    np.testing.assert_array_equal(model.predict(x[::-1])[::-1], model.predict(x))
    np.testing.assert_array_equal([model.predict(row[None])[0] for row in x], model.predict(x))


def several(model, x):
    """Give a fitted estimator ten networks: its own, and nine that spread its numbers over bins."""
    (first,) = model.model_.members
    bins = Bins.of(model.model_.encoder.transform(table_of(x)), 5)
    wider = replace(first.network, inputs=first.network.inputs + bins.width)
    more = (
        replace(
            first,
            network=wider,
            weights=wider.initial_weights(stream(3, "member", number)),
            bins=bins,
        )
        for number in range(9)
    )
    model.model_ = replace(model.model_, members=(first, *more))
    return model


@pytest.mark.parametrize("kind", [ts.DenseClassifier, ts.DenseRegressor])
def test_several_networks(kind, array):
    """They are averaged, each row alone to the last bit, as the model in NumPy averages them."""
    x, y = array
    model = several(kind(random_state=3).fit(x, y), x)
    answer = model.predict if kind is ts.DenseRegressor else model.predict_log_proba
    found = answer(x)
    np.testing.assert_array_equal(answer(x[::-1])[::-1], found)
    np.testing.assert_array_equal([answer(row[None])[0] for row in x], found)
    table = table_of(x)
    if kind is ts.DenseRegressor:
        np.testing.assert_allclose(found, model.model_.predict(table)["y"], rtol=1e-5)
    else:
        np.testing.assert_allclose(np.exp(found), model.model_.shares(table), rtol=1e-4, atol=1e-6)


def test_many_rows_are_predicted_in_parts(array, monkeypatch):
    """A long table needs no more room for its bins than a part of it."""
    x, y = array
    model = several(ts.DenseRegressor(random_state=3).fit(x, y), x)
    whole = model.predict(x)
    monkeypatch.setattr(network, "ROWS_AT_ONCE", 17)
    np.testing.assert_array_equal(model.predict(x), whole)


def test_a_saved_model_predicts_the_same(frame, fruit, price, tmp_path):
    """The file is a model as `tunesmith fit` writes it; a Path and a text name it."""
    classifier = ts.DenseClassifier(random_state=3).fit(frame, fruit)
    classifier.save(str(tmp_path / "fruit.model"))
    saved = load_model(tmp_path / "fruit.model").predict(table_of(frame))
    assert saved["y"].to_list() == classifier.predict(frame).tolist()
    assert saved.columns[1:] == [f"probability of {c}" for c in ("apple", "kiwi", "pear")]
    regressor = ts.DenseRegressor(random_state=3).fit(frame, price)
    regressor.save(tmp_path / "price.model")
    saved = load_model(Path(tmp_path / "price.model")).predict(table_of(frame))
    np.testing.assert_allclose(saved["y"], regressor.predict(frame), rtol=1e-5)


def test_values_not_seen_in_training(frame, fruit):
    """A new category, and a missing value where there was none, are predicted."""
    model = ts.DenseClassifier(random_state=3).fit(frame, fruit)
    new = frame[:2].with_columns(
        colour=pl.Series(["blue", "red"]), ripe=pl.Series([None, True], dtype=pl.Boolean)
    )
    assert set(model.predict(new)) <= set(model.classes_)


@pytest.mark.parametrize("seed", [0, 7, np.int64(7), 2**40])
def test_a_whole_number_is_the_seed(seed):
    """The same number means the same on the command line."""
    assert seed_of(seed) == int(seed)


def test_other_random_states():
    """A generator is drawn from; None is another seed each time."""
    drawn = np.random.RandomState(3)
    assert seed_of(drawn) == seed_of(np.random.RandomState(3)) != seed_of(drawn)
    assert seed_of(None) != seed_of(None)
    with pytest.raises(ValueError, match="cannot be used to seed"):
        seed_of("seven")
