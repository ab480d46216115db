"""What each row counts, by its class."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_sample_weight

from tunesmith.engine.weights import class_weights
from tunesmith.errors import NetworkError

LABELS = np.array([2, 0, 2, 2, 4, 0, 2])

labels_of_5 = st.lists(st.integers(0, 4), min_size=1, max_size=30).map(np.array)


def test_balanced_drawn_by_hand():
    """7 rows of 3 classes, 1 and 3 without rows: 7 / (3 * 2), 7 / (3 * 4), 7 / (3 * 1)."""
    expected = [7 / 12, 7 / 6, 7 / 12, 7 / 12, 7 / 3, 7 / 6, 7 / 12]
    np.testing.assert_allclose(class_weights(LABELS, 5, "balanced"), expected, rtol=1e-15)


@given(labels_of_5)
def test_balanced_is_scikit_learns(labels):
    """The same weights, whichever classes have rows."""
    expected = compute_sample_weight("balanced", labels)
    np.testing.assert_allclose(class_weights(labels, 5, "balanced"), expected, rtol=1e-12)


@given(labels_of_5)
def test_balanced_classes_count_the_same(labels):
    """Each class that has rows sums to the same, and the mean over all rows is 1."""
    weights = class_weights(labels, 5, "balanced")
    sums = [weights[labels == label].sum() for label in set(labels.tolist())]
    np.testing.assert_allclose(sums, len(labels) / len(sums), rtol=1e-12)
    assert weights.mean() == pytest.approx(1, rel=1e-12)


def test_a_mapping_names_weights():
    """A class that is not named counts 1; one without rows may be named."""
    weights = class_weights(LABELS, 5, {2: 0.25, 3: 7, 4: 0})
    np.testing.assert_array_equal(weights, [0.25, 1, 0.25, 0.25, 0, 1, 0.25])
    np.testing.assert_array_equal(class_weights(LABELS, 5, {}), np.ones(7))


def test_no_rows_have_no_weights():
    """An empty part is no division by zero."""
    for kind in ("balanced", {1: 2.0}):
        assert class_weights(LABELS[:0], 5, kind).shape == (0,)


@pytest.mark.parametrize(
    ("labels", "classes", "kind", "said"),
    [
        (LABELS, 5, "even", "class weights must be \"balanced\" or a mapping, got 'even'"),
        (LABELS, 4, "balanced", "labels must be whole numbers from 0 to 3, got 4"),
        (LABELS - 1, 5, {}, "labels must be whole numbers from 0 to 4, got -1"),
        (LABELS, 0, "balanced", "classes must be a whole number of 1 or more, got 0"),
        (
            LABELS,
            5,
            {"pear": 2.0},
            "class weights name class 'pear', but classes are whole numbers from 0 to 4",
        ),
        (
            LABELS,
            5,
            {5: 2.0},
            "class weights name class 5, but classes are whole numbers from 0 to 4",
        ),
        (
            LABELS,
            5,
            {3: -1.5},
            "the weight of class 3 must be a finite number of 0 or more, got -1.5",
        ),
        (
            LABELS,
            5,
            {3: float("inf")},
            "the weight of class 3 must be a finite number of 0 or more, got inf",
        ),
        (
            LABELS,
            5,
            {3: float("nan")},
            "the weight of class 3 must be a finite number of 0 or more, got nan",
        ),
    ],
)
def test_what_is_no_weight_is_refused(labels, classes, kind, said):
    """One sentence with the value."""
    with pytest.raises(NetworkError) as caught:
        class_weights(labels, classes, kind)
    assert str(caught.value) == said
