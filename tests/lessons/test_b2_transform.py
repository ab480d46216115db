"""B2."""

import pytest

from tunesmith.lessons.lesson import Verdict


def test_the_numbers_are_those_by_hand(quick):
    """(2 - 5) / 3 and so on; then twice that and one more."""
    found = quick("B2")
    assert found.verdict is Verdict.BORNE_OUT
    assert (found["mean"], found["variance"]) == (5, 9)
    for row, norm in enumerate((-1, -1 / 3, -1 / 3, 5 / 3), 1):
        assert found[f"z_norm, row {row}"] == pytest.approx(norm, abs=1e-5)
        assert found[f"z_tilde, row {row}"] == pytest.approx(2 * norm + 1, abs=1e-5)
    assert found["compiled engine, largest difference"] < 1e-5
