"""Trials as the columns of a table, without any library of tables."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, NamedTuple

from tunesmith.space import Choice, Float, Param
from tunesmith.study import Study
from tunesmith.trial import Trial

Kind = Literal["Boolean", "Int64", "Float64", "String"]


class Column(NamedTuple):
    """A column: its name, the type that polars calls so, and a value or None for each row."""

    name: str
    kind: Kind
    values: list[Any]


_ABOUT: tuple[tuple[str, Kind, Callable[[Trial], Any]], ...] = (
    ("number", "Int64", lambda trial: trial.number),
    ("state", "String", lambda trial: trial.state.value),
    ("reason", "String", lambda trial: trial.reason),
    ("epochs", "Int64", lambda trial: trial.epochs_trained),
    ("seconds", "Float64", lambda trial: trial.seconds),
    ("round", "Int64", lambda trial: trial.round),
    ("origin", "String", lambda trial: trial.origin.value),
)


def trial_columns(study: Study, trials: Sequence[Trial]) -> list[Column]:
    """Return a row for each trial: what it is, its config, its last metrics."""
    about = [Column(name, kind, [read(t) for t in trials]) for name, kind, read in _ABOUT]
    config = [_param_column(name, param, trials) for name, param in study.space.items()]
    last = [dict(t.measurements[-1].metrics) if t.measurements else {} for t in trials]
    return [*about, *config, *_metric_columns(last)]


def curve_columns(trials: Iterable[Trial]) -> list[Column]:
    """Return a row for each measurement: the trial's number, the epoch, the metrics."""
    rows = [(t.number, m.epoch, dict(m.metrics)) for t in trials for m in t.measurements]
    return [
        Column("number", "Int64", [number for number, _, _ in rows]),
        Column("epoch", "Int64", [epoch for _, epoch, _ in rows]),
        *_metric_columns([metrics for _, _, metrics in rows]),
    ]


def _param_column(name: str, param: Param, trials: Sequence[Trial]) -> Column:
    """Return a param's values; a Choice between things of several types as text."""
    values = [trial.config.get(name) for trial in trials]
    kind = _kind(param)
    if kind == "String":
        values = [None if value is None else str(value) for value in values]
    return Column(f"config.{name}", kind, values)


def _kind(param: Param) -> Kind:
    if not isinstance(param, Choice):
        return "Float64" if isinstance(param, Float) else "Int64"
    kinds: dict[type, Kind] = {bool: "Boolean", int: "Int64", float: "Float64"}
    types = {type(option) for option in param.options if option is not None}
    return kinds.get(types.pop(), "String") if len(types) == 1 else "String"


def _metric_columns(rows: Sequence[dict[str, float]]) -> list[Column]:
    names = dict.fromkeys(name for row in rows for name in row)
    return [Column(f"metric.{name}", "Float64", [row.get(name) for row in rows]) for name in names]
