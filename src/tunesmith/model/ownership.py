"""Whether a file that is there was written by Tunesmith, and so may be replaced."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final, final

from tunesmith.errors import FileError

TOP: Final = 65_536
"""Bytes at the top of a file in which its mark is looked for."""


@final
class Written(StrEnum):
    """What Tunesmith writes for people, and what such a file is called in a sentence."""

    MODEL = "a model of tunesmith"
    PAGE = "a page of a study"
    MODULE = "an exported module"
    WEIGHTS = "a file of an exported module's weights"
    ONNX = "an exported ONNX file"
    TRIALS_CSV = "a table of a study's trials"
    TRIALS_JSON = "the JSON of a study's trials"
    OPTUNA = "an Optuna file of a study"
    PREDICTIONS = "a table of such predictions"
    LESSONS = "a page of lessons"
    FIGURE = "a figure of a lesson"


MODULE_MARK: Final = "# Exported by Tunesmith."
"""The first line of an exported module."""

WEIGHTS_MARK: Final = {"written_by": "tunesmith"}
"""Metadata of an exported module's weights."""

OPTUNA_MARK: Final = "tunesmith digest"
"""An attribute of each study that is exported to Optuna."""

FIGURE_MARK: Final = "Tunesmith"
"""The software that a lesson's figure names."""

_MARKS: Mapping[Written, Callable[[bytes], bool]] = {
    Written.MODEL: lambda top: b'{"__metadata__":{"tunesmith":' in top,
    Written.PAGE: lambda top: b'<meta name="generator" content="Tunesmith">' in top,
    Written.MODULE: lambda top: (
        top.startswith(MODULE_MARK.encode())
        or (top.startswith(b'"""') and b"It needs torch and safetensors. `python" in top)
    ),
    Written.WEIGHTS: lambda top: b'"written_by":"tunesmith"' in top,
    Written.ONNX: lambda top: b"\x12\x09tunesmith" in top[:64],  # field 2: the producer's name
    Written.TRIALS_CSV: lambda top: top.startswith(
        b"number,state,reason,epochs,seconds,round,origin,"
    ),
    Written.TRIALS_JSON: lambda top: top.startswith(b'{"study":{') and b'"space":' in top,
    Written.LESSONS: lambda top: top.startswith(b"# The lessons\n"),
    Written.FIGURE: lambda top: (
        top.startswith(b"\x89PNG") and b"Software\0" + FIGURE_MARK.encode() in top
    ),
}


def refuse_foreign(
    path: Path,
    kind: Written,
    *,
    force: bool = False,
    header: bytes = b"",
    remedy: str = "choose another name, or replace it with --force",
) -> None:
    """Raise FileError for a file that is there and that Tunesmith did not write.

    Args:
        path: The file that is to be written. Where there is none, nothing is refused; neither are
            devices and pipes, which nothing replaces.
        kind: What is to be written.
        force: Whether a file of somebody else may be replaced.
        header: The first line of the predictions, for `Written.PREDICTIONS`.
        remedy: What to do, the end of the sentence.

    Raises:
        FileError: The file is another's, or cannot be read.
    """
    try:
        if force or not path.is_file() or _is_ours(path, kind, header):
            return
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise FileError(
            f"{str(path)!r} cannot be read ({reason}), and so may be somebody's own: {remedy}"
        ) from error
    raise FileError(f"{str(path)!r} is there, and is not {kind}: {remedy}")


def _is_ours(path: Path, kind: Written, header: bytes) -> bool:
    if path.stat().st_size == 0:
        return True  # nothing is lost
    if kind is Written.OPTUNA:
        content = path.read_bytes()
        return content.startswith(b"SQLite format 3") and OPTUNA_MARK.encode() in content
    with path.open("rb") as file:
        top = file.read(max(TOP, len(header)))
    if kind is Written.PREDICTIONS:
        return top.startswith(header)
    return _MARKS[kind](top)
