"""What a table was taken for, said in a few lines."""

from textwrap import wrap

import numpy as np

from tunesmith.table.columns import Column, Kind, Table
from tunesmith.table.target import Target, TaskKind
from tunesmith.table.wording import bare, quoted

WIDTH = 80
"""Characters a line may have."""

MAX_NOTES = 8
"""Columns that get a line of their own; a table may have thousands."""


def describe(table: Table, target: Target) -> tuple[str, ...]:
    """Say the features, what is odd about them and the target, in lines of at most 80."""
    features = [column for column in table.columns if column.name != target.name]
    left_out = [column for column in features if column.kind is Kind.LEFT_OUT]
    odd = [column for column in features if column.why and column.kind is not Kind.LEFT_OUT]
    counts = ((kind, sum(column.kind is kind for column in features)) for kind in Kind)
    summary = ", ".join(f"{count:,} {kind.value}" for kind, count in counts if count)
    if len(left_out) == 1:
        summary += f" ({bare(left_out[0].name)}: {left_out[0].why})"
        left_out = []
    notes = [*map(_note, left_out), *map(_note, odd)]
    if len(notes) > MAX_NOTES:
        notes = [*notes[:MAX_NOTES], f"and {len(notes) - MAX_NOTES:,} more columns like these"]
    lines = (summary or "no other columns", *notes, *_target_lines(table, target))
    return tuple(part for line in lines for part in wrap(line, WIDTH, subsequent_indent="  "))


def _note(column: Column) -> str:
    """Return the line of a column that is left out or may surprise."""
    kind = "left out" if column.kind is Kind.LEFT_OUT else f"a {column.kind.value}"
    return f"{bare(column.name)} is {kind}: {column.why}"


def _target_lines(table: Table, target: Target) -> tuple[str, ...]:
    """Return what the target is, why, and how many rows lack it."""
    if target.task is TaskKind.CLASSIFICATION:
        sizes = np.bincount(target.labels(table, target.rows))
        commonest = quoted(target.classes[sizes.argmax()])
        what = f"{len(sizes):,} classes, {commonest} {100 * sizes.max() / sizes.sum():.0f} %"
    else:
        numbers = target.values(table, target.rows)
        what = f"number, median {np.median(numbers):,.6g}"
    lines = (f"target {bare(target.name)}: {what}", f"{target.task}, {target.why}")
    if not target.dropped:
        return lines
    them = "row without a target is" if target.dropped == 1 else "rows without a target are"
    return (*lines, f"{target.dropped:,} {them} not used")
