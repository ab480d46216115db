"""Columns that alone predict nearly everything: too good to be known beforehand, perhaps."""

from typing import Any, final

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.metrics import accuracy_score, r2_score, roc_auc_score
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from tunesmith.rng import stream
from tunesmith.table.columns import Table
from tunesmith.table.target import Target, TaskKind

THRESHOLD = 0.95
"""AUC, R2 or skill from which on a column is suspicious; H2O Driverless AI warns from there too."""

MOST_ROWS = 5_000
"""Rows that a column is judged by; in a wide table fewer, down to FEWEST_ROWS."""

FEWEST_ROWS = 500

MOST_CELLS = 1_000_000
"""Rows times columns that are judged."""

FOLDS = 3


@final
class Suspicion(msgspec.Struct, frozen=True, kw_only=True):
    """One column that predicts the target almost alone."""

    column: str
    metric: str
    """"AUC" for two classes, "accuracy" for more, "R2" for numbers."""
    score: float
    """Of a decision tree on this column alone, on rows it was not grown on."""


def find_suspicious(table: Table, target: Target) -> tuple[Suspicion, ...]:
    """Return the features that alone predict the target almost perfectly, the best first.

    Each is given to a decision tree that is judged by threefold cross-validation. An accuracy is
    measured by the skill it stands for, (accuracy - c) / (1 - c) with the share c of the commonest
    class. Without three rows of each of two classes nothing is judged.
    """
    features = table.features(target.name)
    size = min(MOST_ROWS, max(FEWEST_ROWS, MOST_CELLS // max(len(features), 1)))
    rows = stream(0, "check").permutation(target.rows)[:size]
    y: npt.NDArray[Any]
    if target.task is TaskKind.CLASSIFICATION:
        y = target.labels(table, rows)
        if sorted(np.bincount(y))[-2:][0] < FOLDS or len(np.unique(y)) < 2:
            return ()
    else:
        y = target.values(table, rows)
        if y.min() == y.max():
            return ()
    found = []
    for name in features:
        metric, score, skill = _score(_ranks(table.frame[name].gather(rows)), y, target)
        if skill >= THRESHOLD:
            found.append(Suspicion(column=name, metric=metric, score=score))
    return tuple(sorted(found, key=lambda suspicion: -suspicion.score))


def _ranks(cells: pl.Series) -> npt.NDArray[np.float64]:
    """Return cells as ranks [N, 1], NaN where missing; categories are ranked by frequency.

    A tree sees no more than the order of values, and a rank is never too large for it.
    """
    if cells.dtype == pl.String:
        order = cells.drop_nulls().value_counts(sort=True).to_series(0)
        cells = cells.replace_strict(order, pl.int_range(len(order), eager=True), default=None)
    x: npt.NDArray[np.float64] = cells.rank("dense").cast(pl.Float64).to_numpy()
    return x[:, None]


def _score(
    x: npt.NDArray[np.float64], y: npt.NDArray[Any], target: Target
) -> tuple[str, float, float]:
    """Return metric, score and skill of a tree on x [N, 1], judged on rows it has not seen."""
    if target.task is TaskKind.REGRESSION:
        tree = DecisionTreeRegressor(min_samples_leaf=2, random_state=0)
        score = float(r2_score(y, cross_val_predict(tree, x, y, cv=KFold(FOLDS))))
        return "R2", score, score
    tree = DecisionTreeClassifier(min_samples_leaf=2, random_state=0)
    if len(target.classes) == 2:
        folds = StratifiedKFold(FOLDS)
        shares = cross_val_predict(tree, x, y, cv=folds, method="predict_proba")
        score = float(roc_auc_score(y, shares[:, 1]))
        return "AUC", score, score
    score = float(accuracy_score(y, cross_val_predict(tree, x, y, cv=KFold(FOLDS))))
    commonest = np.bincount(y).max() / len(y)
    return "accuracy", score, (score - commonest) / (1 - commonest)
