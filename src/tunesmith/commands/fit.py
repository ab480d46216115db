"""fit: a table, from the plan to the model."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tunesmith.commands.options import (
    FILE,
    TRIALS,
    json_option,
    out_option,
    seed_option,
    workers_option,
)
from tunesmith.commands.running import run_study
from tunesmith.commands.speech import console, say
from tunesmith.errors import DataError
from tunesmith.usage import MINUTES

if TYPE_CHECKING:
    from tunesmith.fit.data import Source
    from tunesmith.search.plan import Plan


@click.command()
@click.argument("data", type=FILE)
@click.option("--target", required=True, metavar="COL", help="The column to predict.")
@click.option(
    "--minutes",
    type=MINUTES,
    metavar="M",
    help="Time for all of it; 2 where --trials is not given either.",
)
@click.option("--trials", type=TRIALS, metavar="N", help="Networks to try.")
@click.option(
    "--task", metavar="TASK", help="classification or regression, where the guess is wrong."
)
@click.option(
    "--types", multiple=True, metavar="COL=TYPE", help="Take a column for number or text."
)
@click.option("--drop", multiple=True, metavar="COL", help="Leave a column out.")
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
    """Tune a network on a table (CSV, plain or .gz).

    Says what the columns were taken for and the plan; searches; trains the best network again on
    all rows it may see; scores it on rows never used before.
    """
    pairs = _pairs(types)
    from tunesmith.fit.data import source_of
    from tunesmith.fit.plan import table_plan

    plan = table_plan(trials=trials, tune=tune, fix=fix)
    source = source_of(data, target, task=task, types=pairs, drop=drop)
    name = out or Path(data.name.removesuffix(".gz").removesuffix(".csv") or "table")
    fit_table(source, name, plan, trials, minutes, workers, seed, as_json)


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


def _pairs(texts: tuple[str, ...]) -> dict[str, str]:
    """Read COL=TYPE options; DataError for any other form."""
    pairs = {}
    for text in texts:
        name, equals, kind = text.rpartition("=")
        if not equals or not name:
            raise DataError(f"--types {text}: give it as COLUMN=number or COLUMN=text")
        pairs[name] = kind
    return pairs
