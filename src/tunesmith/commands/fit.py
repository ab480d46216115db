"""fit: a table, from the plan to the model."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, final

import click

from tunesmith.commands.options import (
    FILE,
    TRIALS,
    drop_option,
    force_option,
    json_option,
    missing_marks,
    missing_option,
    out_option,
    seed_option,
    target_option,
    task_option,
    type_pairs,
    types_option,
    workers_option,
)
from tunesmith.commands.running import check_files, run_study
from tunesmith.commands.speech import console, say
from tunesmith.usage import MINUTES

if TYPE_CHECKING:
    from tunesmith.fit.data import Source


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
@missing_option
@click.option(
    "--metric",
    metavar="NAME",
    help="What networks are judged by: accuracy, balanced_accuracy, log_loss or auc; r2, rmse or "
    "mae.",
)
@click.option("--balanced", is_flag=True, help="Let each class count the same in training.")
@click.option("--group", metavar="COL", help="Keep rows with one value of a column in one part.")
@click.option("--time", metavar="COL", help="Train on the earlier rows, test on the latest.")
@click.option(
    "--ensemble", is_flag=True, help="Average the best few networks where they are better together."
)
@click.option(
    "--tune", multiple=True, metavar="PARAM,..", help="Search only these, whatever the budget."
)
@click.option("--fix", multiple=True, metavar="PARAM=VALUE", help="Leave a param at a value.")
@workers_option
@seed_option
@out_option
@force_option
@json_option
def fit(
    data: Path,
    target: str,
    minutes: float | None,
    trials: int | None,
    task: str | None,
    types: tuple[str, ...],
    drop: tuple[str, ...],
    missing: str | None,
    metric: str | None,
    balanced: bool,
    group: str | None,
    time: str | None,
    ensemble: bool,
    tune: tuple[str, ...],
    fix: tuple[str, ...],
    workers: int,
    seed: int,
    out: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Tune a network on a table: CSV, TSV or Parquet, plain or .gz.

    Says what the columns were taken for and the plan; searches; trains the best network again on
    all rows it may see; scores it on rows never used before.
    """
    from tunesmith.fit.data import source_of

    _check_options(trials, metric, tune, fix)
    source = source_of(
        data,
        target,
        task=task,
        types=type_pairs(types),
        drop=drop,
        missing=missing_marks(missing),
        group=group,
        time=time,
        balanced=balanced,
        ensemble=ensemble,
        tune=tune,
        fix=fix,
    )
    asked = Asked(trials=trials, minutes=minutes, seed=seed, metric=metric, force=force)
    fit_table(source, out or study_name(data), asked, workers, as_json)


def _check_options(
    trials: int | None, metric: str | None, tune: tuple[str, ...], fix: tuple[str, ...]
) -> None:
    """Raise SpaceError or StudyError for options that are wrong whatever the table holds."""
    from tunesmith.fit.metrics import check_known
    from tunesmith.fit.plan import table_plan

    check_known(metric)
    table_plan(trials=trials, tune=tune, fix=fix)


def study_name(data: Path) -> Path:
    """Return what the study of a table is called by default, in the working folder."""
    name = data.name.removesuffix(".gz")
    for suffix in (".csv", ".tsv", ".txt", ".parquet"):
        name = name.removesuffix(suffix)
    return Path(name or "table")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of a table's study, beside the table itself."""

    trials: int | None
    minutes: float | None = None
    seed: int
    metric: str | None = None
    force: bool = False
    """Whether a file of somebody else may be replaced."""


def fit_table(source: "Source", name: Path, asked: Asked, workers: int, as_json: bool) -> None:
    """Read the table, say what it was taken for and the plan, then run."""
    import msgspec

    from tunesmith.fit.data import load
    from tunesmith.fit.plan import make_study, plan_lines, table_plan
    from tunesmith.table.describe import describe

    to = console(to_stderr=as_json)
    store = name.with_name(f"{name.name}.study")
    check_files(store, force=asked.force)
    data = load(source, seed=asked.seed)
    say(to, *describe(data.table, data.target))
    plan = table_plan(
        trials=asked.trials, tune=tuple(source.tune), fix=tuple(source.fix), data=data
    )
    study = make_study(
        data,
        msgspec.to_builtins(source),
        trials=asked.trials,
        minutes=asked.minutes,
        seed=asked.seed,
        space=plan.space,
        metric=asked.metric,
    )
    say(to, *plan_lines(study, data, workers=workers), *plan.lines)
    run_study(study, data, store, workers, to, as_json, force=asked.force)
