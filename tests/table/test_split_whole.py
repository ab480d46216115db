"""Rows that stay together, by group or by time."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.errors import DataError
from tunesmith.rng import stream
from tunesmith.table.columns import type_columns
from tunesmith.table.split_whole import PARTS, groups_of, parts_of_groups, split_groups, split_time


def table_of(cells, **types):
    """Return a table whose column "of" has these cells, and numbers beside it."""
    frame = pl.DataFrame({"of": cells, "x": [f"{n % 7}.5" for n in range(len(cells))]})
    return type_columns(frame, types=types)


def parts_of(split):
    return split.train, split.valid, split.test


groups = st.integers(0, 2**40).flatmap(
    lambda seed: st.tuples(st.just(seed), st.integers(PARTS, 23), st.integers(40, 150))
)


@given(groups, st.integers(1, 5))
def test_no_group_is_in_two_parts(given_groups, classes):
    """Every row is in one part, ascending, and so is every group; each part has one."""
    seed, count, rows = given_groups
    names = np.concatenate([np.arange(count), stream(seed, "g").integers(0, count, rows - count)])
    labels = stream(seed, "y").integers(0, classes, rows) if classes > 1 else None
    table = table_of([f"g{name}" for name in names])
    used = np.arange(rows)[1:]
    split = split_groups(table, "of", used, None if labels is None else labels[used], seed=seed)
    parts = parts_of(split)
    assert sorted(np.concatenate(parts)) == used.tolist()
    of_parts = [set(names[part]) for part in parts]
    assert sum(map(len, of_parts)) == len(set.union(*of_parts))
    assert all(of_parts)
    assert all((np.diff(part) > 0).all() for part in parts)


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_parts_are_as_large_and_as_mixed_as_groups_allow(seed):
    """With many small groups each part has a fifth of the rows, and of each class."""
    names = np.arange(600) // 4
    labels = (stream(seed, "y").random(600) < 0.3).astype(np.int64)
    table = table_of([f"g{name}" for name in names])
    split = split_groups(table, "of", np.arange(600), labels, seed=seed)
    assert [len(part) for part in parts_of(split)] == pytest.approx([360, 120, 120], abs=12)
    shares = [labels[part].mean() for part in parts_of(split)]
    assert shares == pytest.approx([labels.mean()] * 3, abs=0.06)


def test_the_seed_divides_groups():
    """The same seed alike, another differently."""
    table, rows = table_of([f"g{n % 20}" for n in range(100)]), np.arange(100)
    first, again, other = (split_groups(table, "of", rows, None, seed=s) for s in (3, 3, 4))
    np.testing.assert_array_equal(first.test, again.test)
    assert not np.array_equal(first.test, other.test)


def test_rare_classes_are_no_fault():
    """A class of fewer rows than parts, and classes that all are, divide without a complaint."""
    groups = np.arange(40) % 10
    one = np.where(np.arange(40) == 7, 1, 0)
    rare = np.arange(40) // 4  # ten classes of four rows
    for labels in (one, rare):
        part = parts_of_groups(groups, labels, PARTS, 3)
        assert np.bincount(part).tolist() == [8] * 5


def test_groups_are_numbered_by_their_values():
    """Equal cells, equal numbers; rows without a value are a group as well."""
    table = table_of(["b", "a", "", "b", "c", ""] * 7)
    assert groups_of(table, "of")[:6].tolist() == [2, 1, 0, 2, 3, 0]


# --- time -----------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 3), min_size=12, max_size=60), st.integers(0, 2**40))
def test_the_latest_rows_judge(counts, seed):
    """All training rows are earlier than all validation rows, and these than all test rows."""
    moments = stream(seed, "m").permutation(np.repeat(np.arange(len(counts)), counts))
    rows = np.arange(len(moments))
    split = split_time(table_of([f"{m}.5" for m in moments]), "of", rows)
    train, valid, test = (moments[part] for part in parts_of(split))
    assert train.max() < valid.min() <= valid.max() < test.min()
    assert sorted(np.concatenate(parts_of(split))) == rows.tolist()
    least = round(0.2 * len(rows))
    assert all(least <= len(part) <= least + 2 for part in (valid, test))


def test_a_fifth_tests_and_a_fifth_validates():
    """Where no two rows are of one moment, to the row; whatever order they come in."""
    days = stream(3, "days").permutation(205)
    cells = [str(date(2021, 3, 28) + timedelta(days=int(day))) for day in days]
    split = split_time(table_of(cells), "of", np.arange(205))
    assert [len(part) for part in parts_of(split)] == [123, 41, 41]
    assert sorted(days[split.test]) == list(range(164, 205))


def test_rows_of_one_moment_stay_together():
    """A moment on the border goes to the later part, whole."""
    moments = [1] * 12 + [2] * 10 + [3] * 11 + [4] * 2
    split = split_time(table_of([f"{m}.5" for m in moments]), "of", np.arange(35))
    assert [set(np.array(moments)[part]) for part in parts_of(split)] == [{1}, {2}, {3, 4}]


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (
            ["a", "b"] * 20,
            (
                "--time of: it is text, and rows are ordered by dates or numbers; read it as dates "
                "with --types of=date"
            ),
        ),
        (
            ["2.5", "", "1.5", "?"] * 10,
            (
                "--time of: 20 rows have none, the first at line 3; fill them in, or leave those "
                "rows out"
            ),
        ),
        (
            ["1.5"] * 30 + ["2.5"] * 10,
            (
                "--time of: too many rows are of one moment to train before it; order rows by a "
                "column with more of them"
            ),
        ),
        (
            ["1.5"] + ["2.5"] * 39,
            (
                "--time of: too many rows are of one moment to train before it; order rows by a "
                "column with more of them"
            ),
        ),
    ],
)
def test_times_that_divide_no_rows(cells, sentence):
    """Text, gaps, or moments too few."""
    with pytest.raises(DataError) as caught:
        split_time(table_of(cells), "of", np.arange(len(cells)))
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (
            ["a", "b", "c", "d"] * 10,
            (
                "--group of: it has 4 different values, and 5 are the least to train, validate "
                "and test on different ones"
            ),
        ),
        (
            [*"abcdef", ""] * 6,
            (
                "--group of: 6 rows have none, the first at line 8; fill them in, or leave those "
                "rows out"
            ),
        ),
    ],
)
def test_groups_that_divide_no_rows(cells, sentence):
    """Too few, or gaps."""
    with pytest.raises(DataError) as caught:
        split_groups(table_of(cells), "of", np.arange(len(cells)), None, seed=3)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("way", [split_time, lambda *a: split_groups(*a, None, seed=3)])
def test_a_column_that_is_not_there(way):
    """The nearest name is offered."""
    with pytest.raises(DataError, match=r"^no column 'off'; did you mean 'of'\?$"):
        way(table_of([f"{n}.5" for n in range(40)]), "off", np.arange(40))
