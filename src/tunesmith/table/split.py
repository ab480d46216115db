"""Which rows train, which choose between networks, and which judge at the end."""

from dataclasses import dataclass
from fractions import Fraction
from typing import final

import numpy as np
import numpy.typing as npt

from tunesmith.errors import DataError
from tunesmith.rng import stream

Rows = npt.NDArray[np.int64]

TEST_SHARE = 0.2
"""Share of the rows kept untouched until the end, for the honest score."""

VALID_SHARE = 0.2
"""Share of the rows on which networks are compared."""


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """Three parts of a table's rows, without overlap, each ascending int64."""

    train: Rows
    valid: Rows
    """Rows that choose between networks; none where `folds` do."""
    test: Rows
    folds: tuple[tuple[Rows, Rows], ...] = ()
    """Where rows are few: how the training rows are divided, again and again, into those that a
    network of a trial learns from and those that judge it."""

    @property
    def lessons(self) -> tuple[tuple[Rows, Rows], ...]:
        """For each network of a trial the rows it learns from, and those that judge it."""
        return self.folds or ((self.train, self.valid),)

    @property
    def judging(self) -> Rows:
        """The rows that choose between networks, in the order of `lessons`."""
        return np.concatenate([judging for _, judging in self.lessons])

    @property
    def known(self) -> Rows:
        """All rows but the test rows, ascending."""
        return np.sort(np.concatenate([self.train, self.valid]))


def split_rows(
    rows: Rows,
    labels: Rows | None,
    *,
    seed: int,
    test: float = TEST_SHARE,
    valid: float = VALID_SHARE,
) -> Split:
    """Divide `rows` [N] by chance into train, validation and test.

    With `labels` [N], whole numbers beside `rows`, each class is divided on its own and every
    part holds its share of it, rounded down or up. A class of one row trains; of two rows, one
    trains and one tests. `test` and `valid` are shares of all rows.

    Raises DataError for shares that leave nothing to train on.
    """
    if not (test >= 0 and valid >= 0 and test + valid < 1):
        raise DataError(
            f"test={test} and valid={valid} leave no rows to train on; choose shares of at least 0 "
            "that sum to less than 1"
        )
    order = stream(seed, "split").permutation(len(rows))
    shuffled = rows[order]
    classes = np.zeros(len(rows), np.int64) if labels is None else labels[order]
    by_class = np.argsort(classes, kind="stable")
    sizes = np.unique(classes, return_counts=True)[1]
    counts = _counts(sizes.tolist(), test, valid)
    # Rows in the order of their class, and beside each the part it goes to: 0, 1 or 2.
    parts = np.repeat(np.tile(np.arange(3), len(counts)), np.array(counts, np.int64).ravel())
    train, valid_rows, test_rows = (np.sort(shuffled[by_class[parts == part]]) for part in range(3))
    return Split(train=train, valid=valid_rows, test=test_rows)


def _counts(sizes: list[int], test: float, valid: float) -> list[tuple[int, int, int]]:
    """Return for each class how many of its rows train, validate and test.

    Every count is the class's share rounded down or up. A row that rounding leaves over goes to
    the part that has so far got least of what it is owed, so that the parts as a whole keep
    their size even if all classes are small. Fractions, because 0.2 * 15 is above 3 in floats.
    """
    ways = [Fraction(share).limit_denominator(1_000_000) for share in (valid, test)]
    shares = (1 - sum(ways), *ways)
    owed = [Fraction(0)] * 3
    counts = []
    for size in sizes:
        exact = [size * share for share in shares]
        given = [int(share) for share in exact]
        given[0] = max(given[0], 1)  # no class is tested that was never trained on
        owed = [debt + share for debt, share in zip(owed, exact, strict=True)]
        can_take = [part for part in range(3) if given[part] < exact[part]]
        if size == 2 and 2 in can_take:
            can_take = [2]
        can_take.sort(key=lambda part: given[part] - owed[part])
        for part in can_take[: size - sum(given)]:
            given[part] += 1
        owed = [debt - count for debt, count in zip(owed, given, strict=True)]
        counts.append((given[0], given[1], given[2]))
    return counts
