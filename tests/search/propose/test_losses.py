"""Losses spread out: by order, whatever their unit, and whatever went wrong."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.search.propose.losses import _quantile, comparable, spread_out

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


@given(LOSSES, st.floats(0.0, 1.0))
def test_quantiles(losses, share):
    """They are NumPy's, to the end of the numbers."""
    expected = np.quantile(losses, share)
    assert _quantile(np.sort(losses), share) == pytest.approx(expected, rel=1e-9, abs=1e-9)


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


# --- on one scale --------------------------------------------------------------------------------


def compared(*said):
    """Return the losses of trials of which this was said: (trial, epochs, loss)."""
    trials, epochs, losses = map(np.array, zip(*said, strict=True))
    return comparable(trials, epochs, losses.astype(float), max(trials) + 1).tolist()


def test_one_rung_needs_no_other_scale():
    """Losses after the same number of epochs are what they are."""
    assert compared((0, 3, 0.7), (1, 3, 0.2), (2, 3, np.inf)) == [0.7, 0.2, np.inf]


def test_who_came_to_a_rung_share_out_what_they_had():
    """In the order in which they stand there; the others keep theirs, and no scale matters."""
    low = [(0, 1, 0.7), (1, 1, 0.2), (2, 1, 0.5), (3, 1, 0.3), (4, 1, 0.9)]
    above = [(1, 4, 60.0), (3, 4, 20.0), (2, 4, 40.0)]
    assert compared(*low, *above) == [0.7, 0.5, 0.3, 0.2, 0.9]
    assert compared(*low, *above, (3, 9, 7.0), (2, 9, 6.0)) == [0.7, 0.5, 0.2, 0.3, 0.9]


def test_what_went_wrong_later_is_worst():
    """The share that it had below is nobody's."""
    low = [(0, 1, 0.7), (1, 1, 0.2), (2, 1, 0.5)]
    assert compared(*low, (1, 4, np.inf), (2, 4, 9.0)) == [0.7, np.inf, 0.5]


def test_who_began_higher_is_as_good_as_the_next_better():
    """Or as the best, where it is better than all; where nobody climbed, its loss stands."""
    low = [(0, 1, 0.7), (1, 1, 0.2)]
    above = [(0, 4, 30.0), (1, 4, 10.0), (2, 4, 20.0), (3, 4, 5.0), (4, 4, 50.0)]
    assert compared(*low, *above) == [0.7, 0.2, 0.2, 0.2, 0.7]
    assert compared(*low, (2, 4, 20.0)) == [0.7, 0.2, 20.0]


@given(LOSSES, st.sampled_from([2.0**1010, 2.0**-1060]))
def test_the_largest_and_the_smallest_of_floats(losses, unit):
    """The marks are those of the same losses in another unit."""
    np.testing.assert_allclose(spread_out(losses * unit), spread_out(losses), atol=1e-6)


def test_a_huge_gap_does_not_make_the_others_alike():
    """Losses 1e200 and more away are all as bad: the best are told apart as if at 1e40."""
    near = [0.25, 0.375, 0.5, 0.75, 0.875]
    marks = spread_out(np.array([*near, 1e200, 3e250, 1.7e308]))
    assert marks[5] == marks[6] == marks[7]
    np.testing.assert_allclose(marks, spread_out(np.array([*near, 1e40, 1e40, 1e40])))
