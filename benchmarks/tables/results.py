"""What arms predicted, kept in files: a run goes on where it stopped, peers need not run again."""

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

FOLDER: Final = Path(__file__).parent / "results"

PACKAGES: Final = ("numpy", "scikit-learn", "pytabkit", "torch", "tunesmith")
"""Whose versions a result names, where they are installed."""


def path_of(folder: Path, table: str, arm: str) -> Path:
    """Return the file of an arm's answer for a table."""
    return folder / f"{table}.{arm.replace(' ', '_')}.json"


def write(path: Path, predictions: NDArray[Any], about: Mapping[str, Any]) -> None:
    """Keep predictions, labels or numbers, and what is worth knowing of them."""
    kind = "int16" if np.issubdtype(predictions.dtype, np.integer) else "float32"
    packed = zlib.compress(predictions.astype(kind).tobytes(), 9).hex()
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**about, "kind": kind, "predictions": packed}, indent=1, sort_keys=True)
    path.write_text(text + "\n")


def read(path: Path) -> tuple[NDArray[Any], dict[str, Any]] | None:
    """Return what `write` kept, or None where there is nothing."""
    if not path.exists():
        return None
    about = json.loads(path.read_text())
    content = zlib.decompress(bytes.fromhex(about.pop("predictions")))
    return np.frombuffer(content, about.pop("kind")), about
