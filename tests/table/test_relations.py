"""How rows hang together."""

import polars as pl
import pytest

from tunesmith.rng import stream
from tunesmith.table.columns import type_columns
from tunesmith.table.frames import from_frame
from tunesmith.table.relations import (
    SEED,
    Duplicates,
    Group,
    Timeline,
    find_duplicates,
    find_groups,
    find_timelines,
)
from tunesmith.table.split import split_rows
from tunesmith.table.target import choose_target

N = 303


def looked_at(look, **columns):
    columns.setdefault("y", [("no", "yes")[k % 3 > 0] for k in range(N)])
    table = type_columns(pl.DataFrame({n: [str(c) for c in cells] for n, cells in columns.items()}))
    return look(table, choose_target(table, "y"))


def test_rows_without_twins():
    """Rows that differ in the target alone are no twins, nor rows of different identifiers."""
    found = looked_at(find_duplicates, x=[k // 2 for k in range(N)], y=[str(k) for k in range(N)])
    assert (found.rows, found.test_rows) == (0, 0)


def test_twins_across_the_split_are_counted():
    """Each test row is counted once if it is also among the others; fit splits in the same way."""
    x = [k // 3 if k < 60 else k for k in range(N)]  # 20 rows, three times each
    y = [str(k // 3 / 7) if k < 60 else str(k / 7) for k in range(N)]
    found = looked_at(find_duplicates, x=x, y=y, id=[f"n{k}" for k in range(N)])
    rows = pl.int_range(N, eager=True).to_numpy()
    split = split_rows(rows, None, seed=SEED)
    known = {(x[row], y[row]) for row in (*split.train, *split.valid)}
    twins = sum((x[row], y[row]) in known for row in split.test)
    assert twins > 0
    assert found == Duplicates(rows=40, test_rows=twins, of_test_rows=len(split.test))


GROUPS = {
    "patient": [k % 40 for k in range(N)],
    "user_id": [k % 40 + 0.0 for k in range(N)],
    "storeName": [f"s{k % 11}" for k in range(N)],
    "Zone": [f"z{k % 101}" for k in range(N)],
}
NO_GROUPS = {
    "patients": [k % 40 for k in range(N)],
    "patient_age": [k % 40 + 0.5 for k in range(N)],
    "patient": [k % 9 for k in range(N)],
    "colour": [f"c{k % 40}" for k in range(N)],
    "user_id": [k % 200 for k in range(N)],
}


@pytest.mark.parametrize(("name", "cells"), GROUPS.items(), ids=GROUPS)
def test_groups(name, cells):
    """A someone's name over values that return, or text with very many of them."""
    assert looked_at(find_groups, **{name: cells}) == (Group(column=name, values=len(set(cells))),)


@pytest.mark.parametrize(("name", "cells"), NO_GROUPS.items(), ids=NO_GROUPS)
def test_no_groups(name, cells):
    """Another word, fractions, few values, an ordinary category, and values that hardly return."""
    assert looked_at(find_groups, **{name: cells}) == ()


def test_dates_tell_of_time():
    """With and without order, from the first to the last; a time of day tells nothing."""
    days = [f"2021-01-{k // 10 + 1:02}" for k in range(N)]
    shuffled = stream(3, "days").permutation(days)
    expected = {"column": "x", "first": "2021-01-01", "last": "2021-01-31"}
    assert looked_at(find_timelines, x=days) == (Timeline(**expected, rising=True),)
    assert looked_at(find_timelines, x=[f"{k % 24}:30" for k in range(N)]) == ()
    assert looked_at(find_timelines, x=shuffled) == (Timeline(**expected, rising=False),)


def test_dates_beyond_those_of_python():
    """A zone may move a moment into the year 10000, and a file of microseconds holds later ones."""
    moments = [f"9999-12-31 {k % 24:02}:30-08:00" for k in range(N)]
    (line,) = looked_at(find_timelines, x=moments)
    assert (line.first, line.last) == ("9999-12-31 08:30:00", "+10000-01-01 07:30:00")
    far = pl.Series("x", [253_402_300_800_000_000 + k for k in range(N)]).cast(pl.Datetime("us"))
    frame = pl.DataFrame([far, pl.Series("y", ["no", "yes", "no"] * (N // 3))])
    table = type_columns(from_frame(frame))
    (line,) = find_timelines(table, choose_target(table, "y"))
    assert (line.first, line.last) == ("+10000-01-01", "+10000-01-01 00:00:00.000302")


@pytest.mark.parametrize(
    ("cells", "ends"),
    [
        ([k // 2 / 4 for k in range(N)], ("0", "37.75")),
        ([k // 9 for k in range(N)], None),
        ([-k / 4 for k in range(N)], None),
        (["", *[k / 4 for k in range(1, N)]], None),
    ],
    ids=["rising", "few values", "falling", "gaps"],
)
def test_numbers_that_rise_tell_of_time(cells, ends):
    """Many values without a gap that never fall from row to row."""
    found = looked_at(find_timelines, x=cells)
    assert [(line.first, line.last) for line in found] == ([ends] if ends else [])
