"""What each row counts, by its class."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tunesmith.engine.network import check_count
from tunesmith.errors import NetworkError


def class_weights(
    labels: NDArray[np.int64], classes: int, kind: str | Mapping[int, float]
) -> NDArray[np.float64]:
    """Return the weight of each row [N] for labels [N] in 0..classes-1, as `Training` takes it.

    "balanced" gives every class that has rows the same sum: N / (K count), where count is the
    class's rows and K the number of classes with rows (King and Zeng 2001; scikit-learn's
    formula). A mapping gives the weight of each class, 1 where it names none.

    Raises NetworkError for another kind, for labels and classes that are none, and for weights
    that are no finite numbers of 0 or more.
    """
    check_count("classes", classes)
    if len(labels) and not (labels.min() >= 0 and labels.max() < classes):
        wrong = labels[(labels < 0) | (labels >= classes)][0]
        raise NetworkError(f"labels must be whole numbers from 0 to {classes - 1}, got {wrong}")
    if isinstance(kind, str):
        return _balanced(np.bincount(labels, minlength=classes), kind)[labels]
    return _named(classes, kind)[labels]


def _balanced(counts: NDArray[np.int64], kind: str) -> NDArray[np.float64]:
    """Return the weight of each class [K]; 0 for one without rows."""
    if kind != "balanced":
        raise NetworkError(f'class weights must be "balanced" or a mapping, got {kind!r}')
    there = counts > 0
    weights = np.zeros(len(counts))
    weights[there] = counts.sum() / (there.sum() * counts[there])
    return weights


def _named(classes: int, kind: Mapping[int, float]) -> NDArray[np.float64]:
    """Return the weight of each class [K]."""
    weights = np.ones(classes)
    for label, weight in kind.items():
        if label not in range(classes):
            raise NetworkError(
                f"class weights name class {label!r}, but classes are whole numbers from 0 to "
                f"{classes - 1}"
            )
        if not 0 <= weight < np.inf:
            raise NetworkError(
                f"the weight of class {label} must be a finite number of 0 or more, got {weight!r}"
            )
        weights[int(label)] = weight
    return weights
