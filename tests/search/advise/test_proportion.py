"""Shares that were counted, and how sure they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.search.advise.proportion import NORMAL_95, Proportion, percents


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(9, 11, 0.5230, 0.9486), (1, 40, 0.0044, 0.1288), (0, 3, 0.0, 0.5615), (7, 7, 0.6457, 1.0)],
)
def test_the_interval(count, of, low, high):
    """As statsmodels' proportion_confint(count, of, method="wilson") has it."""
    share = Proportion(count=count, of=of)
    assert (share.low, share.high) == pytest.approx((low, high), abs=1e-4)


@given(of=st.integers(1, 500), data=st.data())
def test_the_interval_is_where_a_test_of_the_share_turns(of, data):
    """At its ends the share lies 1.96 deviations away, by the deviation that the end would have."""
    share = Proportion(count=data.draw(st.integers(0, of)), of=of)
    assert 0 <= share.low <= share.share <= share.high <= 1
    for end in (share.low, share.high):
        away = (share.share - end) ** 2
        assert away == pytest.approx(NORMAL_95**2 * end * (1 - end) / of, abs=1e-9)


def test_in_words():
    """Both numbers, and what they may be."""
    assert str(Proportion(count=9, of=11)) == "9 of 11 (95 % interval 52 to 95 %)"
    assert percents(0.004, 0.129) == "0 to 13 %"
