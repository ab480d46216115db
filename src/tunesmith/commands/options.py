"""What several commands accept."""

from pathlib import Path
from typing import Final

import click

from tunesmith.usage import FILE_NAME, MOST_SEED, MOST_TRIALS, MOST_WORKERS, whole

FILE: Final = click.Path(path_type=Path, readable=False)
TRIALS: Final = whole(1, MOST_TRIALS)

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
