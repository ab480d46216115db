"""How much of the differences each param carries."""

import numpy as np
import pytest

from tunesmith.search.advise.judged import Judged
from tunesmith.search.advise.modelled import modelled
from tunesmith.search.advise.shares import _places, shares, total_effects
from tunesmith.search.propose.axes import axes_of
from tunesmith.search.propose.ranges import as_given
from tunesmith.space import Choice, Float, Space

SPACE = Space(a=Float(0, 1), b=Float(0, 1), kind=Choice(("x", "y")), idle=Float(0, 1))
AXES = axes_of(SPACE)


def judged_by(truth, trials=80, seed=3):
    chance = np.random.default_rng(seed)
    points = AXES.rounded(chance.random((trials, 4)))
    losses = truth(points, chance)
    order = np.argsort(losses)
    return Judged(epochs=1, numbers=order, points=points[order], losses=losses[order])


def test_total_effects_of_a_sum():
    """Of 3 a + b + kind: their variances, which are 9, 1 and 3 in 13 (a kind is 0 or 1)."""
    chance = np.random.default_rng(7)
    points = AXES.rounded(chance.random((90, 4)))
    truth = 3 * points[:, 0] + points[:, 1] + (points[:, 2] > 0.5)
    model = modelled(AXES, points, (truth - truth.mean()) / truth.std())
    effects = total_effects(model, _places(AXES, as_given(AXES), 1024, chance))
    assert effects == pytest.approx([9 / 13, 1 / 13, 3 / 13, 0], abs=0.06)


def test_what_matters_and_what_does_not():
    """The first carries most, the others nothing, beyond doubt; every interval holds its share."""
    rung = judged_by(lambda points, _: (points[:, 0] - 0.3) ** 2)
    found = shares(AXES, rung, as_given(AXES), np.random.default_rng(5))
    assert found.low[0] > 0.5
    assert (found.high[1:] < 0.02).all()
    assert (found.low <= found.share).all()
    assert (found.share <= found.high).all()


@pytest.mark.parametrize("seed", range(3))
def test_noise_alone_tells_nothing(seed):
    """Losses that follow no param have no shares."""
    rung = judged_by(lambda points, chance: chance.standard_normal(len(points)), seed=seed)
    assert shares(AXES, rung, as_given(AXES), np.random.default_rng(5)) is None


def test_all_alike_tells_nothing():
    """Where every trial gives the same, nothing is shared."""
    rung = judged_by(lambda points, _: np.full(len(points), 0.7))
    found = shares(AXES, rung, as_given(AXES), np.random.default_rng(5))
    assert found is None or (found.high < 0.02).all()


def test_more_trials_are_surer():
    """The interval of the same noisy truth is narrower with 90 trials than with 24."""

    def truth(points, chance):
        return points[:, 0] + 0.7 * points[:, 1] + 0.1 * chance.standard_normal(len(points))

    wide, narrow = (
        shares(AXES, judged_by(truth, trials), as_given(AXES), np.random.default_rng(5))
        for trials in (24, 90)
    )
    assert (narrow.high - narrow.low)[:2].sum() < (wide.high - wide.low)[:2].sum()


def test_intervals_hold_the_truth():
    """Of 24 tables of noisy trials nearly all intervals hold the share that the truth has."""

    def truth(points, chance):
        noise = 0.3 * chance.standard_normal(len(points))
        return 3 * points[:, 0] + points[:, 1] + (points[:, 2] > 0.5) + noise

    shared = np.array([9 / 13, 1 / 13, 3 / 13, 0])
    held = []
    for seed in range(24):
        rung = judged_by(truth, 60, seed)
        found = shares(AXES, rung, as_given(AXES), np.random.default_rng(seed))
        held += [(found.low <= shared) & (shared <= found.high)]
    assert np.mean(held) > 0.85
