"""predict: a model and a table in, predictions out."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tunesmith.commands.files import existing
from tunesmith.commands.options import FILE, force_option, json_option
from tunesmith.commands.speech import console, say
from tunesmith.errors import FileError

if TYPE_CHECKING:
    import polars as pl

    from tunesmith.model.model import Model

REMEDY = "choose another name with -o, or replace it with --force"


@click.command()
@click.argument("model", type=FILE)
@click.argument("data", type=FILE)
@click.option("-o", "--out", type=FILE, help="A CSV file; else printed.")
@force_option
@json_option
def predict(model: Path, data: Path, out: Path | None, force: bool, as_json: bool) -> None:
    """Predict the rows of a table with a model.

    The table may be larger than the memory.
    """
    import msgspec

    from tunesmith.model.file import load_model

    trained = load_model(existing(model, ".model"))
    unseen: Counter[str] = Counter()
    batches: Iterable[pl.DataFrame] = _predicted(trained, data, unseen)
    if as_json:
        batches = list(batches)
    rows = 0
    if out is not None:
        _check(out, {"model": model, "table": data})
        rows = _write(out, batches, force)
    elif not as_json:
        rows = _write_csv(partial(click.echo, nl=False), batches)
    to = console(to_stderr=as_json or out is None)
    for name, count in unseen.items():
        rows_hold = "1 row holds" if count == 1 else f"{count:,} rows hold"
        say(to, f"{rows_hold} a {name!r} not seen in training")
    if as_json:
        predictions: list[dict[str, Any]] = [row for batch in batches for row in batch.to_dicts()]
        plain = {
            "target": trained.target,
            "rows": len(predictions),
            "unseen": unseen,
            "predictions": predictions,
        }
        click.echo(msgspec.json.encode(plain))
    if out is not None:
        say(to, f"{rows:,} predictions written to {out}")


def _predicted(model: "Model", data: Path, unseen: Counter[str]) -> "Iterator[pl.DataFrame]":
    """Yield the predictions for a file batch by batch; rows with unseen values are counted."""
    from tunesmith.table.batches import read_batches

    for batch in read_batches(data):
        table = model.encoder.typed(batch)
        unseen.update(model.encoder.unseen(table))
        yield model.predict(table)


def _check(out: Path, read: Mapping[str, Path]) -> None:
    """Raise FileError rather than write over a file that is read."""
    for what, path in read.items():
        if out.exists() and path.exists() and out.samefile(path):
            raise FileError(f"{str(out)!r} is the {what} itself: choose another name with -o")


def _write(out: Path, batches: "Iterable[pl.DataFrame]", force: bool) -> int:
    """Write predictions as CSV, whole or not at all; return how many rows."""
    from tunesmith.model.ownership import Written, refuse_foreign
    from tunesmith.model.writing import whole

    batches = iter(batches)
    first = next(batches)  # a table that does not fit leaves no file
    header = first.head(0).write_csv().encode()
    refuse_foreign(out, Written.PREDICTIONS, force=force, header=header, remedy=REMEDY)
    special = out.exists() and not out.is_file()  # such as /dev/null, which nothing may replace
    try:
        with (
            nullcontext(out) if special else whole(out) as place,
            place.open("w", encoding="utf-8", newline="") as file,
        ):
            return _write_csv(file.write, chain([first], batches))
    except FileError:
        raise
    except OSError as error:
        raise FileError(
            f"{str(out)!r} cannot be written ({error.strerror}): choose another place with -o"
        ) from error


def _write_csv(write: Callable[[str], object], batches: "Iterable[pl.DataFrame]") -> int:
    """Write predictions below one header; return how many rows."""
    rows = 0
    for batch in batches:
        write(batch.write_csv(include_header=rows == 0))
        rows += batch.height
    return rows
