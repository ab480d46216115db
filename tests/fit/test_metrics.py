"""Metrics by name, beside scikit-learn's."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn import metrics as theirs

from tunesmith.errors import StudyError
from tunesmith.fit.metrics import METRICS, metric_of
from tunesmith.model.model import shares_of
from tunesmith.rng import stream
from tunesmith.study import Goal
from tunesmith.table.target import TaskKind

CLASSES, NUMBERS = TaskKind.CLASSIFICATION, TaskKind.REGRESSION
OF_CLASSES = [name for name, metric in METRICS.items() if metric.task is CLASSES]
OF_NUMBERS = [name for name, metric in METRICS.items() if metric.task is NUMBERS]

tables = st.tuples(st.integers(2, 7), st.integers(3, 90), st.integers(0, 10**6))


def classified(classes, rows, seed, *, steps=None):
    """Return logits [N, K] and labels [N]; logits that are whole numbers have many ties."""
    chance = stream(seed, "classified")
    labels = chance.integers(0, classes, rows)
    logits = chance.normal(0, 2, (rows, classes)) + np.eye(classes)[labels]
    return (np.round(logits) if steps else logits).astype(np.float32), labels


def area(logits, labels):
    """Return scikit-learn's area under the curve: of two classes, and of more as ovr, macro."""
    shares = shares_of(logits)
    if shares.shape[1] == 2:
        return theirs.roc_auc_score(labels, shares[:, 1])
    every = range(shares.shape[1])
    return theirs.roc_auc_score(labels, shares, multi_class="ovr", average="macro", labels=every)


@given(table=tables, steps=st.booleans())
def test_metrics_of_classes_are_scikit_learns(table, steps):
    """For two classes and more, with ties and without."""
    logits, labels = classified(*table, steps=steps)
    classes = table[0]
    assume(len(np.unique(labels)) == classes)
    of = {name: METRICS[name].of(logits, labels) for name in OF_CLASSES}
    foretold = logits.argmax(axis=1)
    assert of["accuracy"] == pytest.approx(theirs.accuracy_score(labels, foretold), abs=1e-12)
    assert of["balanced_accuracy"] == pytest.approx(
        theirs.balanced_accuracy_score(labels, foretold), abs=1e-12
    )
    assert of["log_loss"] == pytest.approx(
        theirs.log_loss(labels, shares_of(logits), labels=range(classes)), rel=1e-9
    )
    assert of["auc"] == pytest.approx(area(logits, labels), abs=1e-12)


@given(rows=st.integers(2, 70), level=st.floats(-1e6, 1e6), seed=st.integers(0, 10**6))
def test_metrics_of_numbers_are_scikit_learns(rows, level, seed):
    """Also far from 0, and for predictions worse than the mean."""
    chance = stream(seed, "numbers")
    targets = level + chance.normal(size=rows)
    predictions = targets + chance.normal(size=rows) * chance.uniform(0, 3)
    of = {name: METRICS[name].of(predictions, targets) for name in OF_NUMBERS}
    assert of["r2"] == pytest.approx(theirs.r2_score(targets, predictions), abs=1e-9)
    error = theirs.root_mean_squared_error(targets, predictions)
    assert of["rmse"] == pytest.approx(error, rel=1e-9)
    assert of["mae"] == pytest.approx(theirs.mean_absolute_error(targets, predictions), rel=1e-9)


def test_accuracy_drawn_by_hand():
    """The largest output counts, negative or not."""
    outputs = np.array([[0.1, 0.3, -5], [-7, -9, -8], [1, 2, 3], [5, 4, 6], [0, 2, 1]], np.float32)
    labels = np.array([1, 0, 2, 0, 2])
    assert METRICS["accuracy"].of(outputs, labels) == 3 / 5
    assert METRICS["balanced_accuracy"].of(outputs, labels) == pytest.approx((1 + 0.5 + 0.5) / 3)


def test_only_classes_that_occur_are_averaged():
    """A class without rows has no share of them that is right, and no curve."""
    logits, labels = classified(3, 41, 7)
    kept = labels != 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn's, of a class that was only foretold
        expected = theirs.balanced_accuracy_score(labels[kept], logits[kept].argmax(axis=1))
    assert METRICS["balanced_accuracy"].of(logits[kept], labels[kept]) == pytest.approx(expected)
    shares = shares_of(logits[kept])
    areas = [theirs.roc_auc_score(labels[kept] == k, shares[:, k]) for k in (0, 2)]
    assert METRICS["auc"].of(logits[kept], labels[kept]) == pytest.approx(np.mean(areas))


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", [*OF_CLASSES, *OF_NUMBERS])
def test_a_network_that_diverged_has_no_metric(name, wrong):
    """One output that is not finite, and the metric is not either, nor its merit the largest."""
    metric = METRICS[name]
    if metric.task is CLASSES:
        value = metric.of(np.array([[0.1, wrong], [3, 2]]), np.array([0, 1]))
        assert math.isnan(value)
    else:
        value = metric.of(np.array([0.1, wrong]), np.array([0.5, 0.25]))
        assert not math.isfinite(value)
    assert metric.merit(value) == -math.inf


def test_right_answers_that_do_not_differ():
    """There is no R2 and no area under the curve: NaN, not a division by 0."""
    assert math.isnan(METRICS["r2"].of(np.array([3.0, 5.0]), np.array([3.5, 3.5])))
    assert math.isnan(METRICS["auc"].of(np.eye(3), np.array([2, 2, 2])))


def test_a_sure_wrong_answer_costs_without_overflow():
    """Logits far apart are what a network may put out: the loss is their distance."""
    logits = np.array([[900.0, -900.0], [-900.0, 900.0]], np.float32)
    assert METRICS["log_loss"].of(logits, np.array([1, 1])) == pytest.approx(900)


@pytest.mark.parametrize(("name", "sign"), [("accuracy", 1), ("log_loss", -1), ("mae", -1)])
def test_more_merit_is_better(name, sign):
    """The sign is turned where small values are good, and only there."""
    metric = METRICS[name]
    assert metric.merit(0.25) == sign * 0.25
    assert (metric.goal is Goal.MAX) == (sign > 0)


def test_every_task_has_its_metrics():
    """The first is what it has by default; a name is another's only by mistake."""
    assert OF_CLASSES == ["accuracy", "balanced_accuracy", "log_loss", "auc"]
    assert OF_NUMBERS == ["r2", "rmse", "mae"]
    assert (metric_of(CLASSES).name, metric_of(NUMBERS).name) == ("accuracy", "r2")
    assert metric_of(CLASSES, "auc") is METRICS["auc"]


@pytest.mark.parametrize(
    ("task", "name", "sentence"),
    [
        (NUMBERS, "auc", "auc judges classification, and this is regression: choose r2, rmse, mae"),
        (NUMBERS, "rmsle", "no metric 'rmsle'; did you mean 'rmse'? There are r2, rmse, mae"),
        (NUMBERS, "", "no metric ''; choose r2, rmse, mae"),
    ],
)
def test_what_is_no_metric_of_a_task(task, name, sentence):
    """One sentence with what there is."""
    with pytest.raises(StudyError) as caught:
        metric_of(task, name)
    assert str(caught.value) == sentence
