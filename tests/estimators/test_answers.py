"""Classes and numbers as a network learns them, and as it is judged."""

import math

import numpy as np
import pytest
from sklearn.metrics import log_loss, r2_score

from tunesmith.errors import DataError
from tunesmith.estimators.answers import Amounts, Classes, as_numbers
from tunesmith.rng import stream


@pytest.mark.parametrize(
    ("y", "values", "names"),
    [
        (["b", "a", "c", "a"], ["a", "b", "c"], ("a", "b", "c")),
        ([7, -3, 7], [-3, 7], ("-3", "7")),
        ([2.0, 1.0], [1.0, 2.0], ("1", "2")),
        ([True, False, True], [False, True], ("False", "True")),
    ],
)
def test_classes_in_order(y, values, names):
    """Classes are sorted, kept as they were given, and named as text."""
    classes = Classes.of(np.array(y))
    assert (classes.values.tolist(), classes.names, classes.outputs) == (values, names, len(values))
    assert classes.values[classes.known(np.array(y))].tolist() == y


@pytest.mark.parametrize("other", ["aa", "0", "z"])
def test_a_class_that_is_not_known(other):
    """A value between, before or behind the classes is refused, and said."""
    classes = Classes.of(np.array(["a", "b", "c"]))
    with pytest.raises(DataError) as error:
        classes.known(np.array(["b", other]))
    assert str(error.value) == (
        f"y has {other!r}, which is none of the 3 classes known: "
        "leave these rows out, or name every class when you begin"
    )


def test_classes_are_judged_as_in_scikit_learn():
    """Loss and score are log_loss and the share of rows that are right."""
    chance = stream(3, "judge")
    outputs, labels = chance.normal(size=(37, 3)).astype(np.float32), chance.integers(0, 3, 37)
    shares = np.exp(outputs.astype(float))
    shares /= shares.sum(axis=1, keepdims=True)
    loss, score = Classes(np.arange(3)).judge(outputs, labels)
    assert loss == pytest.approx(log_loss(labels, shares), rel=1e-6)
    assert score == (outputs.argmax(axis=1) == labels).mean()


def test_numbers_are_judged_on_both_scales():
    """The loss is half the squared distance on the network's scale; the score is R2 of numbers."""
    y = np.array([1e6, 1e6 + 3, 1e6 + 9])
    amounts = Amounts.of(y)
    goal = amounts.goal(y)
    assert goal.shape == (3, 1)
    assert (goal.mean(), goal.std()) == (pytest.approx(0, abs=1e-6), pytest.approx(1))
    outputs = goal + np.array([[0.5], [0], [0]], dtype=np.float32)
    loss, score = amounts.judge(outputs, y)
    assert loss == pytest.approx(0.125 / 3, rel=1e-5)
    assert score == pytest.approx(r2_score(y, amounts.scale.values(outputs)), rel=1e-9)


def test_numbers_are_not_held_within_the_range_seen():
    """One network trained as asked predicts beyond what it has seen."""
    assert Amounts.of(np.array([0.0, 2.0])).scale.values(np.array([[7.0]]))[0] == 8
    assert math.isnan(Amounts.of(np.array([0.0, 2.0])).scale.values(np.array([[np.inf]]))[0])


def test_what_is_no_number():
    """Text is refused where numbers are needed."""
    with pytest.raises(DataError, match=r"y holds what is no number .*'red'.*: use a classifier"):
        as_numbers(np.array(["1.5", "red"]))
