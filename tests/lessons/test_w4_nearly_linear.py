"""W4."""

import numpy as np
import pytest

from tunesmith import rng
from tunesmith.engine.reference import sigmoid
from tunesmith.lessons.glass import Inside
from tunesmith.lessons.lesson import Verdict
from tunesmith.lessons.w4_nearly_linear import explained, on_normal


def test_its_conclusion(quick):
    """Nearly a line on N(0, 1), less so once gamma and beta are learned."""
    found = quick("W4")
    assert found.verdict is Verdict.BORNE_OUT
    assert found["on N(0, 1)"] > 95
    assert found["real units, after training"] < found["real units, before training"] - 0.2
    assert found["gamma after training, mean size"] > 1.1


def test_the_integral_is_that_of_many_draws():
    """A million draws from N(0.7, 3^2), whose share a line explains by its correlation."""
    y = 0.7 + 3 * rng.stream(3).normal(size=1_000_000)
    drawn = np.corrcoef(y, sigmoid(y))[0, 1] ** 2
    assert on_normal(3.0, 0.7) == pytest.approx(drawn, abs=2e-3)


@pytest.mark.parametrize(("gamma", "most"), [(0.01, 1.0), (30.0, 0.7)])
def test_the_ends(gamma, most):
    """A narrow input meets a line; a wide one meets a step, of which a line explains 2 / pi."""
    lowest = {1.0: 0.99999, 0.7: 0.6}[most]
    assert lowest < on_normal(gamma, 0.0) <= most


def test_the_share_of_real_values():
    """The square of the correlation, unit by unit."""
    y = np.array([[1.0, -2.0], [2.0, 0.0], [4.0, 9.0]])
    share = explained(Inside(y, y, y, y, y.mean(axis=0), y.var(axis=0)))
    expected = [np.corrcoef(y[:, n], sigmoid(y[:, n]))[0, 1] ** 2 for n in (0, 1)]
    assert share == pytest.approx(expected)
