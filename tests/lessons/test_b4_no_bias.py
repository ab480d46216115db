"""B4."""

import pytest

from tunesmith.lessons.lesson import Verdict


def test_the_numbers_are_those_by_hand(quick):
    """1/3, -2/9, -2/9 and 1/9 add up to 0."""
    found = quick("B4")
    assert found.verdict is Verdict.BORNE_OUT
    slopes = [found[f"slope by z, row {n}"] for n in (1, 2, 3, 4)]
    assert slopes == pytest.approx([1 / 3, -2 / 9, -2 / 9, 1 / 9], abs=1e-5)
    assert found["gradient of the bias"] == 0


def test_the_measure_sees_a_bias_that_counts(quick):
    """The same biases after batch norm move the outputs."""
    found = quick("B4")
    assert found["outputs move with biases before batch norm"] < 1e-10
    assert found["outputs move with the same added after it"] > 1
