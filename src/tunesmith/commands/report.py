"""report: a study as a page."""

from pathlib import Path

import click

from tunesmith.commands.files import read_seen
from tunesmith.commands.options import FILE, force_option, json_option
from tunesmith.commands.speech import console, say


@click.command()
@click.argument("study", type=FILE)
@click.option(
    "-o", "--out", type=FILE, metavar="PAGE", help="The page to write; NAME.html if not given."
)
@force_option
@json_option
def report(study: Path, out: Path | None, force: bool, as_json: bool) -> None:
    """Write a study as one page, with its pictures.

    The page holds all it needs, asks nothing of the network, and can be sent as it is.
    """
    import msgspec

    from tunesmith.report.answer import answer
    from tunesmith.report.file import write_page
    from tunesmith.report.sections import sections

    history, about = read_seen(study)
    path = out or study.with_suffix(".html")
    write_page(history, about, path, force=force)
    if as_json:
        told = {"page": str(path), "answer": answer(history.study, history, about)}
        click.echo(msgspec.json.encode(told | {"sections": sections(history, about)}))
        return
    say(console(), f"report   {path}")
