"""predict: a model and a table in, predictions out."""

from pathlib import Path

import click

from tunesmith.commands.files import existing
from tunesmith.commands.options import FILE, json_option
from tunesmith.commands.speech import console, say
from tunesmith.errors import FileError


@click.command()
@click.argument("model", type=FILE)
@click.argument("data", type=FILE)
@click.option("-o", "--out", type=FILE, help="A CSV file; else printed.")
@json_option
def predict(model: Path, data: Path, out: Path | None, as_json: bool) -> None:
    """Predict the rows of a table with a model."""
    import msgspec

    from tunesmith.model.file import load_model
    from tunesmith.table.read import read_text

    trained = load_model(existing(model, ".model"))
    table = trained.encoder.typed(read_text(data))
    predictions, unseen = trained.predict(table), trained.encoder.unseen(table)
    to = console(to_stderr=as_json or out is None)
    for name, count in unseen.items():
        say(to, f"{count:,} rows hold a {name!r} not seen in training")
    if as_json:
        plain = {
            "target": trained.target,
            "rows": predictions.height,
            "unseen": unseen,
            "predictions": predictions.to_dicts(),
        }
        click.echo(msgspec.json.encode(plain))
    elif out is None:
        click.echo(predictions.write_csv(), nl=False)
    if out is not None:
        try:
            out.write_bytes(predictions.write_csv().encode())
        except OSError as error:
            raise FileError(
                f"{str(out)!r} cannot be written ({error.strerror}): choose another place with -o"
            ) from error
        say(to, f"{predictions.height:,} predictions written to {out}")
