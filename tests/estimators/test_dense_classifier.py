"""A network for classes, its hyperparameters given."""

import numpy as np
import pytest

import tunesmith as ts
from tunesmith.errors import DataError
from tunesmith.rng import stream


def test_a_frame_as_it_is(frame, fruit):
    """Categories, dates and missing values are learned from without a pipeline."""
    model = ts.DenseClassifier(learning_rate=1e-2, random_state=3).fit(frame[::2], fruit[::2])
    assert model.score(frame[1::2], fruit[1::2]) > 0.75
    assert model.classes_.tolist() == ["apple", "kiwi", "pear"]
    colourless = frame.drop("colour")
    model.fit(colourless[::2], fruit[::2])
    assert model.score(colourless[1::2], fruit[1::2]) < 0.75
    assert [c.name for c in model.columns_ if c.why] == ["shop"]


def test_class_weight(array):
    """A class that counts more is predicted more; "balanced" lies between."""
    x, y = np.nan_to_num(array[0]), 1 * (array[1] > 11)
    shares = {}
    for name, weight in (("plain", None), ("ten", {0: 1, 1: 10}), ("balanced", "balanced")):
        model = ts.DenseClassifier(units=4, class_weight=weight, random_state=3, epochs=8)
        shares[name] = model.fit(x, y).predict_proba(x)[:, 1].mean()
    assert shares["plain"] < shares["balanced"] < shares["ten"]


def test_classes_come_in_parts(array):
    """Every class is named at first; the parts need not hold them all."""
    x, y = array
    model = ts.DenseClassifier(random_state=3)
    for _ in range(40):
        for part in (y < 10, y >= 10):
            model.partial_fit(x[part], y[part], classes=[18, 0, 11, 7])
    assert model.classes_.tolist() == [0, 7, 11, 18]
    assert model.n_iter_ == 80
    assert set(model.predict(x)) > {0, 7}
    with pytest.raises(DataError, match="y has 12, which is none of the 4 classes known"):
        model.partial_fit(x, y, classes=[0, 7, 12])


@pytest.mark.parametrize(
    ("model", "classes", "y", "words"),
    [
        (ts.DenseClassifier(), None, [0, 1, 0], "must know every class: give classes="),
        (ts.DenseClassifier(), [0, 1], [0, 1, 2], "y has 2, which is none of the 2 classes known"),
        (ts.DenseClassifier(class_weight="balanced"), [0, 1], [0, 1, 1], "give partial_fit a dict"),
    ],
)
def test_parts_that_cannot_be(model, classes, y, words):
    """Each is said in one sentence."""
    with pytest.raises(DataError, match=words):
        model.partial_fit([[1.0], [2.0], [4.0]], y, classes=classes)


def test_classes_of_rows_without_weight_are_known():
    """A class whose rows have weight 0 has its column, and is not predicted."""
    x = np.arange(12.0)[:, None]
    y = np.repeat(["a", "b", "c"], 4)
    model = ts.DenseClassifier(random_state=3).fit(x, y, sample_weight=[1] * 8 + [0] * 4)
    assert model.classes_.tolist() == ["a", "b", "c"]
    assert "c" not in model.predict(x)


def test_one_class():
    """A single class is predicted, with probability 1."""
    model = ts.DenseClassifier(random_state=3).fit([[1.0], [2.0], [5.0]], ["a", "a", "a"])
    assert model.predict_proba([[3.0]]).tolist() == [[1.0]]


@pytest.mark.parametrize("seed", [3, 17, 71])
@pytest.mark.parametrize("classes", [2, 3])
def test_a_class_that_counts_for_all(classes, seed):
    """Few rows without any pattern, at the defaults: nearly all are given the one heavy class."""
    chance = stream(seed, "noise")
    x, y = chance.normal(size=(103, 2)), chance.integers(classes, size=103)
    weight = dict.fromkeys(range(classes), 1e-4) | {1: 1000}
    model = ts.DenseClassifier(class_weight=weight, random_state=seed).fit(x[:51], y[:51])
    assert np.mean(model.predict(x[51:]) == 1) > 0.9
