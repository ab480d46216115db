"""The command line: parse, call, print. Nothing heavy is imported before a command runs."""

import os
import shlex
import signal
import sys
import threading
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from tunesmith.errors import DataError, FileError, TunesmithError
from tunesmith.table.wording import nearest
from tunesmith.usage import (
    FILE_NAME,
    MINUTES,
    MOST_SEED,
    MOST_TRIALS,
    MOST_WORKERS,
    Commands,
    printable,
    sentence,
    whole,
)

if TYPE_CHECKING:
    from rich.console import Console

    from tunesmith.fit.data import Data, Source
    from tunesmith.history import History
    from tunesmith.search.plan import Plan
    from tunesmith.study import Study

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 + SIGINT."""

BEGAN = time.monotonic()
"""The start of the process, as far as we see: what --minutes counts from."""


STOP = threading.Event()
"""Set once a stop was asked for: a library may swallow a KeyboardInterrupt, or make it an error."""

FILE = click.Path(path_type=Path, readable=False)
TRIALS = whole(1, MOST_TRIALS)

workers_option = click.option(
    "--workers",
    type=whole(1, MOST_WORKERS),
    metavar="W",
    default=2,
    show_default=True,
    help="Networks trained at a time, one per core.",
)
seed_option = click.option(
    "--seed",
    type=whole(0, MOST_SEED),
    metavar="S",
    default=0,
    show_default=True,
    help="The same seed gives the same study.",
)
out_option = click.option(
    "--out", type=FILE_NAME, metavar="NAME", help="Write NAME.study and NAME.model."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object only.")


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.version_option(package_name="tunesmith")
@click.pass_context
def app(context: click.Context) -> None:
    """Tune deep networks, on the right scales.

    Start with `tunesmith demo`, or `tunesmith fit DATA.csv --target COLUMN`.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@app.command()
@click.option(
    "--trials", type=TRIALS, metavar="N", default=200, show_default=True, help="Networks to try."
)
@workers_option
@seed_option
@out_option
@json_option
def demo(trials: int, workers: int, seed: int, out: Path | None, as_json: bool) -> None:
    """Tune a network on handwritten digits: offline, under a minute."""
    from tunesmith.fit.data import DIGITS, source_of
    from tunesmith.fit.plan import table_plan

    source, plan = source_of(None, "digit"), table_plan(trials=trials)
    _fit(source, out or Path(DIGITS), plan, trials, None, workers, seed, as_json)


@app.command()
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
    _fit(source, name, plan, trials, minutes, workers, seed, as_json)


@app.command()
@click.argument("study", type=FILE)
@click.option("--data", type=FILE, help="Where the table lies now.")
@workers_option
@json_option
def resume(study: Path, data: Path | None, workers: int, as_json: bool) -> None:
    """Go on with a study after a stop or a crash.

    It ends as it would have ended.
    """
    from tunesmith.fit.data import Source, load

    history, _ = _read(study)
    source = Source.of(history.study.source)
    if data is None and source.sha256 and not Path(source.name).exists():
        raise FileError(
            f"the table of {str(study)!r} was {source.name!r}, which is not here: say where it "
            "lies now with --data"
        )
    prepared = load(source, seed=history.study.seed, path=data)
    _run(history.study, prepared, study, workers, _console(as_json), as_json)


@app.command()
@click.argument("model", type=FILE)
@click.argument("data", type=FILE)
@click.option("-o", "--out", type=FILE, help="A CSV file; else printed.")
@json_option
def predict(model: Path, data: Path, out: Path | None, as_json: bool) -> None:
    """Predict the rows of a table with a model."""
    import msgspec

    from tunesmith.model.file import load_model
    from tunesmith.table.read import read_text

    trained = load_model(_existing(model, ".model"))
    table = trained.encoder.typed(read_text(data))
    predictions, unseen = trained.predict(table), trained.encoder.unseen(table)
    console = _console(as_json or out is None)
    for name, count in unseen.items():
        _say(console, f"{count:,} rows hold a {name!r} not seen in training")
    if as_json:
        plain = {
            "target": trained.target,
            "rows": predictions.height,
            "unseen": unseen,
            "predictions": predictions.to_dicts(),
        }
        click.echo(msgspec.json.encode(plain))
    elif out is None:
        click.echo(predictions.write_csv(), nl=False)
    if out is not None:
        try:
            out.write_bytes(predictions.write_csv().encode())
        except OSError as error:
            raise FileError(
                f"{str(out)!r} cannot be written ({error.strerror}): choose another place with -o"
            ) from error
        _say(console, f"{predictions.height:,} predictions written to {out}")


