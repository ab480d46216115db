"""What `fit` is given, checked: rows, what they count, and which of them only judge."""

from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import compute_sample_weight
from sklearn.utils.validation import _check_sample_weight

from tunesmith.errors import DataError
from tunesmith.estimators.inputs import checked
from tunesmith.number import as_real, shown
from tunesmith.table.split import split_rows

Rows = NDArray[np.int64]


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Given:
    """X and y as checked, and what each row counts."""

    x: Any
    """An array [N, D], or a data frame."""
    y: NDArray[Any]
    """[N]"""
    weight: NDArray[np.float64] | None
    """[N]; None where all rows count the same."""

    @property
    def rows(self) -> Rows:
        """The rows that count at all."""
        if self.weight is None:
            return np.arange(len(self.y))
        return np.flatnonzero(self.weight > 0)

    def weight_of(self, rows: Rows) -> NDArray[np.float64] | None:
        """Return what each of `rows` counts."""
        return None if self.weight is None else self.weight[rows]


def check_given(
    estimator: Any, x: Any, y: Any, sample_weight: Any, *, reset: bool, rows: int = 1
) -> Given:
    """Check what an estimator is to learn from; see `checked` and its errors."""
    x, y = checked(estimator, x, y, reset=reset, rows=rows)
    if sample_weight is None:
        return Given(x=x, y=y, weight=None)
    weight = _check_sample_weight(sample_weight, y, dtype=np.float64, ensure_non_negative=True)
    return Given(x=x, y=y, weight=weight)


def check_validation(estimator: Any, x: Any, y: Any) -> Given | None:
    """Check validation rows, if any are given; DataError for X without y, or y without X."""
    if x is None and y is None:
        return None
    if x is None or y is None:
        missing, other = ("X_val", "y_val") if x is None else ("y_val", "X_val")
        raise DataError(f"{other} is given and {missing} is not: give both, or neither")
    return check_given(estimator, x, y, None, reset=False)


def with_classes_weighed(given: Given, class_weight: Any) -> Given:
    """Return what is given with each row's weight times that of its class.

    class_weight: as in scikit-learn, None, "balanced", or a weight for each class.
    """
    if class_weight is None:
        return given
    weight = compute_sample_weight(class_weight, given.y)
    if given.weight is not None:
        weight = weight * given.weight
    return Given(x=given.x, y=given.y, weight=weight)


def held_back(given: Given, *, share: float, by_class: bool, seed: int) -> tuple[Rows, Rows]:
    """Return the rows to train on, and a share of them to judge by, of each class alike.

    Raises DataError for a share that leaves nothing on one of the two sides.
    """
    rows = given.rows
    part = as_real(share)
    if part is None or not 0 < part < 1:
        raise DataError(f"validation_fraction must lie between 0 and 1, got {shown(share)}")
    labels = np.unique(given.y[rows], return_inverse=True)[1] if by_class else None
    split = split_rows(rows, labels, seed=seed, test=0.0, valid=part)
    if min(len(split.train), len(split.valid)) == 0:
        raise DataError(
            f"{len(rows)} row(s) cannot be divided with validation_fraction={part:g}: "
            "add rows, give X_val and y_val, or set early_stopping=False"
        )
    return split.train, split.valid
