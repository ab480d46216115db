"""Digits through scikit-learn's Pipeline and cross_val_score: ours beside a random search."""

import argparse
import os
import time
import warnings
from typing import Any

import numpy as np

from benchmarks.options import at_least
from benchmarks.report import Report, progress

TITLE = "TunedClassifier beside RandomizedSearchCV(MLPClassifier), on digits"

LAYERS = (1, 2, 3, 4)
WIDTHS = (32, 64, 128, 256)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    parser.add_argument("--trials", type=at_least(1), default=50, help="of each (%(default)s)")
    parser.add_argument("--folds", type=at_least(2), default=5, help="that judge (%(default)s)")
    parser.add_argument(
        "--inner",
        type=at_least(2),
        default=5,
        help="folds in which the random search compares, %(default)s as scikit-learn's default",
    )
    parser.add_argument(
        "--max-iter",
        type=at_least(1),
        default=200,
        help="epochs of an MLPClassifier at most, %(default)s as scikit-learn's default",
    )


def run(options: argparse.Namespace) -> Report:
    """Time cross_val_score of both, one after the other, on the same folds and cores."""
    from sklearn.datasets import load_digits

    from tunesmith.engine.train import warm_up

    x, y = load_digits(return_X_y=True)
    cores = os.cpu_count() or 1
    warm_up()  # compiling is once for all time
    arms = {
        "TunedClassifier": ours(options.trials, cores),
        "RandomizedSearchCV(MLPClassifier)": theirs(options, cores),
    }
    scores: dict[str, list[float]] = {}
    seconds: dict[str, float] = {}
    for name, estimator in arms.items():
        scores[name], seconds[name] = judged(estimator, x, y, options.folds)
        progress("  ".join(row(name, scores[name], seconds[name])))
    ratio = seconds["RandomizedSearchCV(MLPClassifier)"] / seconds["TunedClassifier"]
    return Report(
        title=f"cross_val_score on digits, {options.folds} folds, {options.trials} configs in each",
        columns=["estimator", "accuracy", "standard error", "seconds"],
        rows=[row(name, scores[name], seconds[name]) for name in arms],
        notes=[
            f"ours is {ratio:.1f} times as fast, on {cores} cores each",
            f"the random search compares its configs in {options.inner} folds",
            f"an MLPClassifier trains for {options.max_iter} epochs at most",
        ],
        figures={"scores": scores, "seconds": seconds, "ratio": ratio, **settings(options)},
    )


def settings(options: argparse.Namespace) -> dict[str, int]:
    """Return what was asked."""
    return {name: getattr(options, name) for name in ("trials", "folds", "inner", "max_iter")}


def ours(trials: int, cores: int) -> Any:
    """Return a pipeline that ends in a TunedClassifier."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    import tunesmith as ts

    tuned = ts.TunedClassifier(trials=trials, workers=cores, random_state=0)
    return make_pipeline(StandardScaler(), tuned)


def theirs(options: argparse.Namespace, cores: int) -> Any:
    """Return a pipeline that ends in a random search over the same hyperparameters and ranges."""
    from itertools import product

    from scipy.stats import loguniform
    from sklearn.model_selection import RandomizedSearchCV
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    ranges = {
        "learning_rate_init": loguniform(3e-4, 3e-2),
        "hidden_layer_sizes": [(w,) * depth for w, depth in product(WIDTHS, LAYERS)],
        "batch_size": [16, 32, 64, 128, 256],
        "beta_2": [0.9, 0.968, 0.99, 0.999],
    }
    search = RandomizedSearchCV(
        MLPClassifier(max_iter=options.max_iter, random_state=0),
        ranges,
        n_iter=options.trials,
        cv=options.inner,
        n_jobs=cores,
        random_state=0,
    )
    return make_pipeline(StandardScaler(), search)


def judged(estimator: Any, x: Any, y: Any, folds: int) -> tuple[list[float], float]:
    """Return the accuracy in each fold, and the seconds for all."""
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    cv = StratifiedKFold(folds, shuffle=True, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that max_iter was reached
        began = time.perf_counter()
        scores = cross_val_score(estimator, x, y, cv=cv)
        return scores.tolist(), time.perf_counter() - began


def row(name: str, scores: list[float], seconds: float) -> list[str]:
    """Return an estimator's line."""
    error = np.std(scores, ddof=1) / np.sqrt(len(scores))
    return [name, f"{np.mean(scores):.4f}", f"{error:.4f}", f"{seconds:.1f}"]
