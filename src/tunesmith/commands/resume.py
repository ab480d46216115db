"""resume: a study goes on."""

from pathlib import Path

import click

from tunesmith.commands.files import read_study
from tunesmith.commands.options import FILE, json_option, workers_option
from tunesmith.commands.running import run_study
from tunesmith.commands.speech import console
from tunesmith.errors import FileError


@click.command()
@click.argument("study", type=FILE)
@click.option("--data", type=FILE, help="Where the table lies now.")
@workers_option
@json_option
def resume(study: Path, data: Path | None, workers: int, as_json: bool) -> None:
    """Go on with a study after a stop or a crash.

    It ends as it would have ended.
    """
    from tunesmith.fit.data import Source, load

    history, _ = read_study(study)
    source = Source.of(history.study.source)
    if data is None and source.sha256 and not Path(source.name).exists():
        raise FileError(
            f"the table of {str(study)!r} was {source.name!r}, which is not here: say where it "
            "lies now with --data"
        )
    prepared = load(source, seed=history.study.seed, path=data)
    run_study(history.study, prepared, study, workers, console(to_stderr=as_json), as_json)
