"""A table made ready: read, typed, split and encoded; nothing is learned from the test rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from tunesmith.engine.network import Floats
from tunesmith.errors import DataError, StudyError
from tunesmith.table.columns import TYPES, Table, type_columns
from tunesmith.table.encode import Encoder, fit_encoder
from tunesmith.table.guess import Kind, Notation
from tunesmith.table.raw import RawTable
from tunesmith.table.read import file_sha256, read_table
from tunesmith.table.split import Split, split_rows
from tunesmith.table.target import Target, TaskKind, choose_target

DIGITS = "digits"
"""The name of the data set of the demo, which ships with scikit-learn."""


@final
class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a table comes from and how it is to be read; a study keeps it."""

    name: str
    """"digits", or the path of a file."""
    sha256: str
    """Of the file; "" for the demo's digits, which are no file."""
    target: str
    task: str | None = None
    types: dict[str, str] = {}
    drop: list[str] = []

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Source":
        """Read what msgspec.to_builtins wrote; StudyError for anything else."""
        try:
            return msgspec.convert(dict(data), cls)
        except msgspec.ValidationError as error:
            raise StudyError(
                f"this study was not made from a table ({error}): go on with it by calling "
                "ts.tune again with the same arguments"
            ) from error


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Data:
    """A table ready to train on: D numbers and C categories in a row."""

    table: Table
    target: Target
    split: Split
    encoder: Encoder
    x: Floats
    """[rows of the table, D + C], see Encoder; rows without a target are not used."""
    y: NDArray[Any]
    """Labels int64, or numbers float64, for each row of the table (-1 or NaN without target)."""
    weight: NDArray[np.float64] | None = None
    """What each row counts in training; None: all the same."""

    @property
    def task(self) -> TaskKind:
        """What kind of target it is."""
        return self.target.task

    def weight_of(self, rows: NDArray[np.int64]) -> NDArray[np.float64] | None:
        """Return what each of `rows` counts in training."""
        return None if self.weight is None else self.weight[rows]

    @property
    def outputs(self) -> int:
        """How many outputs a network for it has."""
        return len(self.target.classes) if self.task is TaskKind.CLASSIFICATION else 1


def source_of(
    path: Path | None,
    target: str,
    *,
    task: str | None = None,
    types: Mapping[str, str] | None = None,
    drop: tuple[str, ...] = (),
) -> Source:
    """Describe a file (or the demo's digits, for None) as it is now."""
    if path is None:
        return Source(name=DIGITS, sha256="", target=target)
    return Source(
        name=str(path),
        sha256=file_sha256(path),
        target=target,
        task=task,
        types=dict(types or {}),
        drop=list(drop),
    )


def load(source: Source, *, seed: int, path: Path | None = None) -> Data:
    """Read a source and make it ready; `path` says where the file lies now.

    Raises DataError for a table that cannot be used, and for a file that has changed.
    """
    if not source.sha256:
        given = RawTable(frame=digits())
    else:
        file = path or Path(source.name)
        if file_sha256(file) != source.sha256:
            raise DataError(
                f"{file} is not the file that the study was made from (its SHA-256 differs): "
                "give the original one with --data"
            )
        given = read_table(file)
    return prepare(*_typed(source, given), seed=seed)


def look(source: Source) -> tuple[Table, Target]:
    """Read and type a source's file; nothing is split or encoded. Raises DataError as `load`."""
    return _typed(source, read_table(source.name))


def _typed(source: Source, given: RawTable) -> tuple[Table, Target]:
    types = {name: _type(name, kind) for name, kind in source.types.items()}
    table = type_columns(given, types=types, drop=source.drop)
    return table, choose_target(table, source.target, source.task)


def prepare(table: Table, target: Target, *, seed: int) -> Data:
    """Split and encode a typed table; the encoder is fitted on the training rows alone."""
    rows = target.rows
    y: NDArray[Any]
    if target.task is TaskKind.CLASSIFICATION:
        y = np.full(table.rows, -1, dtype=np.int64)
        y[rows] = target.labels(table, rows)
        split = split_rows(rows, y[rows], seed=seed)
    else:
        y = target.values(table, np.arange(table.rows))
        split = split_rows(rows, None, seed=seed)
    features = table.features(target.name)
    if not features:
        raise DataError(
            f"no column is left to predict {target.name!r} from: "
            "give a table with at least one column that varies"
        )
    encoder = fit_encoder(table, features, split.train)
    return Data(
        table=table,
        target=target,
        split=split,
        encoder=encoder,
        x=encoder.transform(table),
        y=y,
    )


def digits() -> pl.DataFrame:
    """Return scikit-learn's digits, 1,797 images of 8 x 8 pixels, as a table of text."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    columns = {f"pixel_{k // 8}_{k % 8}": x[:, k] for k in range(x.shape[1])}
    return pl.DataFrame(columns | {"digit": y}).cast(pl.Int64).cast(pl.String)


def _type(name: str, kind: str) -> Kind | Notation:
    if kind not in TYPES:
        raise DataError(f"{name}={kind}: a column is taken for one of {', '.join(TYPES)}")
    return TYPES[kind]
