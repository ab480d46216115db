"""Splits that keep rows together: those of one group, or those before a moment."""

import numpy as np

from tunesmith.errors import DataError
from tunesmith.rng import stream
from tunesmith.table.columns import Table, find_column
from tunesmith.table.split import TEST_SHARE, VALID_SHARE, Rows, Split
from tunesmith.table.wording import quoted

FOLDS = 5
"""Parts of as many rows each, as nearly as groups allow: one tests, one validates."""


def split_groups(table: Table, name: str, rows: Rows, labels: Rows | None, *, seed: int) -> Split:
    """Divide `rows` [N] by chance so that all rows with one value of a column are in one part.

    With `labels` [N], every part has each class in much the same share, as far as whole groups
    allow (scikit-learn's StratifiedGroupKFold). Raises DataError for a column that is not there,
    with empty cells, or with fewer than FOLDS values.
    """
    from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

    cells = table.frame[find_column(table, name)].gather(rows)
    if cells.null_count():
        row = int(rows[int(cells.is_null().arg_max() or 0)])
        raise DataError(
            f"--group {name}: {cells.null_count():,} rows have none, the first at "
            f"{table.place(row)}; fill them in, or leave those rows out"
        )
    groups = cells.rank("dense").to_numpy()
    if cells.n_unique() < FOLDS:
        raise DataError(
            f"--group {name}: it has {cells.n_unique()} different values, and {FOLDS} are the "
            "least to train, validate and test on different ones"
        )
    state = int(stream(seed, "split").integers(2**31))
    kind = GroupKFold if labels is None else StratifiedGroupKFold
    folds = kind(n_splits=FOLDS, shuffle=True, random_state=state)
    answers = np.zeros(len(rows)) if labels is None else labels
    parts = [part for _, part in folds.split(answers[:, None], answers, groups)]
    test, valid, *train = (np.sort(rows[part]) for part in parts)
    return Split(train=np.sort(np.concatenate(train)), valid=valid, test=test)


def split_time(table: Table, name: str, rows: Rows) -> Split:
    """Divide `rows` [N] by a column of dates or numbers: the latest test, those before validate.

    Rows of one moment stay together, so that nothing is learned from the moment that is tested.
    Raises DataError for a column that is not there, is text, has empty cells, or too few moments.
    """
    cells = table.frame[find_column(table, name)].gather(rows)
    if not (cells.dtype.is_temporal() or cells.dtype.is_numeric()):
        raise DataError(
            f"--time {name}: {quoted(name)} is text, and rows are ordered by dates or numbers; "
            f"read it as dates with --types {name}=date"
        )
    if cells.null_count():
        row = int(rows[int(cells.is_null().arg_max() or 0)])
        raise DataError(
            f"--time {name}: {cells.null_count():,} rows have none, the first at "
            f"{table.place(row)}; fill them in, or leave those rows out"
        )
    moments = cells.rank("dense").to_numpy()
    ordered = np.sort(moments)
    count = len(rows)
    tested = ordered[count - max(1, round(TEST_SHARE * count))]
    before = ordered[ordered < tested]
    share = min(len(before), max(1, round(VALID_SHARE * count)))
    judged = before[-share] if share else tested
    parts = Split(
        train=np.sort(rows[moments < judged]),
        valid=np.sort(rows[(moments >= judged) & (moments < tested)]),
        test=np.sort(rows[moments >= tested]),
    )
    if not len(parts.train) or not len(parts.valid):
        raise DataError(
            f"--time {name}: too many rows are of one moment to train before it; order rows by a "
            "column with more of them"
        )
    return parts
