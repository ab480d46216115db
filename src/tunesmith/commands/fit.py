"""fit: a table, from the plan to the model."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tunesmith.commands.options import (
    FILE,
    TRIALS,
    drop_option,
    json_option,
    out_option,
    seed_option,
    target_option,
    task_option,
    type_pairs,
    types_option,
    workers_option,
)
from tunesmith.commands.running import run_study
from tunesmith.commands.speech import console, say
from tunesmith.usage import MINUTES

if TYPE_CHECKING:
    from tunesmith.fit.data import Source
    from tunesmith.search.plan import Plan


@click.command()
@click.argument("data", type=FILE)
@target_option
@click.option(
    "--minutes",
    type=MINUTES,
    metavar="M",
    help="Time for all of it; 2 where --trials is not given either.",
)
@click.option("--trials", type=TRIALS, metavar="N", help="Networks to try.")
@task_option
@types_option
@drop_option
@click.option(
    "--tune", multiple=True, metavar="PARAM,..", help="Search only these, whatever the budget."
)
@click.option("--fix", multiple=True, metavar="PARAM=VALUE", help="Leave a param at a value.")
@workers_option
@seed_option
@out_option
@json_option
def fit(
    data: Path,
    target: str,
    minutes: float | None,
    trials: int | None,
    task: str | None,
    types: tuple[str, ...],
    drop: tuple[str, ...],
    tune: tuple[str, ...],
    fix: tuple[str, ...],
    workers: int,
    seed: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Tune a network on a table: CSV, TSV or Parquet, plain or .gz.

    Says what the columns were taken for and the plan; searches; trains the best network again on
    all rows it may see; scores it on rows never used before.
    """
    pairs = type_pairs(types)
    from tunesmith.fit.data import source_of
    from tunesmith.fit.plan import table_plan

    plan = table_plan(trials=trials, tune=tune, fix=fix)
    source = source_of(data, target, task=task, types=pairs, drop=drop)
    fit_table(source, out or study_name(data), plan, trials, minutes, workers, seed, as_json)


def study_name(data: Path) -> Path:
    """Return what the study of a table is called by default, in the working folder."""
    name = data.name.removesuffix(".gz")
    for suffix in (".csv", ".tsv", ".txt", ".parquet"):
        name = name.removesuffix(suffix)
    return Path(name or "table")


def fit_table(
    source: "Source",
    name: Path,
    plan: "Plan",
    trials: int | None,
    minutes: float | None,
    workers: int,
    seed: int,
    as_json: bool,
) -> None:
    """Read the table, say what it was taken for and the plan, then run."""
    import msgspec

    from tunesmith.fit.data import load
    from tunesmith.fit.plan import make_study, plan_lines
    from tunesmith.table.describe import describe

    to = console(to_stderr=as_json)
    data = load(source, seed=seed)
    say(to, *describe(data.table, data.target))
    plain = msgspec.to_builtins(source)
    study = make_study(data, plain, trials=trials, minutes=minutes, seed=seed, space=plan.space)
    say(to, *plan_lines(study, data, workers=workers), *plan.lines)
    run_study(study, data, name.with_name(name.name + ".study"), workers, to, as_json)
