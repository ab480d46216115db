"""What `fit` is given: weights, own validation rows, rows held back."""

import numpy as np
import pytest

import tunesmith as ts
from tunesmith.errors import DataError
from tunesmith.estimators.given import (
    Given,
    check_given,
    check_validation,
    held_back,
    with_classes_weighed,
)

TOO_FEW = (
    "3 row(s) cannot be divided with validation_fraction=0.1: add rows, give X_val and y_val, "
    "or set early_stopping=False"
)
X = np.arange(18.0).reshape(6, 3)
Y = np.array([4, 9, 9, 4, 4, 9])


def test_a_row_of_weight_0_does_not_count():
    """Rows without weight are no rows to train on; without weights all are."""
    model = ts.DenseClassifier()
    given = check_given(model, X, Y, [1, 0, 2.5, 0, 1, 1], reset=True)
    assert given.rows.tolist() == [0, 2, 4, 5]
    assert given.weight_of(given.rows).tolist() == [1, 2.5, 1, 1]
    plain = check_given(model, X, Y, None, reset=True)
    assert plain.rows.tolist() == [0, 1, 2, 3, 4, 5]
    assert plain.weight_of(plain.rows) is None


@pytest.mark.parametrize(
    ("weight", "words"),
    [([1, 1, -1, 1, 1, 1], "Negative values"), ([0] * 6, "non-zero"), ([1, 2], "sample_weight")],
)
def test_weights_that_cannot_be(weight, words):
    """They are refused in scikit-learn's words."""
    with pytest.raises(ValueError, match=words):
        check_given(ts.DenseClassifier(), X, Y, weight, reset=True)


@pytest.mark.parametrize(
    ("class_weight", "weight", "expected"),
    [
        (None, [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]),
        ({4: 3, 9: 0.5}, None, [3, 0.5, 0.5, 3, 3, 0.5]),
        ({4: 3, 9: 0.5}, [1, 2, 3, 4, 5, 6], [3, 1, 1.5, 12, 15, 3]),
        ("balanced", None, [1, 1, 1, 1, 1, 1]),
    ],
)
def test_classes_weighed(class_weight, weight, expected):
    """A row counts its own weight times that of its class."""
    own = None if weight is None else np.array(weight, dtype=float)
    weighed = with_classes_weighed(Given(x=X, y=Y, weight=own), class_weight)
    assert weighed.weight.tolist() == expected


def test_validation_rows_come_whole():
    """X without y, or y without X, is refused; neither is none."""
    model = ts.DenseClassifier().fit(X, Y)
    assert check_validation(model, None, None) is None
    assert check_validation(model, X[:2], Y[:2]).y.tolist() == [4, 9]
    with pytest.raises(DataError, match="X_val is given and y_val is not: give both, or neither"):
        check_validation(model, X, None)
    with pytest.raises(DataError, match="y_val is given and X_val is not: give both, or neither"):
        check_validation(model, None, Y)
    with pytest.raises(ValueError, match="2 features, but DenseClassifier is expecting 3"):
        check_validation(model, X[:, :2], Y)


def test_rows_are_held_back_by_class():
    """Each class gives its share; rows of weight 0 are on neither side."""
    y = np.repeat([0, 1], [40, 10])
    weight = np.ones(50)
    weight[:10] = 0
    given = Given(x=np.zeros((50, 1)), y=y, weight=weight)
    train, held = held_back(given, share=0.1, by_class=True, seed=3)
    assert np.bincount(y[held]).tolist() == [3, 1]
    assert sorted([*train, *held]) == list(range(10, 50))


@pytest.mark.parametrize(
    ("share", "rows", "sentence"),
    [
        (0, 9, "validation_fraction must lie between 0 and 1, got 0"),
        (1.5, 9, "validation_fraction must lie between 0 and 1, got 1.5"),
        (
            0.1,
            3,
            TOO_FEW,
        ),
    ],
)
def test_rows_that_cannot_be_held_back(share, rows, sentence):
    """Each is said in one sentence."""
    given = Given(x=np.zeros((rows, 1)), y=np.zeros(rows), weight=None)
    with pytest.raises(DataError) as error:
        held_back(given, share=share, by_class=False, seed=0)
    assert str(error.value) == sentence
