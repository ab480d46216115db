"""Splits that keep rows together: those of one group, or those before a moment."""

import warnings

import numpy as np
import polars as pl

from tunesmith.errors import DataError
from tunesmith.rng import stream
from tunesmith.table.columns import Table, find_column
from tunesmith.table.split import TEST_SHARE, VALID_SHARE, Rows, Split

PARTS = 5
"""Parts of as many rows each, as nearly as groups allow: one tests, one validates."""


def groups_of(table: Table, name: str) -> Rows:
    """Return for each row of a table which group it belongs to, by the values of a column.

    Raises DataError for a column that is not there; rows without a value are a group too.
    """
    return table.frame[find_column(table, name)].rank("dense").fill_null(0).to_numpy().astype(int)


def split_groups(table: Table, name: str, rows: Rows, labels: Rows | None, *, seed: int) -> Split:
    """Divide `rows` [N] by chance so that all rows with one value of a column are in one part.

    With `labels` [N], every part has each class in much the same share, see `parts_of_groups`.
    Raises DataError for a column that is not there, with empty cells, or with fewer than PARTS
    values.
    """
    cells = _whole_cells(table, name, rows, "--group")
    if cells.n_unique() < PARTS:
        raise DataError(
            f"--group {name}: it has {cells.n_unique()} different values, and {PARTS} are the "
            "least to train, validate and test on different ones"
        )
    part = parts_of_groups(groups_of(table, name)[rows], labels, PARTS, seed)
    return Split(train=rows[part > 1], valid=rows[part == 1], test=rows[part == 0])


def parts_of_groups(groups: Rows, labels: Rows | None, parts: int, seed: int) -> Rows:
    """Return the part of each row [N], 0 to parts - 1, where rows of one group are in one part.

    Of as many rows as whole groups allow; with `labels`, of each class too, as far as a class has
    rows for all parts (scikit-learn's StratifiedGroupKFold). Where groups are fewer than parts,
    each is one.
    """
    from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

    parts = min(parts, len(np.unique(groups)))
    alike = labels is not None and np.bincount(labels).max() >= parts
    kind = StratifiedGroupKFold if alike else GroupKFold
    state = int(stream(seed, "split").integers(2**31))
    divided = kind(n_splits=parts, shuffle=True, random_state=state)
    answers = np.zeros(len(groups)) if labels is None else labels
    found = np.empty(len(groups), np.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of a class with fewer rows than parts
        for part, (_, rows) in enumerate(divided.split(answers[:, None], answers, groups)):
            found[rows] = part
    return found


def _whole_cells(table: Table, name: str, rows: Rows, option: str) -> pl.Series:
    """Return a column's cells of `rows`; DataError where one is empty."""
    cells = table.frame[find_column(table, name)].gather(rows)
    if cells.null_count():
        row = int(rows[int(cells.is_null().arg_max() or 0)])
        raise DataError(
            f"{option} {name}: {cells.null_count():,} rows have none, the first at "
            f"{table.place(row)}; fill them in, or leave those rows out"
        )
    return cells


def split_time(table: Table, name: str, rows: Rows) -> Split:
    """Divide `rows` [N] by a column of dates or numbers: the latest test, those before validate.

    Rows of one moment stay together, so that nothing is learned from the moment that is tested.
    Raises DataError for a column that is not there, is text, has empty cells, or too few moments.
    """
    kind = table.frame[find_column(table, name)].dtype
    if not (kind.is_temporal() or kind.is_numeric()):
        raise DataError(
            f"--time {name}: it is text, and rows are ordered by dates or numbers; "
            f"read it as dates with --types {name}=date"
        )
    moments = _whole_cells(table, name, rows, "--time").rank("dense").to_numpy()
    tested = _first_of_last(moments, TEST_SHARE * len(rows))
    judging = _first_of_last(moments[moments < tested], VALID_SHARE * len(rows))
    parts = Split(
        train=rows[moments < judging],
        valid=rows[(moments >= judging) & (moments < tested)],
        test=rows[moments >= tested],
    )
    if not len(parts.train) or not len(parts.valid):
        raise DataError(
            f"--time {name}: too many rows are of one moment to train before it; order rows by a "
            "column with more of them"
        )
    return parts


def _first_of_last(moments: Rows, count: float) -> int:
    """Return the moment from which on there are `count` rows, or somewhat more; 0 for no rows."""
    if not len(moments):
        return 0
    return int(np.sort(moments)[-min(len(moments), max(1, round(count)))])
