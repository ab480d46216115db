"""W9."""

import pytest

from tunesmith.engine.network import Activation
from tunesmith.lessons.data import digits
from tunesmith.lessons.w9_depth import steps

TABLE = digits()


def test_its_conclusion(quick):
    """With eight layers of sigmoids batch norm alone comes down; with one it gains nothing."""
    found = quick("W9")
    assert found["sigmoid, 8 layers: batch norm against input only"] > 4
    assert found["sigmoid, 1 layers: batch norm against input only"] < 2
    assert found["relu, 8 layers: batch norm against input only"] < 4
    assert "at least" in found.sentence


@pytest.mark.parametrize(("rate", "expected"), [(1e-6, 87), (0.3, 58)])
def test_counting(rate, expected):
    """What does not come down counts as all its steps: three epochs of 29 batches."""
    assert steps(TABLE, Activation.RELU, "input", 1, 3, rate, (0, 0)) == expected
