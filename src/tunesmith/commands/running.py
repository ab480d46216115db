"""A study of a table run to its end, with its progress shown."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tunesmith.commands import stopping
from tunesmith.commands.files import read_seen
from tunesmith.commands.speech import say
from tunesmith.errors import FileError

if TYPE_CHECKING:
    from rich.console import Console

    from tunesmith.fit.data import Data
    from tunesmith.fit.flow import Result
    from tunesmith.study import Study


def check_files(store: Path, *, force: bool) -> None:
    """Raise FileError where the model of a study cannot be written, or would replace another's."""
    from tunesmith.fit.flow import check_writable
    from tunesmith.model.ownership import Written, refuse_foreign

    model = store.with_suffix(".model")
    if not store.exists():  # a study that is finished is shown, wherever it lies
        check_writable(model)
    remedy = "choose another name with --out, or replace it with --force"
    refuse_foreign(model, Written.MODEL, force=force, remedy=remedy)


def run_study(
    study: "Study",
    data: "Data",
    store: Path,
    workers: int,
    to: "Console",
    as_json: bool,
    *,
    amend: bool = False,
    force: bool = False,
) -> None:
    """Run a study to its end and say what came of it; `amend`: one there may get this budget.

    `force`: a page that somebody else wrote may be replaced.
    """
    from tunesmith.fit.flow import Run, run_fit, stored_result
    from tunesmith.terminal import Panel

    model, page = store.with_suffix(".model"), store.with_suffix(".html")
    over = model.exists() and stored_result(store, study) is not None
    try:
        with Panel(to, study, began=stopping.BEGAN, stopped=stopping.STOP.is_set) as panel:
            result = run_fit(
                Run(
                    study=study,
                    data=data,
                    store=store,
                    model=model,
                    workers=workers,
                    amend=amend,
                    began=stopping.BEGAN,
                    watch=panel,
                    ensemble=bool(study.source.get("ensemble")),
                )
            )
    except KeyboardInterrupt:
        _say_how_to_go_on(store, to)
        raise
    _say_result(result, to, as_json, over=over)
    say(to, f"report   {page}" if over and page.exists() else _report(store, page, force=force))


def _say_result(result: "Result", to: "Console", as_json: bool, *, over: bool) -> None:
    """Say what came of a study, for people or as one JSON object; `over`: it was so before."""
    import msgspec

    from tunesmith.terminal import result_lines

    if over:
        say(to, "finished: nothing to do; with more --trials or --minutes, resume goes on")
    if as_json:
        click.echo(msgspec.json.encode(result))
    else:
        say(to, *result_lines(result))


def _report(store: Path, page: Path, *, force: bool) -> str:
    """Write the page of a study and say where; where it cannot be, the study is no less done."""
    from tunesmith.report.file import write_page

    try:
        write_page(*read_seen(store), page, force=force)
    except FileError as error:
        command = f"tunesmith report {shlex.quote(str(store))} -o PAGE.html"
        return f"report   not written, since {error}; to write it: {command}"
    return f"report   {page}"


def _say_how_to_go_on(store: Path, to: "Console") -> None:
    """Say the command for a study that was stopped, if it had come so far."""
    if store.exists():
        command = f"tunesmith resume {shlex.quote(str(store))}"
        say(to, f"stopped; what was measured is kept; to go on: {command}")
