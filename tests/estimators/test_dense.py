"""One network, its hyperparameters given: what the classifier and the regressor share."""

import inspect
import pickle

import numpy as np
import pytest
from sklearn.base import clone

import tunesmith as ts
from tunesmith.errors import DataError, NetworkError
from tunesmith.estimators.dense import DenseEstimator

BOTH = [ts.DenseClassifier, ts.DenseRegressor]

DEFAULTS = {
    "units": 128,
    "layers": 2,
    "activation": "relu",
    "batch_norm": True,
    "bn_decay": 0.9,
    "bn_stats": "ema",
    "optimizer": "adam",
    "learning_rate": 1e-3,
    "momentum": 0.9,
    "beta1": 0.9,
    "beta2": 0.999,
    "epsilon": 1e-8,
    "schedule": "constant",
    "decay": 0.0,
    "batch_size": "auto",
    "epochs": 27,
    "dropout": 0.0,
    "weight_decay": 0.0,
    "label_smoothing": 0.0,
    "normalize": "standard",
    "early_stopping": False,
    "validation_fraction": 0.1,
    "n_iter_no_change": 10,
    "random_state": None,
}


@pytest.mark.parametrize("kind", BOTH)
def test_parameters_and_defaults(kind):
    """Names and defaults are promises, and are the same for both."""
    assert kind().get_params() == DEFAULTS | (
        {"class_weight": None} if kind is ts.DenseClassifier else {}
    )
    own = inspect.signature(DenseEstimator.__init__).parameters
    given = {name: f"value of {name}" for name in own if name != "self"}
    assert kind(**given).get_params() | given == kind(**given).get_params()


@pytest.mark.parametrize("kind", BOTH)
def test_what_is_fitted(kind, array):
    """The loss falls, every epoch is counted, and the same seed gives the same network."""
    x, y = array
    model = kind(epochs=9, random_state=3).fit(x, y)
    assert model.n_iter_ == model.best_epoch_ == len(model.loss_curve_) == 9
    assert model.loss_ == model.loss_curve_[-1] < model.loss_curve_[0]
    assert model.validation_loss_curve_ is model.validation_scores_ is None
    again = clone(model).fit(x, y)
    assert again.model_.members[0].weights.tobytes() == model.model_.members[0].weights.tobytes()
    other = clone(model).set_params(random_state=4).fit(x, y)
    assert other.loss_ != model.loss_


@pytest.mark.parametrize("kind", BOTH)
def test_validation_rows_of_ones_own(kind, array):
    """Each epoch is judged on them; they change nothing of what is learned."""
    x, y = array
    plain = kind(random_state=3).fit(x[:60], y[:60])
    judged = kind(random_state=3).fit(x[:60], y[:60], X_val=x[60:], y_val=y[60:])
    assert judged.model_.members[0].weights.tobytes() == plain.model_.members[0].weights.tobytes()
    assert len(judged.validation_loss_curve_) == len(judged.validation_scores_) == 27
    assert judged.validation_scores_[-1] == pytest.approx(judged.score(x[60:], y[60:]), rel=1e-5)


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("own", [True, False], ids=["own rows", "a part"])
def test_early_stopping(kind, own, array):
    """It ends n_iter_no_change epochs after the best, whose network it keeps."""
    x, y = array
    y = y[np.random.RandomState(0).permutation(83)]  # nothing to learn: it soon gets worse
    model = kind(early_stopping=True, n_iter_no_change=3, epochs=200, random_state=3)
    model.set_params(learning_rate=1e-2, validation_fraction=0.3, batch_size=8)
    more = {"X_val": x[60:], "y_val": y[60:]} if own else {}
    model.fit(x[:60], y[:60], **more)
    best = int(np.argmin(model.validation_loss_curve_))
    assert model.best_epoch_ == best + 1
    assert model.n_iter_ == best + 1 + 3 < 200
    if own:
        score = model.validation_scores_[best]
        assert model.score(x[60:], y[60:]) == pytest.approx(score, rel=1e-5)


