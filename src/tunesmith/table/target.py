"""What is to be predicted: classes or numbers, and which rows have it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import final

import numpy as np
import numpy.typing as npt
import polars as pl

from tunesmith.errors import DataError
from tunesmith.table.columns import DROPPED, Table, find_column
from tunesmith.table.guess import hindrance
from tunesmith.table.wording import bare, listed, quoted

MIN_ROWS = 30
"""Rows with a target below which a split into three parts says nothing."""

MAX_CLASSES = 1_000
"""Classes above which a column is no target for classification."""

MAX_WHOLE_NUMBER_CLASSES = 20
"""Different whole numbers up to which a number column is taken for classes."""


@final
class TaskKind(StrEnum):
    """What kind of target a network learns."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Target:
    """The column to predict."""

    name: str
    task: TaskKind
    why: str
    """Which rule chose the task, such as "because income holds text"."""
    classes: tuple[str, ...] = ()
    """Class names in order, numbers in the order of their size; () for regression."""
    rows: npt.NDArray[np.int64]
    """Rows of the table that have a target, ascending, int64 [N]."""
    dropped: int
    """Rows that have none."""

    def labels(self, table: Table, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return each row's place in `classes`, int64 [N]; DataError for any other value."""
        cells = table.frame[find_column(table, self.name)]
        known = pl.Series(self.classes, dtype=pl.String).cast(cells.dtype)
        codes = cells.gather(rows).replace_strict(
            known, pl.int_range(len(known), eager=True), default=-1, return_dtype=pl.Int64
        )
        found: npt.NDArray[np.int64] = codes.to_numpy()
        if (found >= 0).all():
            return found
        row = int(rows[np.argmax(found < 0)])
        raise DataError(
            f"target {quoted(self.name)} is {quoted(str(cells[row]))} at "
            f"{table.place(row)}, which is none of its {len(self.classes):,} classes; "
            "correct the cell or leave the row out"
        )

    def values(self, table: Table, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return each row's number, float64 [N], NaN where it is missing."""
        cells = table.frame[find_column(table, self.name)]
        values: npt.NDArray[np.float64] = cells.gather(rows).cast(pl.Float64).to_numpy()
        return values


def choose_target(table: Table, name: str, task: str | None = None) -> Target:
    """Return column `name` as the target: text as classes, numbers as numbers.

    Whole numbers, at most 20 different ones, are taken for classes; `task` overrules this.

    Raises DataError for a column that cannot be predicted: unknown, dropped, without values,
    with one value only, with more than 1,000 classes, with numbers that a few cells of text
    spoil, or with values in fewer than 30 rows.
    """
    column = table.column(name)
    if column.why == DROPPED:
        raise DataError(f"target {quoted(name)} is to be dropped too; drop other columns only")
    cells = table.frame[name]
    if cells.dtype.is_temporal():
        raise DataError(
            f"target {quoted(name)} holds dates; choose a number or a category, or type it as "
            "category"
        )
    # A reason is given where the type is a guess; what a user or a type says is not doubted.
    hint = hindrance(cells, table.place) if cells.dtype == pl.String and column.why else ""
    kind, why = _choose_task(cells, task, hint)
    present = cells.drop_nulls()
    marked = marked_rows(table, name)
    _check_count(name, present.len(), cells.null_count(), marked)
    classes: tuple[str, ...] = ()
    if kind is TaskKind.CLASSIFICATION:
        classes = tuple(map(_class_name(cells.dtype), present.unique().sort().to_list()))
        _check_classes(name, classes, present.len(), hint or column.why, marked)
    elif present.n_unique() == 1:
        raise DataError(
            f"target {quoted(name)} is {present[0]:.6g} in all {present.len():,} rows; choose one "
            "that varies"
        )
    return Target(
        name=name,
        task=kind,
        why=why,
        classes=classes,
        rows=cells.is_not_null().arg_true().cast(pl.Int64).to_numpy(),
        dropped=cells.null_count(),
    )


def _choose_task(cells: pl.Series, asked: str | None, hint: str) -> tuple[TaskKind, str]:
    """Return the task for a target column, and why; `hint`: what keeps it from being numbers."""
    is_text = cells.dtype == pl.String
    if asked is not None:
        if asked not in tuple(TaskKind):
            raise DataError(f"no task {quoted(asked)}; choose classification or regression")
        present = cells.drop_nulls()
        if asked == TaskKind.REGRESSION and is_text and present.len() > 0:
            what = hint or f"such as {quoted(present[0])}"
            raise DataError(
                f"target {quoted(cells.name)} is text, {what}, and regression needs numbers; ask "
                "for classification"
            )
        return TaskKind(asked), "as asked"
    name = bare(cells.name)
    if is_text and hint and cells.n_unique() > MAX_WHOLE_NUMBER_CLASSES:
        raise DataError(
            f"target {quoted(cells.name)} is mostly numbers, but {hint}; correct or empty the "
            f"cell, or give --types {name}=category"
        )
    if is_text:
        hint = f" ({hint})" if hint else ""
        return TaskKind.CLASSIFICATION, f"because {name} holds text{hint}"
    distinct = cells.drop_nulls().n_unique()
    if distinct > MAX_WHOLE_NUMBER_CLASSES:
        return TaskKind.REGRESSION, f"because {name} holds {distinct:,} different numbers"
    if not (cells.drop_nulls() % 1 == 0).all():
        return TaskKind.REGRESSION, f"because {name} holds numbers with a fraction"
    return TaskKind.CLASSIFICATION, (
        f"because {name} holds whole numbers, {distinct} different ones"
    )


def _class_name(dtype: pl.DataType) -> Callable[[str], str] | Callable[[float], str]:
    """Return how a class is written: text as it is, numbers without a needless .0."""
    if dtype == pl.String:
        return str
    return lambda value: str(int(value)) if value.is_integer() else repr(value)


def marked_rows(table: Table, name: str) -> str:
    """Say how many rows a mark of a missing value leaves without a target; "" for none."""
    column = table.column(name)
    if not column.marked:
        return ""
    rows = "1 row is" if column.marked == 1 else f"{column.marked:,} rows are"
    said = (
        f"{rows} not used: {bare(name)} is {listed(column.marks)} there, which stands for missing"
    )
    if table.frame[name].dtype != pl.String:
        return said
    other = {mark for each in table.columns for mark in each.marks if each.name != name}
    keep = ",".join(sorted(other - set(column.marks)))
    return f'{said}; if it is a class, add --missing "{keep}"'


def _check_count(name: str, rows: int, dropped: int, marked: str) -> None:
    """Raise DataError where too few rows have a target."""
    if rows == 0:
        raise DataError(
            f"target {quoted(name)} is missing in every row; {marked or 'choose another column'}"
        )
    if rows < MIN_ROWS:
        plural = "s are" if rows > 1 else " is"
        without = f" ({dropped:,} more have no {quoted(name)})" if dropped else ""
        raise DataError(
            f"{rows} row{plural} too few{without}: tuning needs at least {MIN_ROWS}, to train, "
            f"validate and test on different ones{f'; {marked}' if marked else ''}"
        )


def _check_classes(name: str, classes: tuple[str, ...], rows: int, why: str, marked: str) -> None:
    """Raise DataError where there is one class only, or too many."""
    if len(classes) == 1:
        raise DataError(
            f"target {quoted(name)} has one class, {quoted(classes[0])}, in all {rows:,} rows; "
            f"{marked or 'choose a target that has two classes or more'}"
        )
    if len(classes) > MAX_CLASSES:
        raise DataError(
            f"target {quoted(name)} has {len(classes):,} classes{f' ({why})' if why else ''}, "
            f"more than {MAX_CLASSES:,}; choose a target with fewer, or with numbers only"
        )
