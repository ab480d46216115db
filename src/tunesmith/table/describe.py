"""What a table was taken for, said in a few lines."""

from collections.abc import Sequence
from textwrap import wrap

import numpy as np

from tunesmith.table.columns import Table
from tunesmith.table.guess import Kind
from tunesmith.table.target import Target, TaskKind, marked_rows
from tunesmith.table.wording import bare, quoted

WIDTH = 80
"""Characters a line may have."""

MAX_NOTES = 8
"""Odd columns that get a line of their own; a table may have thousands."""

MAX_NAMES = 6
"""Columns left out for one reason that are named."""


def describe(table: Table, target: Target) -> tuple[str, ...]:
    """Say the features, what is odd about them and the target, in lines of at most 80."""
    features = [column for column in table.columns if column.name != target.name]
    left_out: dict[str, list[str]] = {}
    for column in features:
        if column.kind is Kind.LEFT_OUT:
            left_out.setdefault(column.why, []).append(column.name)
    odd = [column for column in features if column.why and column.kind is not Kind.LEFT_OUT]
    counts = ((kind, sum(column.kind is kind for column in features)) for kind in Kind)
    summary = ", ".join(f"{count:,} {kind.value}" for kind, count in counts if count)
    reasons = [f"{_names(names)}: {why}" for why, names in left_out.items()]
    if len(reasons) == 1:
        summary += f" ({reasons.pop()})"
    notes = [f"read as {table.form}"] if table.form else []
    notes += [f"left out {reason}" for reason in reasons]
    notes += [f"{bare(c.name)} is a {c.kind.value}: {c.why}" for c in odd[:MAX_NOTES]]
    if len(odd) > MAX_NOTES:
        notes.append(f"and {len(odd) - MAX_NOTES:,} more columns like these")
    lines = (summary or "no other columns", *notes, *_target_lines(table, target))
    return tuple(part for line in lines for part in wrap(line, WIDTH, subsequent_indent="  "))


def _names(names: Sequence[str]) -> str:
    """Return the names of columns that share a fate, as many as a line or two can hold."""
    shown = ", ".join(bare(name) for name in names[:MAX_NAMES])
    more = len(names) - MAX_NAMES
    return f"{shown} and {more:,} more" if more > 0 else shown


def _target_lines(table: Table, target: Target) -> tuple[str, ...]:
    """Return what the target is, why, and how many rows lack it."""
    if target.task is TaskKind.CLASSIFICATION:
        sizes = np.bincount(target.labels(table, target.rows))
        commonest = quoted(target.classes[sizes.argmax()])
        what = f"{len(sizes):,} classes, {commonest} {100 * sizes.max() / sizes.sum():.0f} %"
    else:
        numbers = target.values(table, target.rows)
        what = f"number, median {np.median(numbers):,.6g}"
    lines = [f"target {bare(target.name)}: {what}", f"{target.task}, {target.why}"]
    column = table.column(target.name)
    if column.kind is Kind.NUMBER and column.why:
        lines.append(f"{bare(target.name)} is read as numbers: {column.why}")
    if marked := marked_rows(table, target.name):
        lines.append(marked)
    if not (empty := target.dropped - column.marked):
        return tuple(lines)
    them = "row without a target is" if empty == 1 else "rows without a target are"
    return (*lines, f"{empty:,} {them} not used")
