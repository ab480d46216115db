"""Confirmation: what is trained again, and what cannot be told apart."""

from dataclasses import replace

import numpy as np

from tunesmith.search.propose.confirm import TRAININGS, best_again, too_close
from tunesmith.search.propose.forecast import Forecast, Seen
from tunesmith.search.propose.ranges import Ranges
from tunesmith.search.propose.surrogate import Smoothness, condition

POINTS = np.array([[0.1, 0.3], [0.4, 0.2], [0.9, 0.8], [0.5, 0.6]])
ALL = Ranges(low=np.zeros(2), high=np.ones(2))


def told(mean, deviation, noise=0.1):
    """Return a forecast that says so of POINTS."""
    smooth = Smoothness(lengths=np.ones(2), roughness=0.1, noise=noise)
    model = condition(POINTS[: len(mean)], np.array(mean), np.zeros(2, dtype=np.intp), smooth)
    count = len(mean)
    return Forecast(
        model=model,
        points=POINTS[:count],
        mean=np.array(mean),
        deviation=np.array(deviation),
        wrong=np.zeros(count, dtype=np.bool_),
    )


def trained(*times):
    """Return trials of POINTS, so many of each; the last of them still runs."""
    points = np.repeat(POINTS[: len(times)], times, axis=0)
    return Seen(points=points[:-1], losses=np.zeros(len(points) - 1), running=points[-1:])


def test_the_uncertain_rival_is_trained_again():
    """Not the one that is far behind, nor the one that is well known."""
    point, worth = best_again(
        told([0.0, 0.1, 0.1, 2.0], [0.05, 0.05, 0.4, 0.4]), trained(1, 1, 1, 1), ALL
    )
    np.testing.assert_array_equal(point, POINTS[2])
    assert np.isfinite(worth)


def test_noise_makes_it_worth_less():
    """A training that says little changes little."""
    quiet, loud = (
        best_again(told([0.0, 0.1, 0.1, 2.0], [0.1] * 4, noise), trained(1, 1, 1, 1), ALL)[1]
        for noise in (0.01, 2.0)
    )
    assert loud < quiet


def test_no_config_is_trained_for_ever():
    """Those that run count too."""
    point, _ = best_again(told([0.0, 0.1, 0.1], [0.05, 0.3, 0.4]), trained(1, 1, TRAININGS), ALL)
    np.testing.assert_array_equal(point, POINTS[1])
    assert best_again(told([0.0, 0.1], [0.2, 0.2]), trained(TRAININGS, TRAININGS), ALL) is None


def test_one_config_has_no_rival():
    """There is nothing to confirm."""
    assert best_again(told([0.3, 0.4], [0.1, 0.1]), trained(1, 1), ALL) is not None
    alone = told([0.3, 0.4], [0.1, 0.1])
    alone = replace(alone, points=POINTS[:1], mean=alone.mean[:1], deviation=alone.deviation[:1])
    assert best_again(alone, trained(2), ALL) is None


def test_a_rival_outside_the_ranges_is_not_trained_again():
    """The next best inside is; and none where no rival is inside."""
    forecast, times = told([0.0, 0.1, 0.1, 2.0], [0.05, 0.05, 0.4, 0.4]), trained(1, 1, 1, 1)
    without = Ranges(low=np.zeros(2), high=np.array([0.8, 1.0]))
    point, worth = best_again(forecast, times, without)
    assert without.holds(point[None])[0]
    assert worth < best_again(forecast, times, ALL)[1]
    assert best_again(forecast, times, Ranges(low=np.ones(2), high=np.ones(2))) is None


def test_too_close_to_tell_apart():
    """The best, and all whose lead is within a deviation of the difference."""
    close = too_close(told([0.0, 0.29, 0.31, 0.45], [0.18, 0.24, 0.24, 0.5]))
    np.testing.assert_array_equal(close, POINTS[[0, 1, 3]])
