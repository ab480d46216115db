"""Scores, their intervals, and what one would have without a network."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, norm
from sklearn.metrics import r2_score

from tunesmith.fit import score as module
from tunesmith.fit.metrics import METRICS
from tunesmith.fit.score import Score, baselines, scored
from tunesmith.rng import stream
from tunesmith.search.advise.proportion import NORMAL_95
from tunesmith.table.target import TaskKind

ACCURACY, R2 = METRICS["accuracy"], METRICS["r2"]


def judged(right, rows):
    """Score predictions of which so many are right."""
    labels = np.arange(rows) % 3
    outputs = np.eye(3)[np.where(np.arange(rows) < right, labels, (labels + 1) % 3)]
    return scored(ACCURACY, outputs, labels, seed=3)


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
    width = NORMAL_95**2 / (rows + NORMAL_95**2)
    best, worst = judged(rows, rows), judged(0, rows)
    assert (best.value, best.high) == (1, 1)
    assert best.low == pytest.approx(1 - width, rel=1e-12)
    assert (worst.value, worst.low) == (0, 0)
    assert worst.high == pytest.approx(width, rel=1e-12)


def test_95_percent_of_a_normal_distribution():
    """NORMAL_95 is where SciPy has it."""
    assert norm.ppf(0.975) == pytest.approx(NORMAL_95, rel=1e-15)


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


def test_r2_of_one_value_has_no_interval():
    """Where nothing varies there is nothing to explain: NaN, not a division by 0."""
    constant = scored(R2, np.array([3.0, 5.0]), np.array([3.5, 3.5]), seed=3)
    assert math.isnan(constant.value)
    assert math.isnan(constant.low)
    assert math.isnan(constant.high)


@pytest.mark.parametrize("name", sorted(METRICS))
def test_every_metric_has_its_interval(name):
    """It holds the value, in the metric's own sign and unit, and is no wider than what there is."""
    chance, rows = stream(3, "all"), 131
    if METRICS[name].task is TaskKind.CLASSIFICATION:
        right = chance.integers(0, 3, rows)
        predictions = 2 * np.eye(3)[right] + chance.normal(size=(rows, 3))
    else:
        right = 50 + chance.normal(0, 7, rows)
        predictions = right + chance.normal(0, 3, rows)
    score = scored(METRICS[name], predictions, right, seed=3)
    assert score.value == METRICS[name].of(predictions, right)
    assert 0 < score.low < score.value < score.high
    assert score.high - score.low < 0.9 * score.value
    assert (score.metric, score.rows) == (name, rows)


def test_an_interval_is_drawn_from_so_many_outputs(monkeypatch):
    """The more classes there are, the fewer samples: here 300, and one for the value itself."""
    monkeypatch.setattr(module, "RESAMPLED_CELLS", 300 * 101 * 3)
    asked, metric = [], METRICS["log_loss"]
    counted = replace(metric, of=lambda *a: asked.append(None) or metric.of(*a))
    scored(counted, stream(3, "x").normal(size=(101, 3)), np.arange(101) % 3, seed=3)
    assert len(asked) == 301


def test_the_interval_of_r2_repeats():
    """The same seed resamples the same rows, another seed others."""
    chance = stream(3, "targets")
    targets = chance.normal(7, 2, 83)
    predictions = targets + chance.normal(0, 1, 83)
    score = scored(R2, predictions, targets, seed=3)
    assert score == scored(R2, predictions, targets, seed=3)
    assert score.low != scored(R2, predictions, targets, seed=4).low
    assert (score.metric, score.rows) == ("r2", 83)
    assert score.low < score.value < score.high < 1


def test_a_perfect_prediction_has_no_doubt():
    """Every resample of no error is 1."""
    targets = np.array([3.0, 5.5, 8.0, 1.25, 7.0])
    perfect = Score(metric="r2", value=1.0, low=1.0, high=1.0, rows=5)
    assert scored(R2, targets, targets, seed=3) == perfect


