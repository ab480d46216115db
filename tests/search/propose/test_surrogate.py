"""The Gaussian process against its formulas, written out, and on functions that are known."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize

from tunesmith import rng
from tunesmith.search.propose import surrogate
from tunesmith.search.propose.surrogate import Smoothness, condition, fit, log_evidence

OPTIONS = np.array([0, 3, 0])
SMOOTH = Smoothness(lengths=np.array([0.4, 1.3, 0.7]), roughness=0.05, noise=0.11)


def drawn(count, seed=5):
    """Return points of two numbers and one Choice of three options between them, and losses."""
    chance = rng.stream(seed, "surrogate")
    points = chance.random((count, 3))
    points[:, 1] = (chance.integers(3, size=count) + 0.5) / 3
    losses = np.sin(5 * points[:, 0]) + (points[:, 1] == 0.5) + 0.1 * chance.standard_normal(count)
    return points, (losses - losses.mean()) / losses.std()


def kernel(a, b):
    """Return the covariance of two configs, by the book: Rasmussen and Williams, eq. 4.17."""
    apart = [a[0] - b[0], float(a[1] != b[1]), a[2] - b[2]]
    r = np.sqrt(sum((x / length) ** 2 for x, length in zip(apart, SMOOTH.lengths, strict=True)))
    smooth = (1 + np.sqrt(5) * r + 5 * r * r / 3) * np.exp(-np.sqrt(5) * r)
    return smooth + SMOOTH.roughness * np.array_equal(a, b)


def covariances(a, b):
    return np.array([[kernel(x, y) for y in b] for x in a])


def by_the_book(points, losses, places):
    """Return centre, variance, mean and deviation by solving the equations as they are printed."""
    trainings = covariances(points, points) + SMOOTH.noise * np.eye(len(points))
    ones = np.ones(len(points))
    centre = ones @ np.linalg.solve(trainings, losses) / (ones @ np.linalg.solve(trainings, ones))
    weights = np.linalg.solve(trainings, losses - centre)
    variance = ((losses - centre) @ weights + 2) / (len(points) + 2)
    cross = covariances(places, points)
    left = 1 + SMOOTH.roughness - np.diag(cross @ np.linalg.solve(trainings, cross.T))
    return centre, variance, centre + cross @ weights, np.sqrt(variance * left)


def test_forecasts_are_the_books():
    """At new places, at places that were tried, and with a config trained three times."""
    points, losses = drawn(13)
    points[[4, 9]] = points[2]
    places = np.concatenate([drawn(6, seed=8)[0], points[:3]])
    model = condition(points, losses, OPTIONS, SMOOTH)
    centre, variance, mean, deviation = by_the_book(points, losses, places)
    assert (model.centre, model.variance) == pytest.approx((centre, variance))
    np.testing.assert_allclose(model.predict(places), (mean, deviation), rtol=1e-9)
    np.testing.assert_array_equal(model.mean(places), model.predict(places)[0])


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_the_roughness_can_be_left_out(share):
    """In part or all of it: then what is left is the doubt about what neighbours share."""
    points, losses = drawn(13)
    places = drawn(6, seed=8)[0]
    model = condition(points, losses, OPTIONS, SMOOTH)
    mean, deviation = model.predict(places)
    same_mean, less = model.predict(places, rough=share)
    np.testing.assert_array_equal(same_mean, mean)
    without = (1.0 - share) * model.variance * SMOOTH.roughness
    np.testing.assert_allclose(deviation**2 - less**2, without, rtol=1e-9)


def test_the_closest_trial_is_that_of_the_largest_covariance():
    """Not of the smallest plain distance: a param that matters little does not count for much."""
    points = np.array([[0.0, 0.0], [0.3, 1.0]])
    smooth = Smoothness(lengths=np.array([0.2, 8.0]), roughness=0.1, noise=0.1)
    model = condition(points, np.array([0.3, -0.7]), np.zeros(2, dtype=np.intp), smooth)
    np.testing.assert_array_equal(model.closest(np.array([[0.2, 0.1], [0.1, 0.9]])), [1, 0])


@pytest.mark.parametrize("noise", [1e-5, 0.11, 1.5])
def test_at_its_trials_a_forecast_is_the_same_in_closed_form(noise):
    """With a config trained three times, and trials that still run."""
    points, losses = drawn(13)
    points[[4, 9]] = points[2]
    model = condition(points, losses, OPTIONS, replace(SMOOTH, noise=noise))
    model = model.believing(np.concatenate([drawn(2, seed=3)[0], points[5:6]]))
    cross = covariances(model.points, model.points)
    trainings = cross + noise * np.eye(len(cross))
    left = 1 + SMOOTH.roughness - np.diag(cross @ np.linalg.solve(trainings, cross))
    mean, deviation = model.at_trials()
    np.testing.assert_allclose(mean, model.predict(model.points)[0], atol=1e-9)
    np.testing.assert_allclose(deviation, np.sqrt(model.variance * left), rtol=1e-5)


def test_believing_keeps_the_mean_and_lowers_the_doubt():
    """As if the running trials, one of them a config trained before, came out as expected."""
    points, losses = drawn(11)
    running = np.concatenate([drawn(2, seed=3)[0], points[4:5]])
    places = np.concatenate([drawn(7, seed=9)[0], running])
    before = condition(points, losses, OPTIONS, SMOOTH)
    after = before.believing(running)
    expected = np.concatenate([losses, before.predict(running)[0]])
    both = np.concatenate([points, running])
    trainings = covariances(both, both) + SMOOTH.noise * np.eye(14)
    np.testing.assert_allclose(after.inverse, np.linalg.inv(trainings), atol=1e-9)
    np.testing.assert_allclose(
        after.weights, np.linalg.solve(trainings, expected - before.centre), atol=1e-9
    )
    np.testing.assert_allclose(after.predict(places)[0], before.predict(places)[0], atol=1e-9)
    assert (after.predict(places)[1] < before.predict(places)[1]).all()
    assert before.believing(running[:0]) is before


def test_the_slope_is_the_slope():
    """The gradient that the fit follows is the difference quotient, replicates included."""
    points, losses = drawn(17)
    points[[3, 8]] = points[5]
    pairs = surrogate._pairs(points, OPTIONS)

    def value(logs):
        return surrogate._improbability(logs, pairs, losses)[0]

    logs = np.log([0.6, 1.7, 0.9, 0.03, 0.2])
    slope = surrogate._improbability(logs, pairs, losses)[1]
    np.testing.assert_allclose(slope, approx_fprime(logs, value, 1e-7), rtol=1e-4, atol=1e-5)


def test_the_fit_finds_what_matters():
    """Short lengths where the loss changes, the longest where it does not."""
    points, losses = drawn(60)
    lengths = fit(points, losses, OPTIONS).lengths
    assert lengths.argmax() == 2
    assert lengths[2] > 3 * lengths[0]


@pytest.mark.parametrize("count", [5, 12, 40])
def test_the_fit_comes_close_to_the_most_probable(count):
    """In its few steps nearly as close as SciPy's L-BFGS-B in two hundred."""
    gaps = []
    for seed in range(9):
        points, losses = drawn(count, seed)
        logs = [*np.log(surrogate.LENGTH_RANGE)], [*np.log(surrogate.NOISE_RANGE)]
        best = minimize(
            surrogate._improbability,
            np.log([0.5, 0.5, 0.5, 0.01, 0.01]),
            args=(surrogate._pairs(points, OPTIONS), losses),
            jac=True,
            bounds=[logs[0]] * 3 + [logs[1]] * 2,
            options={"maxiter": 200},
        )
        reached = log_evidence(points, losses, OPTIONS, fit(points, losses, OPTIONS))
        gaps.append(-best.fun - reached)
    assert np.median(gaps) < 0.01


