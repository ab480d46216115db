"""Real tables, each with one fixed split; see `TABLES` for what is looked at."""

import gzip
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.report import Refusal

DATA_VARIABLE: Final = "TUNESMITH_DATA"
"""Environment variable that names the folder of the tables."""

MOST_ROWS: Final = 20_000
TEST_SHARE: Final = 0.25
SEED: Final = 0

BALANCED: Final = ("shuttle",)
"""Tables judged by balanced accuracy: three rows in four are of one class."""


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """A table divided: what arms learn from, and what they are judged on."""

    name: str
    target: str
    categorical: tuple[str, ...]
    classes: tuple[str, ...]
    """Labels stand for these; () where numbers are predicted."""
    train: pl.DataFrame
    """Features, as read: text, and numbers as Float64."""
    y_train: NDArray[Any]
    """Labels int64, or numbers float64."""
    test: pl.DataFrame
    y_test: NDArray[Any]

    @property
    def metric(self) -> str:
        """What the arms are judged by."""
        if not self.classes:
            return "r2"
        return "balanced_accuracy" if self.name in BALANCED else "accuracy"


def data_folder() -> Path:
    """Return the folder of the tables."""
    named = os.environ.get(DATA_VARIABLE)
    return Path(named) if named else Path(__file__).parents[1] / "data"


def find(name: str) -> Path | None:
    """Return where a table lies, or None."""
    paths = (data_folder() / f"{name}{ending}" for ending in (".csv.gz", ".csv"))
    return next((path for path in paths if path.exists()), None)


def names() -> list[str]:
    """Return the names of the tables that the folder's index.json tells of."""
    index = data_folder() / "index.json"
    if not index.exists():
        return []
    return [name for name, entry in json.loads(index.read_text()).items() if "target" in entry]


def asked_for(few: list[str] | None) -> list[str]:
    """Return the tables of these names, or all; Refusal where there are none, or not these."""
    there = names()
    if not there:
        raise Refusal(
            f"{data_folder()} has no index.json: name the folder of the tables in {DATA_VARIABLE}",
            exit_code=2,
        )
    unknown = set(few or ()) - set(there)
    if unknown:
        raise Refusal(f"no table {', '.join(sorted(unknown))} in {data_folder()}", exit_code=2)
    return few or there


def text_of(name: str) -> tuple[pl.DataFrame, str, str]:
    """Return MOST_ROWS rows of a table by chance, as text; its target; and which task it is."""
    entry = json.loads((data_folder() / "index.json").read_text())[name]
    path = find(name)
    if path is None:
        raise FileNotFoundError(f"{data_folder()} has no {name}.csv.gz or {name}.csv")
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    text = pl.read_csv(content, infer_schema=False).filter(pl.col(entry["target"]).is_not_null())
    order = np.random.default_rng(SEED).permutation(text.height)[:MOST_ROWS]
    task = "regression" if entry["task"] == "regression" else "classification"
    return text[order], entry["target"], task


def load(name: str) -> Part:
    """Return a table's parts: its rows in order, the last quarter of them for testing."""
    text, target, task = text_of(name)
    entry = json.loads((data_folder() / "index.json").read_text())[name]
    categorical = tuple(entry["categorical"])
    features = text.drop(target).with_columns(pl.exclude(categorical).cast(pl.Float64))
    classes: tuple[str, ...] = ()
    answers = text[target]
    if task == "regression":
        y: NDArray[Any] = answers.cast(pl.Float64).to_numpy()
    else:
        classes = tuple(sorted(answers.unique().to_list()))
        y = np.array([classes.index(label) for label in answers.to_list()])
    first = round((1 - TEST_SHARE) * text.height)
    return Part(
        name=name,
        target=target,
        categorical=categorical,
        classes=classes,
        train=features[:first],
        y_train=y[:first],
        test=features[first:],
        y_test=y[first:],
    )
