"""B3."""

import pytest

from tunesmith.lessons.b3_undoing import RATES
from tunesmith.lessons.lesson import Verdict


def test_the_numbers_are_those_by_hand(quick):
    """Gamma 3 and beta 5 give 2, 4, 4 and 10 again; every optimizer moves both."""
    found = quick("B3")
    assert found.verdict is Verdict.BORNE_OUT
    assert found["gamma that undoes"] == pytest.approx(3, abs=1e-5)
    assert found["beta that undoes"] == 5
    assert [found[f"z again, row {n}"] for n in (1, 2, 3, 4)] == pytest.approx([2, 4, 4, 10])
    for rule in RATES:
        assert found[f"{rule.value}: gamma from 1"] > 0.01
        assert found[f"{rule.value}: beta from 0"] > 0.01