def test_noise_is_what_one_config_shows_twice():
    """A rough loss and a noisy one look alike, until configs are trained again."""
    chance = rng.stream(3, "noise")
    points = np.repeat(chance.random((15, 2)), 3, axis=0)
    options = np.zeros(2, dtype=np.intp)
    smooth = 3 * points[:, 0]
    rough = smooth + np.repeat(chance.standard_normal(15), 3)
    noisy = smooth + chance.standard_normal(45)
    found = [fit(points, (y - y.mean()) / y.std(), options) for y in (rough, noisy)]
    assert found[0].noise < 0.02 < 0.1 < found[1].noise


def test_neighbours_are_not_twins():
    """However close configs are along a param that matters little, only one config is itself."""
    points = np.tile([0.4, 0.5, 0.7], (4, 1))
    points[:, 2] += [0.0, 1e-9, 2e-9, 0.0]
    flat = Smoothness(lengths=np.array([0.4, 1.3, 90.0]), roughness=1.5, noise=1e-4)
    told = condition(points, np.array([0.0, 1.0, 2.0, 0.0]), OPTIONS, flat)
    np.testing.assert_allclose(told.predict(points)[0], [0.0, 1.0, 2.0, 0.0], atol=1e-3)


def test_one_trial_is_enough():
    """The model of a single trial expects its loss everywhere, and knows that it knows little."""
    points, losses = drawn(4)[0][:1], np.array([0.3])
    smooth = fit(points, losses, OPTIONS)
    mean, deviation = condition(points, losses, OPTIONS, smooth).predict(drawn(4)[0])
    np.testing.assert_allclose(mean, 0.3)
    assert deviation[0] < deviation[1:].min()


def test_the_evidence_prefers_what_explains_more():
    """The smoothness that was fitted, before any other; true places, before shuffled ones."""
    points, losses = drawn(40)
    best = fit(points, losses, OPTIONS)
    evidence = log_evidence(points, losses, OPTIONS, best)
    assert evidence > log_evidence(points, losses, OPTIONS, SMOOTH) + 1
    shuffled = rng.stream(7, "shuffled").permutation(points)
    other = log_evidence(shuffled, losses, OPTIONS, fit(shuffled, losses, OPTIONS))
    assert evidence > other + 5
