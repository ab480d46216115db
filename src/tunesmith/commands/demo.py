"""demo: the main job on data that is always at hand."""

from pathlib import Path

import click

from tunesmith.commands.fit import Asked, fit_table
from tunesmith.commands.options import (
    TRIALS,
    force_option,
    json_option,
    out_option,
    seed_option,
    workers_option,
)


@click.command()
@click.option(
    "--trials", type=TRIALS, metavar="N", default=200, show_default=True, help="Networks to try."
)
@workers_option
@seed_option
@out_option
@force_option
@json_option
def demo(
    trials: int, workers: int, seed: int, out: Path | None, force: bool, as_json: bool
) -> None:
    """Tune a network on handwritten digits: offline, under a minute."""
    from tunesmith.fit.data import DIGITS, source_of

    asked = Asked(trials=trials, seed=seed, force=force)
    fit_table(source_of(None, "digit"), out or Path(DIGITS), asked, workers, as_json)
