"""How rows hang together: repeated rows, groups of rows, order in time."""

import re
from typing import final

import msgspec
import polars as pl

from tunesmith.table.columns import Column, Table
from tunesmith.table.dates import Order
from tunesmith.table.guess import MIN_IDENTIFIERS, Kind
from tunesmith.table.split import split_rows
from tunesmith.table.target import Target, TaskKind

MIN_GROUPS = 10
"""Different values from which on a column named after someone is one of groups."""

MIN_GROUP_SHARE = 0.02
"""Different values per row from which on any column of text is one of groups."""

SEED = 0
"""The split of this seed is looked at, which is that of fit unless it is given another."""

_SOMEONE = re.compile(
    r"\b(account|client|customer|device|driver|family|group|hospital|household|id|machine|member|"
    r"participant|patient|person|player|school|session|shop|site|station|store|student|subject|"
    r"team|user|visitor)\b"
)
"""Words in the names of columns that say whose a row is."""


@final
class Duplicates(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that equal another row in every feature and in the target."""

    rows: int
    """Rows that repeat an earlier one."""
    test_rows: int
    """Test rows that are also among the rows to train on and to choose by."""
    of_test_rows: int
    """All test rows."""


@final
class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A column whose values each stand for several rows."""

    column: str
    values: int


@final
class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """A column that says when a row was, or that never falls from row to row."""

    column: str
    first: str
    last: str
    rising: bool
    """Whether the rows are in its order."""


def find_duplicates(table: Table, target: Target) -> Duplicates:
    """Return how many rows repeat others, also across the split into training and test rows."""
    rows = target.rows
    names = [*table.features(target.name), target.name]
    hashes = table.frame.select(names).hash_rows()
    labels = target.labels(table, rows) if target.task is TaskKind.CLASSIFICATION else None
    split = split_rows(rows, labels, seed=SEED)
    known = pl.concat([hashes.gather(split.train), hashes.gather(split.valid)])
    return Duplicates(
        rows=len(rows) - hashes.gather(rows).n_unique(),
        test_rows=int(hashes.gather(split.test).is_in(known.implode()).sum()),
        of_test_rows=len(split.test),
    )


def find_groups(table: Table, target: Target) -> tuple[Group, ...]:
    """Return the columns that look as if each value stood for several rows of one someone.

    These are columns of text or whole numbers called after a someone, such as patient or user_id,
    and columns of text with so many values that only names of something can be meant. On average
    a value must hold two rows.
    """
    columns = (column for column in table.columns if column.name != target.name)
    return tuple(
        Group(column=column.name, values=column.distinct)
        for column in columns
        if _is_group(column, table)
    )


def _is_group(column: Column, table: Table) -> bool:
    present = table.rows - column.missing
    if column.kind not in (Kind.NUMBER, Kind.CATEGORY) or 2 * column.distinct > present:
        return False
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|[_0-9]", " ", column.name)
    named = _SOMEONE.search(spaced.lower()) is not None
    if column.kind is Kind.NUMBER:
        whole = (table.frame[column.name].drop_nulls() % 1 == 0).all()
        return named and bool(whole) and column.distinct >= MIN_GROUPS
    many = column.distinct >= max(MIN_IDENTIFIERS, MIN_GROUP_SHARE * present)
    return many or (named and column.distinct >= MIN_GROUPS)


def find_timelines(table: Table, target: Target) -> tuple[Timeline, ...]:
    """Return the columns that tell of time: dates, and numbers that never fall from row to row.

    A time of day says nothing of one row's day, and is none of them.
    """
    found = []
    for column in table.columns:
        untimely = column.kind in (Kind.LEFT_OUT, Kind.CATEGORY) or column.notation is Order.CLOCK
        if untimely or column.name == target.name:
            continue
        cells = table.frame[column.name]
        present = cells.drop_nulls()
        rising = present.is_sorted()
        if column.kind is Kind.DATE or (
            rising and not column.missing and column.distinct >= MIN_IDENTIFIERS
        ):
            ordered = present.sort()
            ends = _written(ordered.head(1)), _written(ordered.tail(1))
            found.append(Timeline(column=column.name, first=ends[0], last=ends[1], rising=rising))
    return tuple(found)


def _written(cells: pl.Series) -> str:
    """Return one moment without a needless time of day, or one number without a needless .0.

    Polars writes moments, since Python has none beyond the year 9999.
    """
    if cells.dtype.is_temporal():
        return str(cells.dt.to_string("%Y-%m-%d %H:%M:%S%.f")[0]).removesuffix(" 00:00:00")
    return f"{cells[0]:.6g}"
