"""Forecasts: what the model sees, and what it says of the configs tried."""

from dataclasses import replace

import numpy as np
import pytest

from tunesmith import rng
from tunesmith.search.propose.axes import axes_of
from tunesmith.search.propose.forecast import (
    GROWTH,
    MODELLED,
    Seen,
    forecast,
    informative,
    last_estimate,
    smoothness,
)
from tunesmith.space import Float, Space

AXES = axes_of(Space(a=Float(0.0, 1.0), b=Float(-2.0, 3.0)))


def seen(count=31, noise=0.0):
    """Return trials of a bowl with its lowest point at (0.6, 0.4), and two that still run."""
    chance = rng.stream(5, "forecast")
    points = chance.random((count + 2, 2))
    losses = ((points - [0.6, 0.4]) ** 2).sum(axis=1) + noise * chance.standard_normal(count + 2)
    return Seen(points=points[:-2], losses=losses[:-2], running=points[-2:])


def test_the_smallest_mean_first():
    """Every config once, with its mean and deviation, the running ones among them."""
    trials = seen()
    twice = Seen(
        points=np.concatenate([trials.points, trials.points[:3]]),
        losses=np.concatenate([trials.losses, trials.losses[:3]]),
        running=trials.running,
    )
    told = forecast(AXES, twice)
    assert len(told.points) == 33
    assert (np.diff(told.mean) >= 0).all()
    mean, deviation = told.model.predict(told.points)
    np.testing.assert_allclose((told.mean, told.deviation), (mean, deviation), rtol=1e-6)
    assert np.abs(told.points[0] - [0.6, 0.4]).max() < 0.15


def test_trained_again_the_lucky_one_is_found_out():
    """One loss far too good, then three ordinary ones: the mean of all counts, not the best."""
    trials = seen(noise=0.02)
    lucky = trials.points[np.abs(trials.points - [0.05, 0.95]).sum(axis=1).argmin()]
    again = Seen(
        points=np.concatenate([trials.points, np.tile(lucky, (4, 1))]),
        losses=np.append(trials.losses, [-0.1, 0.6, 0.62, 0.58]),
        running=trials.running,
    )
    assert (again.points[again.losses.argmin()] == lucky).all()
    told = forecast(AXES, again)
    assert np.abs(told.points[0] - [0.6, 0.4]).max() < 0.3
    assert told.noise > 0.1


def test_estimates_are_rare_and_depend_on_the_past_alone():
    """Between two counts of ended trials the smoothness stays; a later trial does not change it."""
    trials = seen(count=37)
    counts = [last_estimate(ended) for ended in range(1, 38)]
    assert sorted(set(counts)) == [1, 2, 3, 4, 5, 7, 9, 12, 15, 19, 24, 30]
    assert all(a <= b for a, b in zip(counts, range(1, 38), strict=True))
    early = Seen(points=trials.points[:30], losses=trials.losses[:30], running=trials.running)
    np.testing.assert_array_equal(smoothness(AXES, trials).lengths, smoothness(AXES, early).lengths)
    assert last_estimate(1000) > 1000 / GROWTH - 1


def test_next_to_what_went_wrong_all_is_doomed():
    """Next to what ended well it is not, nor next to what still runs."""
    trials = seen()
    assert not forecast(AXES, trials).doomed(trials.points).any()
    wrong = trials.points[:, 0] < 0.4
    holed = replace(trials, losses=np.where(wrong, np.nan, trials.losses))
    told, aside = forecast(AXES, holed), 1e-6
    np.testing.assert_array_equal(told.doomed(holed.points + aside), wrong)
    assert not told.doomed(holed.running - aside).any()


def test_a_large_study_is_seen_in_part():
    """The better half of what the model sees are the very best; the rest spans all others."""
    losses = rng.stream(3, "many").permutation(np.append(np.linspace(0, 1, 996), [np.nan] * 4))
    rows = informative(losses)
    assert len(rows) == len(set(rows)) == MODELLED
    assert (np.diff(rows) > 0).all()
    order = np.argsort(np.where(np.isnan(losses), np.inf, losses), kind="stable")
    ranks = np.sort(np.argsort(order)[rows])
    np.testing.assert_array_equal(ranks[: MODELLED // 2], np.arange(MODELLED // 2))
    assert ranks[-1] == 999
    assert np.diff(ranks).max() < 20
    np.testing.assert_array_equal(informative(losses[:MODELLED]), np.arange(MODELLED))


@pytest.mark.parametrize("losses", [[np.nan] * 5, [2.0] * 5], ids=["all went wrong", "all alike"])
def test_nothing_is_learnt(losses):
    """Then no config is better than another."""
    trials = Seen(points=seen(5).points, losses=np.array(losses), running=np.empty((0, 2)))
    told = forecast(AXES, trials)
    np.testing.assert_allclose(told.mean, 0.0, atol=1e-9)
