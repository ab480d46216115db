"""W1."""

import numpy as np
import pytest

from tunesmith.lessons.lesson import Setting, Verdict
from tunesmith.lessons.w1_round_contours import descend, generated, hessian, least, loss, measure


def test_its_conclusion(quick):
    """A rounder bowl and far fewer steps."""
    found = quick("W1")
    assert found.verdict is Verdict.BORNE_OUT
    assert found["condition number as given"] > 10 * found["condition number normalised"]
    assert found["steps as given"] > 10 * found["steps normalised"]


def test_a_seed_gives_the_same_numbers(quick):
    """And another seed others."""
    assert measure(Setting(quick=True)).numbers == quick("W1").numbers
    assert measure(Setting(quick=True, seed=1)).numbers != quick("W1").numbers


def test_the_bottom_and_its_curvature():
    """No slope is left at the bottom, and the Hessian is that of the loss."""
    x, y = generated(3, 0)
    bottom = least(x, y)
    ends = [loss(bottom + step, x, y) for step in 1e-3 * np.vstack([np.eye(3), -np.eye(3)])]
    assert min(ends) > loss(bottom, x, y)
    step = np.array([1e-3, 0, 0])
    second = loss(bottom + step, x, y) - 2 * loss(bottom, x, y) + loss(bottom - step, x, y)
    assert second / 1e-6 == pytest.approx(hessian(bottom, x)[0, 0], rel=1e-3)


def test_equal_inputs_gain_nothing():
    """What is round already stays: the verdict could come out the other way."""
    x, y = generated(3, 0)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    assert descend(x, y).condition < 5
    assert descend(2 * x, y).steps <= 3 * descend(x, y).steps + 3
