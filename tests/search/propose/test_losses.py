"""Losses spread out: by order, whatever their unit, and whatever went wrong."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.search.propose.losses import spread_out

LOSSES = st.lists(st.integers(-1000, 1000).map(float), min_size=2, max_size=23).map(np.array)


@given(LOSSES)
def test_the_order_stays(losses):
    """A smaller loss never gets a larger mark; mean 0, variance 1, or all 0 if all are alike."""
    marks = spread_out(losses)
    assert (np.diff(marks[np.argsort(losses, kind="stable")]) >= 0).all()
    assert marks.mean() == pytest.approx(0.0, abs=1e-9)
    assert marks.std() == pytest.approx(float(len(set(losses)) > 1))


@given(LOSSES, st.floats(-50.0, 50.0), st.floats(0.1, 100.0))
def test_units_do_not_matter(losses, shift, factor):
    """Degrees or kelvins, errors or percent: the marks are the same."""
    np.testing.assert_allclose(spread_out(losses * factor + shift), spread_out(losses), atol=1e-6)


def test_the_best_are_spread_and_the_worst_are_not():
    """Near the best a gap counts in full, halfway by its ratio, among the worst not at all."""
    marks = spread_out(np.array([0.0, 0.01, 0.02, 1.0, 1.01, 1.02, 50.0, 60.0, 900.0, 1e9, 1e9]))
    assert marks[2] - marks[0] > 2 * (marks[5] - marks[3])
    assert marks[-1] == marks[-2]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_went_wrong_counts_as_worst(bad):
    """And no more: one that diverged does not push all others together."""
    marks = spread_out(np.array([3.0, bad, 1.0, 2.0, 7.0, bad]))
    assert marks[1] == marks[5] == marks.max()
    assert marks.argmin() == 2
    assert marks[3] > marks[2] + 0.3


@pytest.mark.parametrize("losses", [[np.nan] * 3, [2.5], [1.5, 1.5]])
def test_nothing_to_tell_apart(losses):
    """All went wrong, or all are the same: all marks are 0."""
    np.testing.assert_array_equal(spread_out(np.array(losses)), np.zeros(len(losses)))


def test_all_that_went_well_are_alike():
    """They are still better than what went wrong."""
    marks = spread_out(np.array([np.inf, 2.0, 2.0]))
    assert marks[0] > marks[1] == marks[2]