def test_a_part_held_back_is_not_learned_from(array):
    """What the rows held back hold has no influence on weights, scales or normalisation."""
    x, y = array
    model = ts.DenseRegressor(early_stopping=True, epochs=3, random_state=3).fit(x, y)
    columns = model.model_.encoder.columns
    assert columns[1].center != pytest.approx(x[:, 1].mean(), rel=1e-9)
    assert model.model_.scale.offset != pytest.approx(y.mean(), rel=1e-9)


@pytest.mark.parametrize("kind", BOTH)
def test_weights_are_repetitions(kind, array):
    """A row of weight 3 is the same as three such rows, and one of weight 0 as none.

    In one batch, without batch norm and normalisation, which go by rows; the numbers have mean 0
    and deviation 1 either way.
    """
    x, y = np.nan_to_num(array[0])[:40], np.where(np.arange(40) % 2, 1, -1)
    weight = np.arange(40) // 2 % 4
    how = {"batch_norm": False, "normalize": "none", "batch_size": 500, "random_state": 3}
    weighed = kind(**how).fit(x, y, sample_weight=weight)
    repeated = kind(**how).fit(np.repeat(x, weight, axis=0), np.repeat(y, weight))
    unweighed = kind(**how).fit(x[weight > 0], y[weight > 0])
    method = "predict" if kind is ts.DenseRegressor else "predict_log_proba"
    found, expected, other = (getattr(m, method)(x) for m in (weighed, repeated, unweighed))
    np.testing.assert_allclose(found, expected, atol=1e-3)
    assert np.abs(other - expected).max() > 0.1


@pytest.mark.parametrize("kind", BOTH)
def test_going_on(kind, array):
    """Epoch after epoch on the same rows is one training, also from a copy out of a pickle."""
    x, y = array
    whole = kind(epochs=4, batch_size=13, random_state=3).fit(x, y)
    parts = kind(epochs=2, batch_size=13, random_state=3).fit(x, y)
    for _ in range(2):
        parts = pickle.loads(pickle.dumps(parts)).partial_fit(x, y)
    assert parts.n_iter_ == parts.best_epoch_ == 4
    assert parts.loss_curve_ == whole.loss_curve_
    assert parts.model_.members[0].weights.tobytes() == whole.model_.members[0].weights.tobytes()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"epochs": 0}, "epochs must be a whole number of 1 or more, got 0"),
        ({"n_iter_no_change": 0.5}, "n_iter_no_change must be a whole number of 1 or more, got"),
        ({"units": 0}, "every width of .* must be a whole number of 1 or more, got 0"),
        ({"activation": "step"}, "activation must be one of sigmoid, .*mish, got 'step'"),
        ({"optimizer": "lbfgs"}, "optimizer must be one of sgd, .*adamw, got 'lbfgs'"),
        ({"learning_rate": -1}, "learning_rate must be a finite number above 0, got -1"),
        ({"learning_rate": 1e38}, "training diverged in epoch .* lower it"),
    ],
)
def test_what_cannot_be(change, sentence, array):
    """Parameters are refused when fit is called, in one sentence."""
    with pytest.raises(NetworkError, match=sentence):
        ts.DenseClassifier(**change).fit(*array)


def test_an_unknown_normalize(array):
    """The choices are listed."""
    with pytest.raises(DataError, match="no normalize 'mean'; choose none, standard, robust"):
        ts.DenseClassifier(normalize="mean").fit(*array)


def test_one_row():
    """Batch norm needs two rows; without it one is enough."""
    with pytest.raises(ValueError, match="minimum of 2 is required"):
        ts.DenseRegressor().fit([[1.0, 2.0]], [3.0])
    model = ts.DenseRegressor(batch_norm=False).fit([[1.0, 2.0]], [3.0])
    assert model.predict([[1.0, 2.0]]) == pytest.approx([3.0], abs=1e-3)
    with pytest.raises(ValueError, match="minimum of 2 is required"):
        ts.DenseRegressor(layers=1).fit([[1.0, 2.0]], [3.0])
