"""What a look at a table finds before anything is trained: the object and the lines of `check`."""

from collections.abc import Iterator
from textwrap import wrap
from typing import final

import msgspec

from tunesmith.table.columns import Column, Table
from tunesmith.table.describe import WIDTH, describe
from tunesmith.table.guess import Kind
from tunesmith.table.relations import (
    Duplicates,
    Group,
    Timeline,
    find_duplicates,
    find_groups,
    find_timelines,
)
from tunesmith.table.suspicious import Suspicion, find_suspicious
from tunesmith.table.target import Target
from tunesmith.table.wording import bare, quoted
from tunesmith.text import figure

MOST_COLUMNS = 40
"""Columns that get a line of their own."""

MUCH_MISSING = 0.5
"""Share of the rows without a value from which on a column is remarked on."""


@final
class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What one column was taken for."""

    name: str
    kind: str
    missing: int
    distinct: int
    why: str
    marks: tuple[str, ...]
    """What stands for a missing value, other than an empty cell."""


@final
class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at a table found; the object that --json prints."""

    rows: int
    form: str
    """How the file was read, where that is not plain."""
    columns: tuple[Seen, ...]
    target: str
    task: str
    why: str
    """Why this task."""
    classes: tuple[str, ...]
    without_target: int
    """Rows without a target, which are not used."""
    suspicious: tuple[Suspicion, ...]
    duplicates: Duplicates
    groups: tuple[Group, ...]
    timelines: tuple[Timeline, ...]


def check_table(table: Table, target: Target) -> Findings:
    """Look at a typed table and its target; nothing is changed."""
    return Findings(
        rows=table.rows,
        form=table.form,
        columns=tuple(_seen(column) for column in table.columns),
        target=target.name,
        task=target.task.value,
        why=target.why,
        classes=target.classes,
        without_target=target.dropped,
        suspicious=find_suspicious(table, target),
        duplicates=find_duplicates(table, target),
        groups=find_groups(table, target),
        timelines=find_timelines(table, target),
    )


def _seen(column: Column) -> Seen:
    return Seen(
        name=column.name,
        kind=column.kind.value,
        missing=column.missing,
        distinct=column.distinct,
        why=column.why,
        marks=column.marks,
    )


def check_lines(table: Table, target: Target, findings: Findings) -> tuple[str, ...]:
    """Say the findings in lines of at most 80: the table, its columns, and what is remarkable."""
    remarks = [
        part for text in _remarks(findings) for part in wrap(text, WIDTH, subsequent_indent="  ")
    ]
    return (
        f"{table.rows:,} rows, {len(table.columns):,} columns",
        *describe(table, target),
        "",
        *_column_lines(findings),
        *(("", *remarks) if remarks else ()),
        "",
        "nothing was changed",
    )


def _column_lines(findings: Findings) -> list[str]:
    """Return a line for each column: name, kind, missing values, different values."""
    shown = findings.columns[:MOST_COLUMNS]
    lines = []
    for column in shown:
        kind = "target" if column.name == findings.target else column.kind
        parts = [f"{column.distinct:,} different"]
        if column.missing:
            marks = ", ".join(quoted(mark) for mark in column.marks)
            said = f" (written {marks})" if marks else ""
            parts.append(f"{100 * column.missing / findings.rows:.3g} % missing{said}")
        lines.append(f"{bare(column.name):<25} {kind:<9} {', '.join(parts)}"[:WIDTH])
    if len(findings.columns) > MOST_COLUMNS:
        lines.append(f"and {len(findings.columns) - MOST_COLUMNS:,} more columns (--json has all)")
    return lines


def _remarks(findings: Findings) -> Iterator[str]:
    """Yield what should be looked at, a sentence or two each."""
    for column in findings.columns:
        share = column.missing / findings.rows
        if share >= MUCH_MISSING and column.kind != Kind.LEFT_OUT.value:
            yield f"! {bare(column.name)} is missing in {100 * share:.3g} % of the rows"
    for found in findings.suspicious:
        yield (
            f"! {bare(found.column)} is suspicious: alone it predicts {bare(findings.target)} "
            f"almost perfectly ({found.metric} {figure(found.score)}); if it is not known when you "
            "predict, leave it out with --drop"
        )
    if findings.duplicates.rows:
        yield _duplicates_line(findings.duplicates)
    for group in findings.groups:
        yield (
            f"! {bare(group.column)} looks like groups: {group.values:,} values in "
            f"{findings.rows:,} rows; rows of one value may be alike, and the split into training "
            "and test rows does not keep them together"
        )
    for line in findings.timelines:
        way = "the rows are" if line.rising else "the rows are not"
        yield (
            f"! {bare(line.column)} runs from {line.first} to {line.last}, and {way} in that "
            "order; the split into training and test rows is by chance, so the score does not "
            "stand for later rows"
        )


def _duplicates_line(found: Duplicates) -> str:
    """Say how many rows repeat others, and how many of the test rows do."""
    rows = "row repeats" if found.rows == 1 else "rows repeat"
    return (
        f"! {found.rows:,} {rows} an earlier one in every column used; of the "
        f"{found.of_test_rows:,} test rows, {found.test_rows:,} are among the other rows too"
    )
