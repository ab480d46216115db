"""W7."""

import numpy as np
import pytest

from tunesmith.lessons.lesson import Verdict
from tunesmith.lessons.w7_scales import gain_numbers


def test_its_conclusion(quick):
    """A learning rate for Adam belongs on LOG; a momentum on LOG1M does not pay here."""
    found = quick("W7")
    assert found.verdict is Verdict.IN_PART
    assert found["adam: gain of LOG for the rate"] > 1.2
    assert found["momentum: gain of LOG1M for the momentum"] < 1


def test_the_numbers_of_the_notes(quick):
    """Nothing changes from 0.9000 to 0.9005, and everything from 0.9990 to 0.9995."""
    found = quick("W7")
    averaged = [
        found[f"values averaged at beta {b}"] for b in ("0.9000", "0.9005", "0.9990", "0.9995")
    ]
    assert averaged == pytest.approx([10, 10.05, 1000, 2000], rel=1e-3)
    assert found["draws of the learning rate above 0.1, linear"] == pytest.approx(90, abs=1)
    assert found["draws of the learning rate above 0.1, log"] == pytest.approx(25, abs=1.5)
    assert found["draws of the momentum above 0.99, linear"] == pytest.approx(9.1, abs=1)
    assert found["draws of the momentum above 0.99, log1m"] == pytest.approx(50, abs=1.5)


def test_gains_come_out_either_way():
    """A loss that is halved by LOG and doubled by LOG1M is said so."""
    found = np.ones((2, 2, 2, 7))
    found[:, 1] /= 2
    found[:, :, 1] *= 2
    gains = {number.name: number.value for number in gain_numbers(found)}
    assert gains["adam: gain of LOG for the rate"] == pytest.approx(2)
    assert gains["adam: gain of LOG1M for the momentum"] == pytest.approx(0.5)
