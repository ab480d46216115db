"""B6."""

import pytest

from tunesmith.lessons.b6_test_time import by_hand
from tunesmith.lessons.lesson import Verdict


def test_the_average_by_hand():
    """0.5, then 0.9 * 0.5 + 0.1 * 7; divided by 1 - 0.81."""
    assert by_hand() == pytest.approx((1.15, 1.15 / 0.19))


def test_its_conclusion(quick):
    """The averages come close, and a row's outputs do not depend on the rows beside it."""
    found = quick("B6")
    assert found.verdict is Verdict.BORNE_OUT
    assert found["means off after the last epoch"] < 0.1
    assert found["one image alone or among others: outputs differ"] == 0
    assert found["the same with a batch's own statistics"] > 0.01
    assert found["accuracy, one image at a time"] > 90
