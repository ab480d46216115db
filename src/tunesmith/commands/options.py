"""What several commands accept."""

from pathlib import Path
from typing import Final

import click

from tunesmith.errors import DataError
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
target_option = click.option(
    "--target", required=True, metavar="COL", help="The column to predict."
)
task_option = click.option(
    "--task", metavar="TASK", help="classification or regression, where the guess is wrong."
)
types_option = click.option(
    "--types",
    multiple=True,
    metavar="COL=TYPE",
    help="Take a column for number, decimal-comma, category, text, date, day-first or month-first.",
)
drop_option = click.option("--drop", multiple=True, metavar="COL", help="Leave a column out.")
missing_option = click.option(
    "--missing",
    metavar="TEXT,..",
    help='Texts that stand for a missing value, beside the empty cell; "" for none. By default '
    "NA, N/A, n/a, null, None, NaN, ? and their like.",
)
force_option = click.option(
    "--force", is_flag=True, help="Replace a file that is there, though Tunesmith did not write it."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object only.")


def missing_marks(text: str | None) -> tuple[str, ...] | None:
    """Read --missing, texts separated by commas; None where it is not given."""
    if text is None:
        return None
    return tuple(mark for part in text.split(",") if (mark := part.strip()))


def type_pairs(texts: tuple[str, ...]) -> dict[str, str]:
    """Read COL=TYPE options; DataError for any other form."""
    pairs = {}
    for text in texts:
        name, equals, kind = text.rpartition("=")
        if not equals or not name:
            raise DataError(f"--types {text}: give it as COLUMN=number or COLUMN=text")
        pairs[name] = kind
    return pairs
