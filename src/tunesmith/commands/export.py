"""export: a model for where there is no tunesmith."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tunesmith.commands.files import existing
from tunesmith.commands.options import FILE, json_option
from tunesmith.commands.speech import console, say
from tunesmith.errors import ExportError, FileError

if TYPE_CHECKING:
    from tunesmith.model.model import Model

SUFFIXES = {"onnx": ".onnx", "pytorch": ".py"}
"""What each kind of file ends with."""

WEIGHTS = ".safetensors"
"""What the weights of a PyTorch module end with, which lie beside it."""


@click.command()
@click.argument("model", type=FILE)
@click.option(
    "--to", "kind", required=True, metavar="KIND", help="onnx, or pytorch for a plain module."
)
@click.option("-o", "--out", type=FILE, help="The file; else NAME.onnx or NAME.py.")
@json_option
def export(model: Path, kind: str, out: Path | None, as_json: bool) -> None:
    """Write a model for elsewhere, with all that prepares a table.

    ONNX is one file for any runtime of it; a PyTorch module is one of plain Python, with its
    weights beside it.
    """
    import msgspec

    if kind not in SUFFIXES:
        raise ExportError(f"there is no export to {kind!r}: choose {' or '.join(SUFFIXES)}")
    from tunesmith.model.file import load_model

    trained = load_model(existing(model, ".model"))
    path = out or Path(model.name).with_suffix(SUFFIXES[kind])
    contents = _contents(trained, kind, path)
    _check(model, contents)
    _write(contents)
    columns = {column.name: column.kind.value for column in trained.encoder.columns}
    if as_json:
        plain = {"to": kind, "files": [*map(str, contents)], "inputs": columns}
        click.echo(msgspec.json.encode(plain | {"target": trained.target}))
    else:
        files = " and ".join(map(str, contents))
        say(console(), f"{trained.target} from {len(columns):,} columns: written to {files}")


def _contents(model: "Model", kind: str, path: Path) -> dict[Path, bytes]:
    """Return what goes into which file."""
    if kind == "onnx":
        from tunesmith.interchange.onnx import to_onnx

        return {path: to_onnx(model)}
    from tunesmith.interchange.pytorch import to_pytorch

    if path.suffix != SUFFIXES[kind]:
        raise ExportError(f"a PyTorch module is a .py file, got {str(path)!r}: choose another -o")
    module = to_pytorch(model)
    return {path.with_suffix(WEIGHTS): module.weights, path: module.source.encode()}


def _check(model: Path, contents: Mapping[Path, bytes]) -> None:
    """Raise ExportError rather than write over the model itself."""
    for path in contents:
        if path.exists() and path.samefile(model):
            raise ExportError(f"{str(path)!r} is the model itself: choose another -o")


def _write(contents: Mapping[Path, bytes]) -> None:
    """Write the files, each whole or not at all."""
    from tunesmith.model.writing import write_whole

    for path, content in contents.items():
        try:
            write_whole(path, content)
        except OSError as error:
            raise FileError(
                f"{str(path)!r} cannot be written ({error.strerror}): choose another place with -o"
            ) from error
