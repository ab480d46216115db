"""resume: a study goes on."""

from dataclasses import replace
from pathlib import Path

import click

from tunesmith.commands.files import read_study
from tunesmith.commands.options import FILE, TRIALS, force_option, json_option, workers_option
from tunesmith.commands.running import check_files, run_study
from tunesmith.commands.speech import console
from tunesmith.errors import FileError
from tunesmith.usage import MINUTES


@click.command()
@click.argument("study", type=FILE)
@click.option("--data", type=FILE, help="Where the table lies now.")
@click.option("--trials", type=TRIALS, metavar="N", help="Networks to try, all in all.")
@click.option("--minutes", type=MINUTES, metavar="M", help="Time for all of it, all in all.")
@workers_option
@force_option
@json_option
def resume(
    study: Path,
    data: Path | None,
    trials: int | None,
    minutes: float | None,
    workers: int,
    force: bool,
    as_json: bool,
) -> None:
    """Go on with a study after a stop or a crash.

    It ends as it would have ended. With --trials or --minutes it has another budget from now on,
    in place of the one that it had; so one that is finished goes on.
    """
    from tunesmith.fit.data import Source, load

    history, _ = read_study(study)
    check_files(study, force=force)
    asked = history.study
    if trials is not None:
        asked = replace(asked, trials=trials)
    if minutes is not None:
        asked = replace(asked, minutes=minutes)
    source = Source.of(history.study.source)
    if data is None and source.sha256 and not Path(source.name).exists():
        raise FileError(
            f"the table of {str(study)!r} was {source.name!r}, which is not here: say where it "
            "lies now with --data"
        )
    prepared = load(source, seed=history.study.seed, path=data)
    to = console(to_stderr=as_json)
    run_study(asked, prepared, study, workers, to, as_json, amend=True, force=force)
