"""The command line: parse, call, print. Nothing heavy is imported before a command runs."""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from tunesmith.errors import DataError, FileError, TunesmithError

if TYPE_CHECKING:
    from rich.console import Console

    from tunesmith.fit.data import Source
    from tunesmith.study import History, Study

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 + SIGINT."""

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object only.")


def fit_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that every search has."""
    for option in (
        click.option("--workers", type=click.IntRange(1), default=2, show_default=True,
                     help="Networks trained at a time, one per core."),
        click.option("--seed", type=click.IntRange(0), default=0, show_default=True,
                     help="The same seed gives the same study."),
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
@click.option("--task", type=click.Choice(["classification", "regression"]),
              help="What the target is, if the guess is wrong.")
@click.option("--types", multiple=True, metavar="COL=TYPE", help="Take a column for number or text.")
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
        plain = {"trials": len(history.trials), "finished": history.finished,
                 "digest": history.digest, "best": board, "result": result}
        click.echo(msgspec.json.encode(plain).decode())
        return
    console = _console(False)
    for line in summary_lines(history, result):
        console.print(line, markup=False, highlight=False)
    console.print()
    console.print(leaderboard(history))


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