@app.command()
@click.argument("study", type=FILE)
@click.option("--rounds", is_flag=True, help="Draw each round's ranges.")
@json_option
def show(study: Path, rounds: bool, as_json: bool) -> None:
    """Show where a study stands, its best trials and its rounds."""
    import msgspec

    from tunesmith.drawing import range_lines, round_lines
    from tunesmith.terminal import leaderboard, plain_study, summary_lines

    history, result = _read(study)
    if as_json:
        click.echo(msgspec.json.encode(plain_study(history, result)))
        return
    lines = *summary_lines(history, result), "", *leaderboard(history)
    drawn = range_lines(history) if rounds else round_lines(history)
    _say(_console(False), *lines, *(("", *drawn) if drawn else ()))


def _fit(
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

    console = _console(as_json)
    data = load(source, seed=seed)
    _say(console, *describe(data.table, data.target))
    plain = msgspec.to_builtins(source)
    study = make_study(data, plain, trials=trials, minutes=minutes, seed=seed, space=plan.space)
    _say(console, *plan_lines(study, data, workers=workers), *plan.lines)
    _run(study, data, name.with_name(name.name + ".study"), workers, console, as_json)


def _run(
    study: "Study", data: "Data", store: Path, workers: int, console: "Console", as_json: bool
) -> None:
    """Run a study to its end and say what came of it."""
    import msgspec

    from tunesmith.fit.flow import Run, run_fit
    from tunesmith.terminal import Panel, result_lines

    try:
        with Panel(console, study, began=BEGAN, stopped=STOP.is_set) as panel:
            result = run_fit(
                Run(
                    study=study,
                    data=data,
                    store=store,
                    model=store.with_suffix(".model"),
                    workers=workers,
                    began=BEGAN,
                    watch=panel,
                )
            )
    except KeyboardInterrupt:
        if store.exists():
            command = f"tunesmith resume {shlex.quote(str(store))}"
            _say(console, f"stopped; what was measured is kept; to go on: {command}")
        raise
    if as_json:
        click.echo(msgspec.json.encode(result))
    else:
        _say(console, *result_lines(result))


def _read(path: Path) -> "tuple[History, dict[str, Any] | None]":
    """Return a study's history and its result, if it has one."""
    from tunesmith.ledger import read_ledger
    from tunesmith.store.store import Store

    with Store.read(_existing(path, ".study")) as store:
        events = list(store.replay())
    results = [dict(event.body) for event in events if event.kind == "result"]
    return read_ledger(events).history, results[-1] if results else None


def _existing(path: Path, suffix: str) -> Path:
    """Return the path of a file that is there; FileError, with the nearest name, if it is not."""
    if path.exists():
        return path
    near = nearest(path.name, (file.name for file in path.parent.glob(f"*{suffix}")))
    remedy = f"did you mean {str(path.parent / near)!r}?" if near else "check name and folder"
    raise FileError(f"no file {str(path)!r} here; {remedy}")


def _console(to_stderr: bool) -> "Console":
    """Return the console for people; with --json it is stderr, and stdout is the object's."""
    from rich.console import Console

    return Console(
        stderr=to_stderr,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        markup=False,
        emoji=False,
        highlight=False,
    )


def _say(console: "Console", *lines: str) -> None:
    """Print lines as they are, whatever the names in them hold."""
    for line in lines:
        console.print(printable(line), soft_wrap=True)


def _pairs(texts: tuple[str, ...]) -> dict[str, str]:
    """Read COL=TYPE options; DataError for any other form."""
    pairs = {}
    for text in texts:
        name, equals, kind = text.rpartition("=")
        if not equals or not name:
            raise DataError(f"--types {text}: give it as COLUMN=number or COLUMN=text")
        pairs[name] = kind
    return pairs


def run(arguments: Sequence[str]) -> int:
    """Run a command; return the exit code, after one sentence on stderr if it is not 0."""
    try:
        app(list(arguments), prog_name="tunesmith", standalone_mode=False)
    except click.ClickException as error:
        code, complaint = error.exit_code, sentence(error)
    except TunesmithError as error:
        code, complaint = error.exit_code, str(error)
    except OSError as error:
        code, complaint = FileError.exit_code, f"{error}: check the disk and the permissions"
    except (KeyboardInterrupt, click.Abort):
        code, complaint = INTERRUPTED, "interrupted"
    except Exception:
        if not STOP.is_set():
            raise
        code, complaint = INTERRUPTED, "interrupted"
    else:
        return 0
    click.echo(f"tunesmith: {printable(complaint)}", err=True)
    return code


def _stop(*_: object) -> NoReturn:
    STOP.set()
    raise KeyboardInterrupt


def main() -> NoReturn:
    """Run the command line; the exit codes are in the README."""
    # SIGTERM ends a run as Ctrl-C does: with everything saved.
    signal.signal(signal.SIGTERM, _stop)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not in the background
        signal.signal(signal.SIGINT, _stop)
    if not sys.warnoptions:
        # A library's warnings are for who wrote the code, not for who runs it.
        warnings.simplefilter("ignore")
    sys.exit(run(sys.argv[1:]))
