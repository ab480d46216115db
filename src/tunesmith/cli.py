"""The command line: parse, call, print. Nothing heavy is imported before a command runs."""

import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from tunesmith.errors import DataError, FileError, TunesmithError

if TYPE_CHECKING:
    from rich.console import Console

    from tunesmith.fit.data import Data, Source
    from tunesmith.study import History, Study

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 + SIGINT."""

BEGAN = time.monotonic()
"""The start of the process, as far as we see: what --minutes counts from."""

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object only.")


def fit_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that every search has."""
    for option in (
        click.option(
            "--workers",
            type=click.IntRange(1),
            default=2,
            show_default=True,
            help="Networks trained at a time, one per core.",
        ),
        click.option(
            "--seed",
            type=click.IntRange(0),
            default=0,
            show_default=True,
            help="The same seed gives the same study.",
        ),
        click.option("--out", metavar="NAME", help="Write NAME.study and NAME.model."),
        json_option,
    ):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.version_option(package_name="tunesmith")
def app() -> None:
    """Tune deep networks, coarse to fine, on the right scales.

    Start with `tunesmith demo`, or `tunesmith fit DATA.csv --target COLUMN`.
    """


@app.command()
@click.option("--trials", type=click.IntRange(1), default=200, show_default=True)
@fit_options
def demo(trials: int, workers: int, seed: int, out: str | None, as_json: bool) -> None:
    """Tune a network on handwritten digits: offline, under a minute."""
    from tunesmith.fit.data import source_of

    _fit(source_of(None, "digit"), out or "digits", trials, None, workers, seed, as_json)


@app.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--target", required=True, metavar="COL", help="The column to predict.")
@click.option("--minutes", type=click.FloatRange(0, min_open=True), help="For all of it.")
@click.option("--trials", type=click.IntRange(1), help="Networks to try.")
@click.option(
    "--task",
    type=click.Choice(["classification", "regression"]),
    help="What the target is, if the guess is wrong.",
)
@click.option(
    "--types", multiple=True, metavar="COL=TYPE", help="Take a column for number or text."
)
@click.option("--drop", multiple=True, metavar="COL", help="Leave a column out.")
@fit_options
def fit(
    data: Path,
    target: str,
    minutes: float | None,
    trials: int | None,
    task: str | None,
    types: tuple[str, ...],
    drop: tuple[str, ...],
    workers: int,
    seed: int,
    out: str | None,
    as_json: bool,
) -> None:
    """Tune a network on a table (CSV, plain or .gz): plan, search, refit, honest score."""
    from tunesmith.fit.data import source_of

    source = source_of(data, target, task=task, types=_pairs(types), drop=drop)
    name = out or data.name.removesuffix(".gz").removesuffix(".csv")
    _fit(source, name, trials, minutes, workers, seed, as_json)


@app.command()
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--data", type=click.Path(path_type=Path), help="Where the table lies now.")
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True)
@json_option
def resume(study: Path, data: Path | None, workers: int, as_json: bool) -> None:
    """Go on with a study after a stop or a crash, to where it would have ended."""
    from tunesmith.fit.data import Source, load

    history, seconds, _ = _read(study)
    source = Source.of(history.study.source)
    console = _console(as_json)
    prepared = load(source, seed=history.study.seed, path=data)
    _run(history.study, prepared, study.with_suffix(""), workers, console, as_json, seconds)


@app.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("data", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="A CSV file; else printed.")
@json_option
def predict(model: Path, data: Path, out: Path | None, as_json: bool) -> None:
    """Predict the rows of a table with a model."""
    from tunesmith.model.file import load_model
    from tunesmith.table.read import read_text

    trained = load_model(model)
    table = trained.encoder.typed(read_text(data))
    predictions = trained.predict(table)
    console = _console(as_json or out is None)
    for name, count in trained.encoder.unseen(table).items():
        console.print(f"{count:,} rows hold a {name!r} not seen in training", markup=False)
    if as_json:
        click.echo(predictions.write_json())
    elif out is None:
        click.echo(predictions.write_csv(), nl=False)
    if out is not None:
        try:
            predictions.write_csv(out)
        except OSError as error:
            raise FileError(f"{out} cannot be written ({error.strerror or error})") from error
        console.print(f"{predictions.height:,} predictions written to {out}", markup=False)


