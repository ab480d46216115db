"""W3."""

import numpy as np
import pytest

from tunesmith import rng
from tunesmith.lessons.data import digits
from tunesmith.lessons.networks import dense, trained, with_momentum
from tunesmith.lessons.w3_noise import HELD, SIZES, ablation, noise_of, slope

TABLE = digits()


def test_its_conclusion(quick):
    """Both parts fall with a slope near -1/2, and the gap grows with the rows that share."""
    found = quick("W3")
    assert found["slope of the added noise on batch size"] == pytest.approx(-0.5, abs=0.03)
    assert found["slope of the multiplied noise on batch size"] == pytest.approx(-0.5, abs=0.05)
    assert found["gap at 256 less gap at 8, rows sharing"] > 0
    assert found["batch norm keeps more than neither"] > 0
    assert found["multiplied noise of dropout 0.2"] == 0.5


def test_the_noise_of_the_mean_is_that_of_the_theory():
    """The mean of 8 rows is off by 1 / sqrt(8) deviations."""
    training = trained(dense(TABLE, (16,)), with_momentum(0.1), TABLE.train, 1, seed=3)
    noise = noise_of(training, TABLE, rng.stream(3))
    assert noise[0] == pytest.approx(1 / np.sqrt(SIZES), rel=0.05)


def test_a_slope():
    """A noise that falls with the size itself has slope -1, whatever it starts from."""
    assert slope(np.array([[3 / n for n in SIZES], [5 / n for n in SIZES]])) == pytest.approx(-1)


def test_a_network_without_any_units_guesses():
    """With no unit held at 0 the accuracy is the network's own; with nearly all it is poor."""
    training = trained(dense(TABLE, (40,)), with_momentum(0.1), TABLE.train, 10, seed=3)
    curve = ablation(training, TABLE, rng.stream(3))
    right = training.outputs(TABLE.test.x).argmax(axis=1) == TABLE.test.y
    assert curve[0] == pytest.approx(right.mean())
    assert len(curve) == len(HELD)
    assert curve[-1] < 0.5
