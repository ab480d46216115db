"""Scores, their intervals, and what one would have without a network."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, norm
from sklearn.metrics import r2_score

from tunesmith.fit import score as module
from tunesmith.fit.score import (
    METRIC,
    Z95,
    Score,
    accuracy,
    baselines,
    r2,
    score_classes,
    score_numbers,
)
from tunesmith.rng import stream
from tunesmith.table.target import TaskKind


def judged(right, rows):
    """Score predictions of which so many are right."""
    labels = np.arange(rows) % 3
    outputs = np.eye(3)[np.where(np.arange(rows) < right, labels, (labels + 1) % 3)]
    return score_classes(outputs, labels)


def test_accuracy_drawn_by_hand():
    """The largest output counts, negative or not."""
    outputs = np.array([[0.1, 0.3, -5], [-7, -9, -8], [1, 2, 3], [5, 4, 6], [0, 2, 1]], np.float32)
    assert accuracy(outputs, np.array([1, 0, 2, 0, 2])) == 3 / 5


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_a_network_that_diverged_has_no_accuracy(wrong):
    """One output that is not finite, and there is no share of right answers: it is NaN."""
    outputs = np.array([[0.1, 0.3, wrong], [3, 2, 1]])
    assert math.isnan(accuracy(outputs, np.array([0, 0])))


@pytest.mark.parametrize(
    ("right", "rows", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_published_intervals(right, rows, low, high):
    """Newcombe 1998 (Statistics in Medicine 17, table I), method 3, gives these."""
    score = judged(right, rows)
    assert (round(score.low, 4), round(score.high, 4)) == (low, high)
    assert (score.metric, score.value, score.rows) == ("accuracy", right / rows, rows)


@given(data=st.data(), rows=st.integers(1, 3000))
def test_the_interval_is_wilsons(data, rows):
    """It is the one SciPy computes, and holds the accuracy, at 0 and 1 too."""
    right = data.draw(st.sampled_from([0, rows]) | st.integers(0, rows))
    score = judged(right, rows)
    theirs = binomtest(right, rows).proportion_ci(0.95, method="wilson")
    assert score.low == pytest.approx(theirs.low, abs=1e-12)
    assert score.high == pytest.approx(theirs.high, abs=1e-12)
    assert 0 <= score.low <= score.value <= score.high <= 1
    assert score.low < score.high


@pytest.mark.parametrize("rows", [97, 611])
def test_all_right_and_all_wrong(rows):
    """At 1 and at 0 the interval is one-sided, z^2 / (rows + z^2) wide: never of width 0."""
    width = Z95**2 / (rows + Z95**2)
    best, worst = judged(rows, rows), judged(0, rows)
    assert (best.value, best.high) == (1, 1)
    assert best.low == pytest.approx(1 - width, rel=1e-12)
    assert (worst.value, worst.low) == (0, 0)
    assert worst.high == pytest.approx(width, rel=1e-12)


def test_95_percent_of_a_normal_distribution():
    """Z95 is where SciPy has it."""
    assert norm.ppf(0.975) == pytest.approx(Z95, rel=1e-15)


@pytest.mark.parametrize("share", [0.53, 0.71, 0.83, 0.9])
def test_an_accuracy_is_in_its_interval_19_times_in_20(share):
    """Over all outcomes of 297 rows, each with its probability, the true share is inside."""
    rows = 297
    inside = [
        right
        for right in range(rows + 1)
        if (score := judged(right, rows)).low <= share <= score.high
    ]
    assert 0.93 <= binom.pmf(inside, rows, share).sum() <= 0.97


@given(seed=st.integers(0, 10**6), rows=st.integers(2, 70), level=st.floats(-1e6, 1e6))
def test_r2_is_scikit_learns(seed, rows, level):
    """Also far from 0, and for predictions worse than the mean."""
    chance = stream(seed, "r2")
    targets = level + chance.normal(size=rows)
    predictions = targets + chance.normal(size=rows) * chance.uniform(0, 3)
    assert r2(predictions, targets) == pytest.approx(r2_score(targets, predictions), abs=1e-9)


def test_r2_of_one_value_is_none():
    """Where nothing varies there is nothing to explain: NaN, not a division by 0."""
    assert math.isnan(r2(np.array([3.0, 5.0]), np.array([3.5, 3.5])))
    constant = score_numbers(np.array([3.0, 5.0]), np.array([3.5, 3.5]), seed=3)
    assert math.isnan(constant.value)
    assert math.isnan(constant.low)
    assert math.isnan(constant.high)


def test_the_interval_of_r2_repeats():
    """The same seed resamples the same rows, another seed others."""
    chance = stream(3, "targets")
    targets = chance.normal(7, 2, 83)
    predictions = targets + chance.normal(0, 1, 83)
    score = score_numbers(predictions, targets, seed=3)
    assert score == score_numbers(predictions, targets, seed=3)
    assert score.low != score_numbers(predictions, targets, seed=4).low
    assert (score.metric, score.rows) == ("r2", 83)
    assert score.low < score.value < score.high < 1


def test_a_perfect_prediction_has_no_doubt():
    """Every resample of no error is 1."""
    targets = np.array([3.0, 5.5, 8.0, 1.25, 7.0])
    perfect = Score(metric="r2", value=1.0, low=1.0, high=1.0, rows=5)
    assert score_numbers(targets, targets, seed=3) == perfect


def test_r2_is_in_its_interval_19_times_in_20(monkeypatch):
    """Of 300 samples with a known R2 of 0.8, the interval holds it in 91 to 98 of 100."""
    monkeypatch.setattr(module, "RESAMPLES", 199)
    chance = stream(3, "coverage")
    inside = 0
    for sample in range(300):
        signal = chance.normal(0, 2, 211)
        score = score_numbers(signal, signal + chance.normal(0, 1, 211), seed=sample)
        inside += score.low <= 0.8 <= score.high
    assert 273 <= inside <= 294


def test_baselines_of_classes():
    """Two groups apart, which a line divides; the constant is the class most frequent in training.

    On the test rows another class is the most frequent, and that does not count.
    """
    x = np.array([[-3.0, 1], [-2, 5], [-2.5, 3], [2, 1], [3, 4]], np.float32)
    y = np.array([2, 2, 2, 0, 0])
    x_test = np.array([[-2.2, 2], [2.5, 2], [2.1, 5], [2.9, 3], [1.9, 1], [-3, 3], [2, 2]])
    y_test = np.array([2, 0, 0, 0, 0, 0, 0])
    found = baselines(x, y, x_test.astype(np.float32), y_test, TaskKind.CLASSIFICATION)
    assert found == {"linear": 6 / 7, "constant": 1 / 7}


def test_baselines_of_numbers():
    """A linear target is predicted almost as it is, and by its training mean worse than by 0."""
    chance = stream(3, "x")
    x, x_test = chance.normal(size=(500, 3)), chance.normal(size=(90, 3)) + 2
    slopes = np.array([3.0, -1.5, 0.25])
    y, y_test = 1000 + x @ slopes, 1000 + x_test @ slopes
    found = baselines(
        x.astype(np.float32), y, x_test.astype(np.float32), y_test, TaskKind.REGRESSION
    )
    assert 0.999 < found["linear"] <= 1
    mean = np.full(90, y.mean())
    assert found["constant"] == pytest.approx(r2_score(y_test, mean), abs=1e-9)
    assert found["constant"] < 0


@pytest.mark.parametrize("task", TaskKind)
def test_baselines_know_categories(task):
    """Slots are no numbers: what the middle one of three means, a line cannot say."""
    slots, other = np.arange(60) % 3, np.arange(60) % 2
    x = np.stack([np.zeros(60), slots, other], axis=1).astype(np.float32)
    y = np.where(slots == 1, 7, 2) if task is TaskKind.CLASSIFICATION else 1.5 * (slots == 1)
    known, test = slice(0, 39), slice(39, None)
    knowing = baselines(x[known], y[known], x[test], y[test], task, (3, 2))
    assert knowing["linear"] > 0.95
    unknowing = baselines(x[known], y[known], x[test], y[test], task)
    assert unknowing["linear"] < 0.7
    assert unknowing["constant"] == knowing["constant"]


def test_every_task_has_its_metric():
    """Accuracy and R2, both the larger the better."""
    assert set(METRIC) == set(TaskKind)
    assert set(METRIC.values()) == {"accuracy", "r2"}
