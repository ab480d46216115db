"""check: what a table is taken for and what looks odd in it, before anything is trained."""

from pathlib import Path

import click

from tunesmith.commands.options import (
    FILE,
    drop_option,
    json_option,
    missing_marks,
    missing_option,
    target_option,
    task_option,
    type_pairs,
    types_option,
)
from tunesmith.commands.speech import console, say


@click.command()
@click.argument("data", type=FILE)
@target_option
@task_option
@types_option
@drop_option
@missing_option
@json_option
def check(
    data: Path,
    target: str,
    task: str | None,
    types: tuple[str, ...],
    drop: tuple[str, ...],
    missing: str | None,
    as_json: bool,
) -> None:
    """Say what a table is taken for, and what looks odd.

    Missing values, columns that alone predict nearly everything, repeated rows, groups, order in
    time. Nothing is changed.
    """
    import msgspec

    from tunesmith.fit.data import look, source_of
    from tunesmith.table.check import check_lines, check_table

    source = source_of(
        data,
        target,
        task=task,
        types=type_pairs(types),
        drop=drop,
        missing=missing_marks(missing),
    )
    table, chosen = look(source)
    findings = check_table(table, chosen)
    if as_json:
        click.echo(msgspec.json.encode(findings))
    else:
        say(console(), *check_lines(table, chosen, findings))
