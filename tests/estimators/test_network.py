"""What is the same for all estimators once they are fitted."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.exceptions import NotFittedError

import tunesmith as ts
from tunesmith.estimators.inputs import table_of
from tunesmith.estimators.network import seed_of
from tunesmith.model.file import load_model


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
    """A generator is drawn from; None follows NumPy's global one, as in scikit-learn."""
    drawn = np.random.RandomState(3)
    assert seed_of(drawn) == seed_of(np.random.RandomState(3)) != seed_of(drawn)
    np.random.seed(5)
    first = seed_of(None)
    np.random.seed(5)
    assert seed_of(None) == first
    with pytest.raises(ValueError, match="cannot be used to seed"):
        seed_of("seven")
