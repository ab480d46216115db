"""What will be spent, decided and said before anything is."""

import math
from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

import numpy as np

from tunesmith.errors import SpaceError, StudyError
from tunesmith.fit.data import Data
from tunesmith.fit.metrics import Metric, metric_of
from tunesmith.fit.portfolio import portfolio
from tunesmith.fit.space import USUAL_BINS, bin_count, table_space
from tunesmith.search.ladder.async_halving import AsyncHalving
from tunesmith.search.plan import Plan, plan
from tunesmith.search.propose.coarse_to_fine import CoarseToFine
from tunesmith.space import Choice, Int, Param, Space
from tunesmith.space.params import Value
from tunesmith.study import Study
from tunesmith.table.bins import Bins
from tunesmith.table.target import TaskKind
from tunesmith.text import plural
from tunesmith.trial import Config

EPOCHS = 27
"""Epochs of a full training on a table of middling size."""

FEW_ROWS = 1_000
"""Training rows below which epochs are added, so that a small table gets as many steps."""

MANY_ROWS = 60_000
"""Training rows above which epochs are taken away, so that a network takes no longer."""

BINNED = 40
"""Number columns up to which they may be spread over bins: networks on wider tables would mostly
multiply bins."""

LOOKED_AT = 10_000
"""Training rows that say how many bins a table has, nearly."""

DEFAULT_MINUTES = 2.0
"""The budget where none is given."""


MOST_EPOCHS = 40
"""Epochs of a full training where the minutes are many for the rows: with twice as many, networks
on noisy tables overfit more than those on others gain."""

TRAININGS_A_MINUTE = 15
"""Full trainings of a network of middling size that a minute of one core is to hold. Most networks
are stopped long before, so that a search begins some ten times as many."""

OPERATIONS_A_SECOND = 6e10
"""What a core does while it trains such a network; good enough to plan with."""


ANCHORED = 0.8
"""Seconds of one core, in those of the budget, that the configs a study begins with may take."""

TRIALS_AN_ANCHOR = 10
"""Trials in the budget for each of them."""


