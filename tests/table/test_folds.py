"""Few rows, which judge in turn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.table.folds import FEW, FEWEST, FOLDS, folded
from tunesmith.table.split import split_rows

sizes = st.lists(st.integers(1, 40), min_size=1, max_size=9).filter(lambda s: sum(s) >= 30)


def three(sizes, seed=5):
    """Return a split in three of rows 3, 10, 17 ..., and the labels of all rows of the table."""
    labels = np.repeat(np.arange(len(sizes)), sizes)
    np.random.default_rng(seed).shuffle(labels)
    rows = np.arange(len(labels)) * 7 + 3
    of_all = np.full(rows[-1] + 5, -1)
    of_all[rows] = labels
    return split_rows(rows, labels, seed=seed), of_all


@given(sizes, st.integers(0, 2**40))
def test_each_row_judges_once(sizes, seed):
    """All known rows train; a fold's rows learn or judge, never both; the test rows are apart."""
    split, labels = three(sizes)
    few = folded(split, labels, seed=seed)
    if not few.folds:  # nearly every row has a class of its own, or rows are too few
        assert few is split
        return
    np.testing.assert_array_equal(few.train, split.known)
    np.testing.assert_array_equal(few.test, split.test)
    assert len(few.valid) == 0
    counts = np.bincount(labels[split.known])
    several = split.known[counts[labels[split.known]] > 1]
    assert sorted(few.judging) == several.tolist()
    for rows, judging in few.folds:
        assert sorted([*rows, *judging]) == split.known.tolist()
        assert (np.diff(rows) > 0).all()
        assert (np.diff(judging) > 0).all()


@given(sizes, st.integers(0, 2**40))
def test_classes_are_dealt_out(sizes, seed):
    """Every fold judges each class's share, rounded down or up; a row alone trains in all."""
    split, labels = three(sizes)
    few = folded(split, labels, seed=seed)
    for label, count in enumerate(np.bincount(labels[split.known], minlength=len(sizes))):
        judged = [np.sum(labels[judging] == label) for _, judging in few.folds]
        if count == 1:
            assert not any(judged)
        elif len(few.folds) == FOLDS:
            assert all(count // FOLDS <= n <= -(-count // FOLDS) for n in judged)


def test_numbers_are_divided_by_chance():
    """Into parts as large; the same seed divides alike, another differently."""
    split, _ = three([173])
    few, again, other = (folded(split, seed=seed) for seed in (4, 4, 5))
    assert sorted(len(judging) for _, judging in few.folds) == [27, 28, 28, 28, 28]
    np.testing.assert_array_equal(few.judging, again.judging)
    assert not np.array_equal(few.judging, other.judging)


@given(st.integers(0, 2**40), st.booleans())
def test_groups_stay_together(seed, classes):
    """No group both learns and judges in one fold."""
    split, labels = three([61, 52])
    groups = np.arange(len(labels)) % 11
    few = folded(split, labels if classes else None, groups, seed=seed)
    assert len(few.folds) == FOLDS
    assert sorted(few.judging) == split.known.tolist()
    for rows, judging in few.folds:
        assert not set(groups[rows]) & set(groups[judging])


def test_few_groups_are_few_folds():
    """Four groups divide rows in four ways."""
    split, _ = three([61])
    groups = np.arange(61 * 7 + 3) % 4
    assert len(folded(split, None, groups, seed=3).folds) == 4


@pytest.mark.parametrize(
    ("known", "count"), [(FEWEST - 1, 0), (FEWEST, FOLDS), (FEW, FOLDS), (FEW + 1, 0)]
)
def test_how_few_is_few(known, count):
    """By the rows known, between two bounds."""
    split = split_rows(np.arange(known), None, seed=3, test=0.0)
    assert len(folded(split, seed=3).folds) == count


def test_few_and_many_by_the_standard_error():
    """What FEW says of an accuracy of 0.9: the errors of a quarter of the rows and of all."""
    quarter, all_rows = (np.sqrt(0.9 * 0.1 / rows) for rows in (FEW / 4, FEW))
    assert (round(quarter, 3), round(all_rows, 3)) == (0.021, 0.011)
    assert FEW == 0.8 * 1_000


def test_labels_that_are_all_different():
    """Where no class has two rows nothing could judge: the split stays as it is."""
    split, labels = three([1] * 33)
    assert folded(split, labels, seed=3) is split


def test_a_split_says_who_learns_and_who_judges():
    """Of three parts one pair; of folds one each."""
    split, labels = three([40, 20])
    ((train, valid),) = split.lessons
    assert (train is split.train, valid is split.valid) == (True, True)
    np.testing.assert_array_equal(split.judging, split.valid)
    np.testing.assert_array_equal(split.known, np.sort(np.concatenate([train, valid])))
    few = folded(split, labels, seed=3)
    assert few.lessons is few.folds
    np.testing.assert_array_equal(few.known, few.train)