@app.command()
@click.argument("study", type=click.Path(path_type=Path))
@json_option
def show(study: Path, as_json: bool) -> None:
    """Show where a study stands and its best trials."""
    import msgspec

    from tunesmith.terminal import leaderboard, summary_lines

    history, _, result = _read(study)
    if as_json:
        best = history.ranked()[:10]
        board = [
            {"trial": t.number, "score": t.metric(history.study.metric), "config": dict(t.config)}
            for t in best
        ]
        plain = {
            "trials": len(history.trials),
            "finished": history.finished,
            "digest": history.digest,
            "best": board,
            "result": result,
        }
        click.echo(msgspec.json.encode(plain).decode())
        return
    console = _console(False)
    for line in summary_lines(history, result):
        console.print(line, markup=False, highlight=False)
    console.print()
    console.print(leaderboard(history))


def _fit(
    source: "Source",
    name: str,
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
    study = make_study(data, msgspec.to_builtins(source), trials=trials, minutes=minutes, seed=seed)
    for line in describe(data.table, data.target):
        console.print(line, markup=False, highlight=False)
    for line in plan_lines(study, data, workers=workers):
        console.print(line, markup=False, highlight=False)
    _run(study, data, Path(name), workers, console, as_json, 0.0)


def _run(
    study: "Study",
    data: "Data",
    name: Path,
    workers: int,
    console: "Console",
    as_json: bool,
    seconds_before: float,
) -> None:
    """Run a study to its end and say what came of it."""
    import msgspec

    from tunesmith.fit.flow import Run, run_fit
    from tunesmith.terminal import Panel, result_lines

    store = name.with_name(name.name + ".study")
    began = BEGAN - seconds_before
    try:
        with Panel(console, study, began=began) as panel:
            result = run_fit(
                Run(
                    study=study,
                    data=data,
                    store=store,
                    model=name.with_name(name.name + ".model"),
                    workers=workers,
                    began=began,
                    watch=panel,
                )
            )
    except KeyboardInterrupt:
        console.print(
            f"stopped; everything measured is in {store}; go on with: tunesmith resume {store}",
            markup=False,
            highlight=False,
        )
        raise
    if as_json:
        click.echo(msgspec.json.encode(result).decode())
        return
    for line in result_lines(result):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _read(path: Path) -> "tuple[History, float, dict[str, Any] | None]":
    """Return a study's history, for how long it ran, and its result, if it has one."""
    from tunesmith.ledger import read_ledger
    from tunesmith.store.store import Store

    with Store.read(path) as store:
        events = list(store.replay())
    ledger = read_ledger(events)
    results = [dict(event.body) for event in events if event.kind == "result"]
    return ledger.history, ledger.seconds, results[-1] if results else None


def _console(to_stderr: bool) -> "Console":
    """Return the console for people; with --json it is stderr, and stdout is the object's."""
    from rich.console import Console

    return Console(stderr=to_stderr)


def _pairs(texts: tuple[str, ...]) -> dict[str, str]:
    """Read COL=TYPE options; DataError for any other form."""
    pairs = {}
    for text in texts:
        name, equals, kind = text.rpartition("=")
        if not equals or not name:
            raise DataError(f"--types {text}: give it as COLUMN=number or COLUMN=text")
        pairs[name] = kind
    return pairs


def main() -> NoReturn:
    """Run the command line; the exit codes are in the README."""
    # SIGTERM ends a run as Ctrl-C does: with everything saved.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        app(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except TunesmithError as error:
        click.echo(f"tunesmith: {error}", err=True)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("tunesmith: interrupted", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    sys.exit(0)
