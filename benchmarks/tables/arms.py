"""What is compared: each arm learns from a table's training rows and predicts its test rows.

Searches of scikit-learn's own have no time limit, so they draw configs two at a time, one for each
core, while another pair as long as the slowest so far would fit; then the best is fitted on all
training rows, as RandomizedSearchCV does. Configs are compared on a fifth of the training rows,
which costs less than folds and so lets them try more.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.tables.data import Part

CORES: Final = 2

REFIT: Final = 1.3
"""What the last fit takes, on a quarter more rows, as a multiple of the slowest pair of configs."""

ALONE: Final = "tunesmith"
TOGETHER: Final = "tunesmith ensemble"
OURS: Final = (ALONE, TOGETHER)
PEERS: Final = ("MLP searched", "trees", "trees searched", "RealMLP")
ARMS: Final = (*OURS, *PEERS)
"""Every arm, in the order of the table."""

FEWEST: Final = 5
"""Rows of a class with which some of each can be kept apart."""

Answer = tuple[NDArray[Any], dict[str, Any]]
"""Predictions of the test rows, labels or numbers, and what is worth knowing of the fit."""

Answers = Mapping[str, Answer]
"""By arm: one run may answer for several."""


def tunesmith(part: Part, minutes: float, seed: int) -> Answers:
    """Return what the best network of a search predicts, and what the best few predict together.

    One search is behind both: the first network of the few is the one recommended.
    """
    import tunesmith as ts

    kind = ts.TunedClassifier if part.classes else ts.TunedRegressor
    tuned = kind(
        trials=None,
        minutes=minutes,
        workers=CORES,
        metric=part.metric,
        ensemble=True,
        random_state=seed,
    )
    tuned.fit(part.train, part.y_train)
    members = tuned.model_.members
    about = {
        "trials": len(tuned.history_.trials),
        "epochs": tuned.history_.epochs,
        "networks": len(members),
        "validation": tuned.history_.best.metric(part.metric),
        "config": dict(tuned.best_config_),
    }
    together = tuned.predict(part.test)
    tuned.model_ = replace(tuned.model_, members=members[:1])
    return {ALONE: (tuned.predict(part.test), about), TOGETHER: (together, about)}


def mlp(part: Part, minutes: float, seed: int) -> Answer:
    """Return what the best of scikit-learn's MLPs predicts."""
    from scipy.stats import loguniform
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    ranges = {
        "learning_rate_init": loguniform(3e-4, 1e-2),
        "hidden_layer_sizes": [(u,) * n for u in (32, 64, 128, 256) for n in (1, 2, 3)],
        "alpha": loguniform(1e-6, 1e-1),
        "batch_size": [32, 64, 128, 256],
        "activation": ["relu", "tanh"],
    }
    kind = MLPClassifier if part.classes else MLPRegressor
    network = kind(early_stopping=True, max_iter=200, random_state=seed)
    model, prefix = _prepared(part, network)
    named = {prefix + name: values for name, values in ranges.items()}
    return _searched(part, model, named, _codes(part), minutes, seed)


def trees(part: Part, minutes: float, seed: int) -> Answer:  # noqa: ARG001 - as long as it takes
    """Return what HistGradientBoosting predicts as it comes."""
    model = _boosting(part, seed)
    model.fit(_codes(part)[0], part.y_train)
    return model.predict(_codes(part)[1]), {"iterations": int(model.n_iter_)}


def tuned_trees(part: Part, minutes: float, seed: int) -> Answer:
    """Return what the best of many HistGradientBoostings predicts."""
    from scipy.stats import loguniform, randint, uniform

    # Where a class has hardly a row, none can be kept apart to stop early by.
    enough = not part.classes or np.bincount(part.y_train).min() >= FEWEST
    ranges = {
        "learning_rate": loguniform(0.02, 0.3),
        "max_leaf_nodes": randint(8, 128),
        "min_samples_leaf": randint(5, 100),
        "l2_regularization": loguniform(1e-3, 10),
        "max_features": uniform(0.3, 0.7),
        "max_iter": [1000 if enough else 100],
        "early_stopping": [enough],
    }
    return _searched(part, _boosting(part, seed), ranges, _codes(part), minutes, seed)


