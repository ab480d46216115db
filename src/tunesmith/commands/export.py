"""export: a model or a study for where there is no tunesmith."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tunesmith.commands.files import existing, read_study
from tunesmith.commands.options import FILE, force_option, json_option
from tunesmith.commands.speech import console, say
from tunesmith.errors import ExportError, FileError
from tunesmith.text import plural

if TYPE_CHECKING:
    from tunesmith.history import History
    from tunesmith.model.model import Model
    from tunesmith.model.ownership import Written

MODELS = {"onnx": ".onnx", "pytorch": ".py"}
"""What each kind of file that a model becomes ends with."""

STUDIES = {"csv": ".trials.csv", "json": ".trials.json", "optuna": ".db"}
"""And those that a study becomes: NAME.csv is often the table that it was made of."""

WEIGHTS = ".safetensors"
"""What the weights of a PyTorch module end with, which lie beside it."""

REMEDY = "choose another name with -o, or replace it with --force"


@click.command()
@click.argument("file", type=FILE)
@click.option(
    "--to",
    "kind",
    required=True,
    metavar="KIND",
    help="Of a model: onnx, pytorch; of a study: csv, json, optuna.",
)
@click.option("-o", "--out", type=FILE, help="The file; else NAME with the kind's ending.")
@force_option
@json_option
def export(file: Path, kind: str, out: Path | None, force: bool, as_json: bool) -> None:
    """Write a model or a study for elsewhere.

    A model goes with all that prepares a table. A PyTorch module is a file of plain Python with its
    weights beside it, which reads cells as they were written in training. ONNX is one file, for
    onnxruntime; its inputs are numbers, text and moments that the caller parsed. A study's trials
    become a table in CSV, JSON with all measurements, or an SQLite file that Optuna opens.
    """
    import msgspec

    endings = MODELS | STUDIES
    if kind not in endings:
        *some, last = endings
        raise ExportError(f"there is no export to {kind!r}: choose {', '.join(some)} or {last}")
    existing(file, ".model" if kind in MODELS else ".study")
    path = out or Path(file.name).with_suffix(endings[kind])
    plain, text = (_model if kind in MODELS else _study)(file, kind, path, force)
    if as_json:
        click.echo(msgspec.json.encode({"to": kind} | plain))
    else:
        say(console(), *text)


Said = tuple[dict[str, Any], tuple[str, ...]]
"""What is said of an export: an object for --json, lines for people."""


def _model(file: Path, kind: str, path: Path, force: bool) -> Said:
    """Write a model."""
    from tunesmith.model.file import load_model

    model = load_model(file)
    written = _written(kind, path)
    _check(file, "model", written, force)
    contents = _contents(model, kind, path)
    _write(contents)
    columns = {column.name: column.kind.value for column in model.encoder.columns}
    plain = {"files": [*map(str, contents)], "inputs": columns, "target": model.target}
    files = " and ".join(map(str, contents))
    return plain, (f"{model.target} from {len(columns):,} columns: written to {files}",)


def _study(file: Path, kind: str, path: Path, force: bool) -> Said:
    """Write a study."""
    from tunesmith.interchange.optuna_file import reversed_params

    history, _ = read_study(file)
    _check(file, "study", _written(kind, path), force)
    if kind == "optuna":
        _write_optuna(history, path, file.stem)
    else:
        from tunesmith.interchange import answers

        convert = answers.to_csv if kind == "csv" else answers.to_json
        _write({path: convert(history)})
    lines = [f"{plural(len(history.trials), 'trial')}: written to {path}"]
    turned = reversed_params(history) if kind == "optuna" else ()
    if turned:
        names = ", ".join(f"'1 - {name}'" for name in turned)
        lines.append(f"Optuna has no LOG1M scale: {names} there, on its log scale")
    return {"files": [str(path)], "trials": len(history.trials)}, tuple(lines)


def _contents(model: "Model", kind: str, path: Path) -> dict[Path, bytes]:
    """Return what of a model goes into which file."""
    if kind == "onnx":
        from tunesmith.interchange.onnx import to_onnx

        return {path: to_onnx(model)}
    from tunesmith.interchange.pytorch import to_pytorch

    module = to_pytorch(model)
    return {path.with_suffix(WEIGHTS): module.weights, path: module.source.encode()}


def _written(kind: str, path: Path) -> "dict[Path, Written]":
    """Return the files that an export writes, and what each is."""
    from tunesmith.model.ownership import Written

    match kind:
        case "pytorch":
            if path.suffix != MODELS[kind]:
                raise ExportError(
                    f"a PyTorch module is a .py file, got {str(path)!r}: choose another -o"
                )
            return {path: Written.MODULE, path.with_suffix(WEIGHTS): Written.WEIGHTS}
        case "onnx":
            return {path: Written.ONNX}
        case "csv":
            return {path: Written.TRIALS_CSV}
        case "json":
            return {path: Written.TRIALS_JSON}
        case _:
            return {path: Written.OPTUNA}


def _check(file: Path, what: str, written: "Mapping[Path, Written]", force: bool) -> None:
    """Raise ExportError rather than write over the exported file, FileError over another's."""
    from tunesmith.model.ownership import refuse_foreign

    for path, kind in written.items():
        if path.exists() and path.samefile(file):
            raise ExportError(f"{str(path)!r} is the {what} itself: choose another -o")
        refuse_foreign(path, kind, force=force, remedy=REMEDY)


def _write(contents: Mapping[Path, bytes]) -> None:
    """Write the files, each whole or not at all."""
    from tunesmith.model.writing import write_whole

    for path, content in contents.items():
        try:
            write_whole(path, content)
        except OSError as error:
            raise _unwritten(path, error) from error


def _write_optuna(history: "History", path: Path, name: str) -> None:
    """Let Optuna write its file beside `path`, and put it there when it is whole."""
    from tunesmith.interchange.optuna_file import write_optuna
    from tunesmith.model.writing import whole

    try:
        with whole(path) as beside:
            beside.write_bytes(b"")
            write_optuna(history, beside, name)
    except OSError as error:
        raise _unwritten(path, error) from error


def _unwritten(path: Path, error: OSError) -> FileError:
    return FileError(
        f"{str(path)!r} cannot be written ({error.strerror}): choose another place with -o"
    )