def epochs_for(rows: int, *, minutes: float | None = None, inputs: int = 0) -> int:
    """Return the epochs of a full training on so many training rows: 5 to 300.

    In a budget of `minutes` as many as they allow for networks with so many `inputs`.
    """
    usual = EPOCHS if minutes is None else MOST_EPOCHS
    if rows < FEW_ROWS:
        return min(300, usual * FEW_ROWS // rows)
    if minutes is None:
        return max(5, EPOCHS * MANY_ROWS // max(rows, MANY_ROWS))
    epoch = _seconds(rows, inputs, units=128, layers=2)
    return max(5, min(MOST_EPOCHS, int(60 * minutes / TRAININGS_A_MINUTE / epoch)))


def _seconds(rows: int, inputs: int, *, units: int, layers: int) -> float:
    """Return about how long a core trains a network for an epoch: forward, back, and the slopes."""
    return 6 * rows * units * (inputs + (layers - 1) * units) / OPERATIONS_A_SECOND


def table_epochs(data: Data, *, trials: int | None, minutes: float | None) -> int:
    """Return the epochs of a full training on a table: see epochs_for."""
    return epochs_for(
        len(data.split.train),
        minutes=minutes if trials is None else None,
        inputs=data.encoder.width + _bins(data).width,
    )


def table_plan(
    *,
    trials: int | None,
    tune: Sequence[str] = (),
    fix: Sequence[str] = (),
    data: Data | None = None,
) -> Plan:
    """Return what a budget opens of the space for tables, and what a user says about it.

    `tune` holds names, several in a text with commas between them; `fix` texts such as "layers=3".
    In a wide table of `data` numbers are not spread over bins, unless the user says so.
    Raises SpaceError for what cannot be meant.
    """
    space = table_space()
    names = [name.strip() for text in tune for name in text.split(",")]
    values = read_values(space, fix)
    said = "bins" in names or "bins" in values
    if data is not None and not said and sum(map(bool, _bins(data).edges)) > BINNED:
        space = space.fixed({"bins": 1})
    return plan(space, trials, tune=names, fix=values)


def anchors(
    data: Data, space: Space, *, trials: int | None, minutes: float | None, epochs: int
) -> tuple[Config, ...]:
    """Return with which configs of the portfolio a study of a table begins.

    As many as leave most of the budget to the search.
    """
    found: list[Config] = []
    seconds, rows = 0.0, len(data.split.train)
    for config in portfolio(space):
        inputs = data.encoder.width + _bins(data, bin_count(config)).width
        units, layers = (int(str(config[name])) for name in ("units", "layers"))
        seconds += epochs * _seconds(rows, inputs, units=units, layers=layers)
        dear = minutes is not None and seconds > ANCHORED * 60 * minutes
        if dear or (trials is not None and len(found) >= trials // TRIALS_AN_ANCHOR):
            break
        found.append(config)
    return tuple(found)


def _bins(data: Data, count: int = USUAL_BINS) -> Bins:
    """Return bins, as many as a network has by default, fitted on some of the training rows."""
    rows = data.split.train[:LOOKED_AT]
    return Bins.of(data.x[rows, : data.encoder.numbers], count)


def read_values(space: Space, texts: Sequence[str]) -> dict[str, Value]:
    """Return the values in texts such as "layers=3", by name.

    A text that is no value of its param is kept as it is: the space will say what is wrong with it.
    Raises SpaceError for a text of another form and for a name that comes twice.
    """
    values: dict[str, Value] = {}
    for text in texts:
        name, equals, written = (part.strip() for part in text.partition("="))
        if not name or not equals:
            raise SpaceError(f"--fix {text}: give it as PARAM=VALUE, such as layers=3")
        if name in values:
            raise SpaceError(f"--fix names {name} twice: drop one of the two")
        values[name] = _read(space[name], written) if name in space else written
    return values


def _read(param: Param, text: str) -> Value:
    """Return the value of `param` that a text stands for, or else the text."""
    if isinstance(param, Choice):
        return {str(option): option for option in param.options}.get(text, text)
    try:
        return int(text) if isinstance(param, Int) else float(text)
    except ValueError:
        return text


def make_study(
    data: Data,
    source: Mapping[str, Any],
    *,
    trials: int | None,
    minutes: float | None,
    seed: int,
    space: Space | None = None,
    metric: str | None = None,
) -> Study:
    """Return the question that `fit` asks of a table; 2 minutes if no budget is given.

    It searches the `space` of a plan, or else the whole space for tables, for the `metric` of that
    name, or else the task's first. Raises StudyError for a table whose parts cannot be judged, for
    a metric that is none of the task's, and for a budget that is none.
    """
    judge = metric_of(data.task, metric)
    space = space or table_space()
    if trials is None and minutes is None:
        minutes = DEFAULT_MINUTES
    _check_parts(data, judge)
    epochs = table_epochs(data, trials=trials, minutes=minutes)
    return Study(
        space=space,
        metric=judge.name,
        goal=judge.goal,
        search=CoarseToFine(ladder=AsyncHalving()).settings(),
        seed=seed,
        epochs=epochs,
        trials=trials,
        minutes=minutes,
        cheaper=tuple(name for name in ("layers", "units") if name in space),
        anchors=anchors(data, space, trials=trials, minutes=minutes, epochs=epochs),
        source=source,
    )


def _check_parts(data: Data, metric: Metric) -> None:
    """Raise StudyError unless both parts that judge networks can."""
    target = data.target
    if len(target.classes) == len(target.rows):
        raise StudyError(
            f"target {target.name!r} has another class in each of its {len(target.rows):,} rows "
            f"({target.why}): choose a target whose classes repeat, or one with numbers only"
        )
    if min(map(len, (data.split.train, data.split.judging, data.split.test))) < 2:
        raise StudyError(
            f"{len(data.target.rows)} rows are too few to split into three parts: add rows"
        )
    for part in (data.split.judging, data.split.test):
        right = data.y[part]
        if data.task is TaskKind.REGRESSION:
            same, value = np.zeros(len(part)), f"{right[0]:g}"
        else:
            same, value = np.zeros((len(part), data.outputs)), data.target.classes[right[0]]
        if math.isnan(metric.of(same, right)):
            raise StudyError(
                f"{data.target.name!r} is {value} in all {len(part):,} rows of a part that judges "
                f"networks, and {metric.name} needs rows that differ: add rows, or choose another "
                "target or metric"
            )


def plan_lines(study: Study, data: Data, *, workers: int) -> tuple[str, ...]:
    """Say what is about to be spent, in lines of at most 80 characters."""
    budget = [plural(study.trials, "trial")] if study.trials is not None else []
    budget += [f"{study.minutes:g} minutes"] if study.minutes is not None else []
    split = data.split
    choosing = f"rows train, {len(split.valid):,} choose between networks"
    if split.folds:
        choosing = f"rows train and, in {len(split.folds)} folds, choose between networks"
    text = (
        f"plan: {' or '.join(budget)} of {plural(study.epochs, 'epoch')}, {workers} at a time, "
        f"seed {study.seed}; {len(split.train):,} {choosing}, {len(split.test):,} are kept apart "
        f"for the final score; {data.encoder.width} inputs"
    )
    if count := len(study.anchors):
        known = "1 config that does" if count == 1 else f"{count} configs that do"
        text += f"; it begins with {known} well on many tables, trained in full"
    return tuple(wrap(text, 80, subsequent_indent="      "))
