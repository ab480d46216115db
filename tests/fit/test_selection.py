"""Which networks are better together, and how many of them."""

import math

import numpy as np
import pytest

from tunesmith.fit.lesson import targets_of
from tunesmith.fit.metrics import METRICS
from tunesmith.fit.selection import MOST, how_many, in_order, together
from tunesmith.model.model import averaged

RIGHT = np.random.default_rng(5).normal(size=400)


def off_by(*noises):
    """Return predictions of RIGHT, each with a noise of its own of that deviation."""
    return [RIGHT + noise * np.random.default_rng(k).normal(size=400) for k, noise in noises]


@pytest.mark.parametrize("name", ["r2", "rmse", "mae"])
@pytest.mark.parametrize(
    ("noises", "count"),
    [
        ([(1, 0.5)], 1),
        ([(1, 0.5), (2, 0.1), (3, 0.5)], 2),  # the third makes it clearly worse
        ([(1, 0.5), (2, 0.1), (3, 0.1), (4, 0.5)], 3),  # the third cannot be told from the second
        ([(1, 0.1), (2, 0.5), (1, 0.1)], 3),  # nor, all together, from the first alone
        ([(1, 0.1), (2, 0.3), (3, 0.2)], 1),
    ],
)
def test_the_most_that_are_not_clearly_worse(name, noises, count):
    """By a standard error of the difference on the same rows; in the metric's own sign."""
    assert how_many(METRICS[name], off_by(*noises), RIGHT, seed=1) == count


@pytest.mark.parametrize(
    ("noises", "count"),
    [
        ([(1, math.nan), (2, 0.1)], 2),
        ([(1, 0.1), (2, math.nan)], 1),
        ([(1, math.nan), (2, math.nan)], 1),
    ],
)
def test_what_is_not_finite_is_never_better(noises, count):
    """A network that diverged joins no other, and of none but such the first is as good as any."""
    assert how_many(METRICS["r2"], off_by(*noises), RIGHT, seed=1) == count


def test_resamples_that_cannot_be_judged_say_nothing():
    """An AUC needs rows of both classes, and a sample may have one alone."""
    right = np.array([0, 1, 1])
    logits = np.array([[2.0, 0.0], [0.0, 1.0], [0.0, 2.0]])
    assert how_many(METRICS["auc"], [logits, logits[::-1]], right, seed=1) == 1


def test_who_errs_elsewhere_comes_before_who_is_better_alone(datas):
    """The first two have the same noise; the third is worse alone, but not together with them."""
    data = datas["price"]
    targets, rows = targets_of(data, data.split.train), data.split.valid
    right = targets.values[rows][:, 0]
    chance = np.random.default_rng(4)
    same, other = chance.normal(size=(2, len(right)))
    outputs = [(right + noise)[:, None] for noise in (0.3 * same, 0.31 * same, 0.35 * other)]
    outputs = [np.asarray(each, np.float32) for each in outputs]
    for name in ("r2", "mae"):
        order = in_order(data, METRICS[name], targets, outputs)
        assert (order[:2], len(order)) == ([0, 2], MOST)
    spoiled = [outputs[0], np.full_like(outputs[0], np.nan), outputs[2]]
    assert set(in_order(data, METRICS["r2"], targets, spoiled)) == {0, 2}


def test_who_is_best_with_itself_is_trained_with_other_seeds(datas):
    """Where nobody else helps: one network alone, or others that are far worse."""
    data = datas["price"]
    targets, rows = targets_of(data, data.split.train), data.split.valid
    right = targets.values[rows]
    noise = np.asarray(np.random.default_rng(4).normal(size=right.shape), np.float32)
    best, worse = right + 0.1 * noise, right + 5 * noise
    assert in_order(data, METRICS["r2"], targets, [best]) == [0] * MOST
    assert in_order(data, METRICS["r2"], targets, [best, worse]) == [0] * MOST


def test_classes_are_averaged_by_their_shares(datas):
    """Two networks that err apart are right together."""
    data = datas["fruit"]
    right = data.y[data.split.valid]
    sure = 4 * np.eye(3, dtype=np.float32)[right]
    half = np.arange(len(right)) % 2 == 0
    first, second = (np.where(part[:, None], sure, 0.1 * sure[:, ::-1]) for part in (half, ~half))
    targets = targets_of(data, data.split.train)
    alone, both = together(data, targets, [first, second])
    accuracy = METRICS["accuracy"].of
    assert accuracy(alone, right) < 1 == accuracy(both, right)
    assert METRICS["accuracy"].of(averaged([first, second], data.task), right) == 1
