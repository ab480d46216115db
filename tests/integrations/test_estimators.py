"""The estimators in scikit-learn's own checks, and with pandas."""

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import tunesmith as ts
from tunesmith.engine.train import warm_up
from tunesmith.rng import stream

BY_ROWS = {
    "check_sample_weight_equivalence_on_dense_data": (
        "a row of weight 2 is one row of its batch, of batch norm and of the normalisation, where "
        "two such rows are two; without these it holds (test_weights_are_repetitions)"
    )
}
"""What cannot be, and why."""


@pytest.fixture(autouse=True, scope="module")
def _compiled():
    warm_up()


def not_kept(estimator):
    """Return the checks that an estimator does not keep, with the reason."""
    return BY_ROWS


@parametrize_with_checks(
    [
        ts.DenseClassifier(),
        ts.DenseClassifier(random_state=0),
        ts.DenseRegressor(),
        ts.DenseRegressor(random_state=0),
        ts.TunedClassifier(),
        ts.TunedRegressor(),
    ],
    expected_failed_checks=not_kept,
)
@pytest.mark.filterwarnings("default")
def test_scikit_learn(estimator, check):
    """The checks that scikit-learn has for estimators, on what a user gets who sets nothing."""
    check(estimator)


@pytest.fixture(scope="module")
def fruit():
    """Return a pandas frame, and the classes that follow from it."""
    pd = pytest.importorskip("pandas", reason="needs pandas")
    chance = stream(31, "pandas")
    weight = chance.normal(140, 35, 240)
    colour = chance.choice(["red", "yellow", "größer, green"], 240)
    y = np.where(weight > 150, "pear", np.where(colour == "red", "apple", "kiwi"))
    weight[[3, 70]] = np.nan
    frame = pd.DataFrame(
        {
            "weight": weight,
            "colour": pd.Categorical(np.where(np.arange(240) == 9, None, colour)),
            "picked": pd.date_range("2021-03-04", periods=240),
        },
        index=np.arange(240)[::-1],
    )
    return frame, pd.Series(y, index=frame.index)


@pytest.mark.parametrize(
    "model", [ts.DenseClassifier(learning_rate=1e-2), ts.TunedClassifier(trials=3)], ids=str
)
def test_a_frame_in_folds(model, fruit):
    """Two processes at a time fit and judge a frame with categories and missing values."""
    scores = cross_val_score(model.set_params(random_state=3), *fruit, cv=3, n_jobs=2)
    assert scores.mean() > 0.8


def test_a_grid_over_ours(fruit):
    """GridSearchCV tries our parameters, in a pipeline too, and says what is best."""
    model = ts.DenseClassifier(random_state=3)
    grid = GridSearchCV(model, {"learning_rate": [1e-6, 1e-2], "units": [16, (32, 8)]}, n_jobs=2)
    assert grid.fit(*fruit).best_params_["learning_rate"] == 1e-2
    weights = fruit[0][["weight"]].fillna(0)
    pipeline = make_pipeline(StandardScaler(), model).set_output(transform="pandas")
    inside = GridSearchCV(pipeline, {"denseclassifier__epochs": [1, 20]}).fit(weights, fruit[1])
    assert inside.best_params_ == {"denseclassifier__epochs": 20}
    assert inside.best_estimator_[-1].feature_names_in_.tolist() == ["weight"]


def test_pandas_and_polars_are_the_same(fruit):
    """A polars frame of the same values gives the same network."""
    import polars as pl

    frame, y = fruit
    other = pl.DataFrame(
        {
            "weight": frame["weight"].to_numpy(),
            "colour": [None if c != c else c for c in frame["colour"]],
            "picked": frame["picked"].to_numpy(),
        }
    ).with_columns(pl.col("weight").fill_nan(None))
    one, two = (ts.DenseClassifier(random_state=3).fit(x, y.to_numpy()) for x in (frame, other))
    assert one.model_.members[0].weights.tobytes() == two.model_.members[0].weights.tobytes()
    assert one.model_.encoder == two.model_.encoder
