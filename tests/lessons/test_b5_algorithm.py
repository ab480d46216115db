"""B5."""

import pytest

from tunesmith.lessons.lesson import Verdict


def test_the_numbers_are_those_by_hand(quick):
    """The slopes -1 and 1 take gamma from 2 to 2.1 and beta from 1 to 0.9."""
    found = quick("B5")
    assert found.verdict is Verdict.BORNE_OUT
    assert (found["dgamma"], found["dbeta"]) == (pytest.approx(-1, abs=1e-5), 1)
    assert found["gamma after the step"] == pytest.approx(2.1, abs=1e-5)
    assert found["beta after the step"] == pytest.approx(0.9)


def test_both_take_the_same_steps(quick):
    """Twenty of them, which move the weights far more than the two differ."""
    found = quick("B5")
    assert found["reference and compiled differ by"] < 1e-4 < found["weights moved by"]
