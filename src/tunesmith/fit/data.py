"""A table made ready: read, typed, split and encoded; nothing is learned from the test rows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, final

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from tunesmith.engine.network import Floats
from tunesmith.errors import DataError, StudyError
from tunesmith.table.cells import EMPTY
from tunesmith.table.columns import TYPES, Table, type_columns
from tunesmith.table.encode import Encoder, fit_encoder
from tunesmith.table.folds import folded
from tunesmith.table.guess import Kind, Notation
from tunesmith.table.raw import RawTable
from tunesmith.table.read import file_sha256, read_table
from tunesmith.table.split import Split, split_rows
from tunesmith.table.split_whole import groups_of, split_groups, split_time
from tunesmith.table.target import Target, TaskKind, choose_target

DIGITS = "digits"
"""The name of the data set of the demo, which ships with scikit-learn."""


@final
class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a table comes from, how it is to be read, and what was asked; a study keeps it."""

    name: str
    """"digits", or the path of a file."""
    sha256: str
    """Of the file; "" for the demo's digits, which are no file."""
    target: str
    task: str | None = None
    types: dict[str, str] = {}
    drop: list[str] = []
    missing: list[str] | None = None
    """Texts that stand for a missing value, beside the empty one; None for those of MISSING."""
    group: str | None = None
    """A column whose rows of one value stay in one part."""
    time: str | None = None
    """A column by which the latest rows test, and those before them validate."""
    balanced: bool = False
    """Whether each class counts the same in training, however many rows it has."""
    ensemble: bool = False
    """Whether the best few networks may be joined at the end."""
    tune: list[str] = []
    """Params that alone are searched."""
    fix: list[str] = []
    """Params that stay at a value, as PARAM=VALUE."""

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
    missing: tuple[str, ...] | None = None,
    group: str | None = None,
    time: str | None = None,
    balanced: bool = False,
    ensemble: bool = False,
    tune: tuple[str, ...] = (),
    fix: tuple[str, ...] = (),
) -> Source:
    """Describe a file (or the demo's digits, for None) as it is now, and what is asked of it.

    Raises DataError for a `group` and a `time` at once.
    """
    if group is not None and time is not None:
        raise DataError("rows are kept together by --group or ordered by --time: choose one")
    if path is None:
        return Source(name=DIGITS, sha256="", target=target)
    return Source(
        name=str(path),
        sha256=file_sha256(path),
        target=target,
        task=task,
        types=dict(types or {}),
        drop=list(drop),
        missing=None if missing is None else list(missing),
        group=group,
        time=time,
        balanced=balanced,
        ensemble=ensemble,
        tune=list(tune),
        fix=list(fix),
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
    return prepare(
        *_typed(source, given),
        seed=seed,
        group=source.group,
        time=source.time,
        balanced=source.balanced,
    )


def look(source: Source) -> tuple[Table, Target]:
    """Read and type a source's file; nothing is split or encoded. Raises DataError as `load`."""
    return _typed(source, read_table(source.name))


def _typed(source: Source, given: RawTable) -> tuple[Table, Target]:
    types = {name: _type(name, kind) for name, kind in source.types.items()}
    if source.missing is not None:
        given = replace(given, marks=(*EMPTY, *source.missing))
    table = type_columns(given, types=types, drop=source.drop)
    return table, choose_target(table, source.target, source.task)


def prepare(
    table: Table,
    target: Target,
    *,
    seed: int,
    group: str | None = None,
    time: str | None = None,
    balanced: bool = False,
) -> Data:
    """Split and encode a typed table; the encoder is fitted on the training rows alone.

    These are all but the test rows where rows are few, see `folded`. See Source for `group`, `time`
    and `balanced`. Raises DataError for columns that rows cannot be divided by, and where nothing
    is left to learn from or classes to balance.
    """
    rows, labels = target.rows, None
    y: NDArray[Any]
    if target.task is TaskKind.CLASSIFICATION:
        y = labels = np.full(table.rows, -1, dtype=np.int64)
        y[rows] = target.labels(table, rows)
    else:
        y = target.values(table, np.arange(table.rows))
    split = _split(table, target, labels, seed=seed, group=group, time=time)
    # what a group's name says of its rows does not hold for new groups
    features = [name for name in table.features(target.name) if name != group]
    if not features:
        raise DataError(
            f"no column is left to predict {target.name!r} from: "
            "give a table with at least one column that varies"
        )
    encoder = fit_encoder(table, features, split.train)
    if not encoder.width:
        raise DataError(
            f"no column varies in the rows to train on, and {target.name!r} cannot be predicted "
            "without one: add rows, or columns that vary"
        )
    return Data(
        table=table,
        target=target,
        split=split,
        encoder=encoder,
        x=encoder.transform(table),
        y=y,
        weight=_balance(y, rows, target) if balanced else None,
    )


def _split(
    table: Table,
    target: Target,
    labels: NDArray[np.int64] | None,
    *,
    seed: int,
    group: str | None,
    time: str | None,
) -> Split:
    """Divide the rows that have a target, see Source; `labels` are those of every row."""
    if target.name in (group, time):
        raise DataError(f"{target.name!r} is the target: divide the rows by another column")
    rows, groups = target.rows, None
    own = None if labels is None else labels[rows]
    if time is not None:
        return split_time(table, time, rows)
    if group is None:
        split = split_rows(rows, own, seed=seed)
    else:
        split, groups = split_groups(table, group, rows, own, seed=seed), groups_of(table, group)
    return folded(split, labels, groups, seed=seed)


def _balance(y: NDArray[Any], rows: NDArray[np.int64], target: Target) -> NDArray[np.float64]:
    """Return weights [rows of the table] with which each class counts the same."""
    if target.task is not TaskKind.CLASSIFICATION:
        raise DataError(
            f"{target.name!r} is a number, and only classes are balanced: drop --balanced"
        )
    counts = np.bincount(y[rows])
    weight = np.zeros(len(y))
    weight[rows] = len(rows) / (len(counts) * counts[y[rows]])
    return weight


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