def realmlp(part: Part, minutes: float, seed: int) -> Answer:  # noqa: ARG001 - as long as it takes
    """Return what pytabkit's RealMLP-TD predicts with its defaults."""
    from pytabkit import RealMLP_TD_Classifier, RealMLP_TD_Regressor

    kind = RealMLP_TD_Classifier if part.classes else RealMLP_TD_Regressor
    model = kind(device="cpu", random_state=seed, n_threads=CORES)
    train, test = _frames(part)
    model.fit(train, part.y_train, cat_col_names=list(part.categorical))
    return model.predict(test), {}


def run(arm: str, part: Part, minutes: float, seed: int) -> Answers:
    """Return the answers of an arm, and of those that come of the same run."""
    if arm in OURS:
        return tunesmith(part, minutes, seed)
    alone = (mlp, trees, tuned_trees, realmlp)
    return {arm: dict(zip(PEERS, alone, strict=True))[arm](part, minutes, seed)}


def _boosting(part: Part, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = HistGradientBoostingClassifier if part.classes else HistGradientBoostingRegressor
    places = [k for k, name in enumerate(part.train.columns) if name in part.categorical]
    return kind(categorical_features=places or None, random_state=seed)


def _codes(part: Part) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return training and test rows as numbers, categories as codes; NaN for missing or new."""
    train, test = [], []
    for name in part.train.columns:
        cells, new = part.train[name], part.test[name]
        if name in part.categorical:
            values = cells.drop_nulls().unique().sort()
            places = pl.int_range(len(values), eager=True)
            cells, new = (
                column.replace_strict(values, places, default=None, return_dtype=pl.Float64)
                for column in (cells, new)
            )
        train.append(cells.to_numpy())
        test.append(new.to_numpy())
    return np.column_stack(train).astype(float), np.column_stack(test).astype(float)


def _frames(part: Part) -> tuple[Any, Any]:
    """Return training and test rows as pandas frames; missing numbers are the median's."""
    import pandas as pd

    train, test = (pd.DataFrame(codes, columns=part.train.columns) for codes in _codes(part))
    for name in part.train.columns:
        fill = -1 if name in part.categorical else train[name].median()
        for frame in (train, test):
            frame[name] = frame[name].fillna(fill)
            if name in part.categorical:
                frame[name] = frame[name].astype(int).astype(str)
    return train, test


def _prepared(part: Part, network: Any) -> tuple[Any, str]:
    """Return a pipeline, and what the names of the network's parameters in it begin with.

    Numbers are imputed and standardised, categories one-hot; numbers to predict are standardised.
    """
    from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    places = [k for k, name in enumerate(part.train.columns) if name in part.categorical]
    numbers = [k for k in range(part.train.width) if k not in places]
    columns = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
            ("categories", OneHotEncoder(handle_unknown="ignore", sparse_output=False), places),
        ]
    )
    if part.classes:
        return make_pipeline(columns, network), "mlpclassifier__"
    target = TransformedTargetRegressor(network, transformer=StandardScaler())
    return make_pipeline(columns, target), "transformedtargetregressor__regressor__"


def _searched(
    part: Part,
    model: Any,
    ranges: Mapping[str, Any],
    rows: tuple[Any, Any],
    minutes: float,
    seed: int,
) -> Answer:
    """Draw configs in pairs while time allows, then fit the best on all training rows."""
    from sklearn.base import clone
    from sklearn.model_selection import RandomizedSearchCV, ShuffleSplit

    end, slowest, best, drawn = time.monotonic() + 60 * minutes, 0.0, (-np.inf, {}), 0
    judged = ShuffleSplit(1, test_size=0.2, random_state=seed)
    while True:
        began = time.monotonic()
        if drawn and began + slowest * (1 + REFIT) > end:
            break
        search = RandomizedSearchCV(
            model,
            dict(ranges),
            n_iter=CORES,
            n_jobs=CORES,
            cv=judged,
            refit=False,
            scoring=part.metric,
            random_state=seed + drawn,
        ).fit(rows[0], part.y_train)
        drawn += CORES
        slowest = max(slowest, time.monotonic() - began)
        best = max(best, (search.best_score_, search.best_params_), key=lambda found: found[0])
    model = clone(model).set_params(**best[1]).fit(rows[0], part.y_train)
    about = {"trials": drawn, "validation": float(best[0]), "config": _plain(best[1])}
    return model.predict(rows[1]), about


def _plain(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a config with Python's own numbers and lists."""
    return {name: getattr(value, "tolist", lambda v=value: v)() for name, value in config.items()}
