"""Rows divided by chance."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.errors import DataError
from tunesmith.table.split import split_rows

sizes = st.lists(st.integers(1, 40), min_size=1, max_size=12)
shares = st.sampled_from([(0.2, 0.2), (0.1, 0.3), (0.15, 0.25), (1 / 3, 1 / 3), (0.45, 0.45)])


def classes_of(sizes, seed=5):
    """Return rows 3, 10, 17 ... and shuffled labels, with sizes[k] rows of class k."""
    labels = np.repeat(np.arange(len(sizes)), sizes)
    np.random.default_rng(seed).shuffle(labels)
    return np.arange(len(labels)) * 7 + 3, labels


def parts_of(split):
    return split.train, split.valid, split.test


@given(sizes, shares, st.integers(0, 2**40))
def test_parts_cover_all_rows_without_overlap(sizes, shares, seed):
    """Each row is in one part, and each part is ascending int64."""
    rows, labels = classes_of(sizes)
    split = split_rows(rows, labels, seed=seed, test=shares[0], valid=shares[1])
    parts = parts_of(split)
    assert sorted(np.concatenate(parts).tolist()) == rows.tolist()
    for part in parts:
        assert part.dtype == np.int64
        assert (np.diff(part) > 0).all()


@given(sizes, shares, st.integers(0, 2**40))
def test_each_class_is_within_one_row_of_its_share(sizes, shares, seed):
    """In every part, but a class is always trained on, and two rows are trained and tested on."""
    rows, labels = classes_of(sizes)
    split = split_rows(rows, labels, seed=seed, test=shares[0], valid=shares[1])
    in_part = [Counter(labels[(part - 3) // 7].tolist()) for part in parts_of(split)]
    for label, size in enumerate(sizes):
        train, valid, test = (counts[label] for counts in in_part)
        assert abs(train - size * (1 - sum(shares))) < 1 + 1e-9
        assert abs(valid - size * shares[1]) < 1 + 1e-9
        assert abs(test - size * shares[0]) < 1 + 1e-9
        assert train >= 1
        if size == 2:
            assert (train, test) == (1, 1)


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([1], (1, 0, 0)),
        ([2], (1, 0, 1)),
        ([35], (21, 7, 7)),
        ([3] * 100, (180, 60, 60)),
        ([1797], (1078, 360, 359)),
        ([1] * 10 + [55], (43, 11, 11)),
    ],
)
def test_sizes(sizes, expected):
    """Small classes together give parts of the size asked for, single rows only train."""
    split = split_rows(*classes_of(sizes), seed=3)
    assert tuple(map(len, parts_of(split))) == expected


def test_without_labels_rows_are_one_class():
    """A regression is split as a classification of one class would be."""
    rows, _ = classes_of([53])
    plain, one = (
        split_rows(rows, labels, seed=11) for labels in (None, np.full(53, 4, dtype=np.int64))
    )
    for a, b in zip(parts_of(plain), parts_of(one), strict=True):
        assert a.tolist() == b.tolist()


def test_the_seed_decides():
    """The same seed gives the same rows, another seed others."""
    rows, labels = classes_of([31, 22])
    first, again, other = (split_rows(rows, labels, seed=seed) for seed in (7, 7, 8))
    assert first.test.tolist() == again.test.tolist()
    assert first.test.tolist() != other.test.tolist()


def test_every_row_is_tested_now_and_then():
    """Over 400 seeds each of 11 rows is in the test part about one time in five."""
    rows, _ = classes_of([11])
    times = Counter(row for s in range(400) for row in split_rows(rows, None, seed=s).test.tolist())
    tested = sum(times.values())
    assert set(times) == set(rows.tolist())
    # 8 standard deviations of a binomial count round its mean
    assert max(abs(n - tested / 11) for n in times.values()) < 8 * np.sqrt(400 * 0.2 * 0.8)


@pytest.mark.parametrize(
    ("test", "valid"), [(0.5, 0.5), (-0.1, 0.2), (0.2, -0.1), (float("nan"), 0)]
)
def test_shares_that_leave_nothing(test, valid):
    """Shares must leave rows to train on."""
    with pytest.raises(
        DataError, match=rf"^test={test} and valid={valid} leave no rows to train on"
    ):
        split_rows(np.arange(40), None, seed=1, test=test, valid=valid)


def test_a_share_may_be_zero():
    """Without validation its rows train."""
    split = split_rows(np.arange(50), None, seed=1, valid=0, test=0.1)
    assert tuple(map(len, parts_of(split))) == (45, 0, 5)
