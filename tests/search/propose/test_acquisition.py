"""What a training is worth, against integrals and simulations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from tunesmith import rng
from tunesmith.search.propose.acquisition import learnt, log_gain_again, log_improvement


@pytest.mark.parametrize("mean", [-2.3, 0.7, 4.1])
@pytest.mark.parametrize("deviation", [0.4, 1.7])
def test_improvement_is_its_integral(mean, deviation):
    """E[max(best - x, 0)], integrated; also far from the best."""
    density = stats.norm(mean, deviation).pdf
    wanted, _ = integrate.quad(lambda x: (0.3 - x) * density(x), -15, 0.3, epsabs=0, limit=200)
    found = log_improvement(np.array([mean]), np.array([deviation]), 0.3)
    assert found[0] == pytest.approx(np.log(wanted), rel=1e-6)


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e3), st.floats(1e-3, 10.0))
def test_improvement_is_ordered(mean, deviation, more):
    """Always finite; a worse mean is worth less, however small it all is."""
    better, worse = log_improvement(np.array([mean, mean + more]), np.full(2, deviation), 0.0)
    assert np.isfinite([better, worse]).all()
    assert worse < better


def test_learnt_is_how_far_the_mean_moves():
    """Simulated: beliefs are drawn, one noisy training of each, the mean moves to the average."""
    chance = rng.stream(7, "learnt")
    truth = 0.8 * chance.standard_normal(40_000)
    seen = truth + 0.5 * chance.standard_normal(40_000)
    moved = seen * 0.8**2 / (0.8**2 + 0.5**2)
    assert learnt(np.array([0.8]), 0.5)[0] == pytest.approx(moved.std(), rel=0.02)


def test_without_noise_all_is_learnt():
    """One training then settles it."""
    np.testing.assert_allclose(learnt(np.array([0.3, 1.9]), 0.0), [0.3, 1.9])


def test_gain_again_is_what_a_training_changes():
    """Simulated: how much lower the mean of the chosen is if one more training is seen first."""
    mean, deviation, noise = np.array([0.2, 0.0, 0.9]), np.array([0.5, 0.3, 0.6]), 0.4
    chance = rng.stream(11, "again")
    for at in range(3):
        moved = np.tile(mean, (200_000, 1))
        moved[:, at] += learnt(deviation, noise)[at] * chance.standard_normal(200_000)
        gain = mean.min() - moved.min(axis=1).mean()
        assert np.exp(log_gain_again(mean, deviation, noise)[at]) == pytest.approx(gain, rel=0.05)