def test_r2_is_in_its_interval_19_times_in_20(monkeypatch):
    """Of 300 samples with a known R2 of 0.8, the interval holds it in 91 to 98 of 100."""
    monkeypatch.setattr(module, "RESAMPLES", 199)
    chance = stream(3, "coverage")
    inside = 0
    for sample in range(300):
        signal = chance.normal(0, 2, 211)
        score = scored(R2, signal, signal + chance.normal(0, 1, 211), seed=sample)
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
    found = baselines(x, y, x_test.astype(np.float32), y_test, ACCURACY, classes=3)
    assert found == {"linear": 6 / 7, "constant": 1 / 7}


def test_baselines_of_numbers():
    """A linear target is predicted almost as it is, and by its training mean worse than by 0."""
    chance = stream(3, "x")
    x, x_test = chance.normal(size=(500, 3)), chance.normal(size=(90, 3)) + 2
    slopes = np.array([3.0, -1.5, 0.25])
    y, y_test = 1000 + x @ slopes, 1000 + x_test @ slopes
    found = baselines(x.astype(np.float32), y, x_test.astype(np.float32), y_test, R2)
    assert 0.999 < found["linear"] <= 1
    mean = np.full(90, y.mean())
    assert found["constant"] == pytest.approx(r2_score(y_test, mean), abs=1e-9)
    assert found["constant"] < 0


@pytest.mark.parametrize("metric", [ACCURACY, R2], ids=lambda metric: metric.name)
def test_baselines_know_categories(metric):
    """Slots are no numbers: what the middle one of three means, a line cannot say."""
    slots, other = np.arange(60) % 3, np.arange(60) % 2
    x = np.stack([np.zeros(60), slots, other], axis=1).astype(np.float32)
    y = np.where(slots == 1, 7, 2) if metric is ACCURACY else 1.5 * (slots == 1)
    known, test = slice(0, 39), slice(39, None)
    knowing = baselines(x[known], y[known], x[test], y[test], metric, (3, 2), classes=8)
    assert knowing["linear"] > 0.95
    unknowing = baselines(x[known], y[known], x[test], y[test], metric, classes=8)
    assert unknowing["linear"] < 0.7
    assert unknowing["constant"] == knowing["constant"]


def test_a_constant_says_how_frequent_each_class_is():
    """Its log loss is the entropy of the shares, where the test rows have the same ones."""
    y = np.repeat([0, 1, 2], [50, 30, 20])
    x = stream(3, "x").normal(size=(100, 2)).astype(np.float32)
    found = baselines(x, y, x, y, METRICS["log_loss"], classes=3)
    shares = np.array([0.5, 0.3, 0.2])
    assert found["constant"] == pytest.approx(-np.sum(shares * np.log(shares)), rel=1e-9)
    assert found["linear"] < found["constant"]
    assert baselines(x, y, x, y, METRICS["auc"], classes=3)["constant"] == 0.5


def test_baselines_count_rows_by_weight():
    """Weights under which each class counts the same turn the constant to the rare class."""
    x = np.array([[0.1], [0.2], [0.3], [0.4], [2.0]], np.float32)
    y = np.array([0, 0, 0, 0, 1])
    balanced = np.array([0.625, 0.625, 0.625, 0.625, 2.6])
    for weight, constant in ((None, 0.8), (balanced, 0.2)):
        found = baselines(x, y, x, y, ACCURACY, classes=2, weight=weight)
        assert found["constant"] == constant


def test_a_class_that_never_trained_is_never_foretold():
    """It has an output like the others, as low as one goes: no number that is not finite."""
    x = np.array([[-1.0], [-2.0], [1.0], [2.0]], np.float32)
    y = np.array([0, 0, 2, 2])
    x_test, y_test = np.array([[-1.5], [1.5]], np.float32), np.array([0, 1])
    found = baselines(x, y, x_test, y_test, METRICS["log_loss"], classes=3)
    assert 300 < found["linear"] < 400
    assert 300 < found["constant"] < 400
    only = baselines(x[:2], y[:2], x_test, y_test, ACCURACY, classes=3)
    assert only == {"constant": 0.5}
