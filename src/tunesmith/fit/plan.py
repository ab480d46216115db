"""What will be spent, decided and said before anything is."""

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

from tunesmith.errors import SpaceError, StudyError
from tunesmith.fit.data import Data
from tunesmith.fit.score import METRIC
from tunesmith.fit.space import table_space
from tunesmith.search.ladder.async_halving import AsyncHalving
from tunesmith.search.plan import Plan, plan
from tunesmith.search.propose.coarse_to_fine import CoarseToFine
from tunesmith.space import Choice, Int, Param, Space
from tunesmith.space.params import Value
from tunesmith.study import Goal, Study
from tunesmith.table.target import TaskKind

EPOCHS = 27
"""Epochs of a full training on a table of middling size."""

FEW_ROWS = 1_000
"""Training rows below which epochs are added, so that a small table gets as many steps."""

MANY_ROWS = 60_000
"""Training rows above which epochs are taken away, so that a network takes no longer."""

DEFAULT_MINUTES = 2.0
"""The budget where none is given."""


def epochs_for(rows: int) -> int:
    """Return the epochs of a full training on so many training rows: 5 to 300."""
    if rows < FEW_ROWS:
        return min(300, EPOCHS * FEW_ROWS // rows)
    return max(5, EPOCHS * MANY_ROWS // max(rows, MANY_ROWS))


def table_plan(*, trials: int | None, tune: Sequence[str] = (), fix: Sequence[str] = ()) -> Plan:
    """Return what a budget opens of the space for tables, and what a user says about it.

    `tune` holds names, several in a text with commas between them; `fix` texts such as "layers=3".
    Raises SpaceError for what cannot be meant.
    """
    space = table_space()
    names = [name.strip() for text in tune for name in text.split(",")]
    return plan(space, trials, tune=names, fix=read_values(space, fix))


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
) -> Study:
    """Return the question that `fit` asks of a table; 2 minutes if no budget is given.

    It searches the `space` of a plan, or else the whole space for tables.
    Raises StudyError for a table whose parts cannot be judged, and for a budget that is none.
    """
    space = space or table_space()
    if trials is None and minutes is None:
        minutes = DEFAULT_MINUTES
    _check_parts(data)
    return Study(
        space=space,
        metric=METRIC[data.task],
        goal=Goal.MAX,
        search=CoarseToFine(ladder=AsyncHalving()).settings(),
        seed=seed,
        epochs=epochs_for(len(data.split.train)),
        trials=trials,
        minutes=minutes,
        cheaper=tuple(name for name in ("layers", "units") if name in space),
        source=source,
    )


def _check_parts(data: Data) -> None:
    """Raise StudyError unless both parts that judge networks can."""
    if min(len(data.split.train), len(data.split.valid), len(data.split.test)) < 2:
        raise StudyError(
            f"{len(data.target.rows)} rows are too few to split into three parts: add rows"
        )
    for part in (data.split.valid, data.split.test):
        first = data.y[part[0]]
        if data.task is TaskKind.REGRESSION and (data.y[part] == first).all():
            raise StudyError(
                f"{data.target.name!r} is {first:g} in all {len(part):,} rows of a part that "
                "judges networks, and R2 needs rows that differ: add rows, or choose another target"
            )


def plan_lines(study: Study, data: Data, *, workers: int) -> tuple[str, ...]:
    """Say what is about to be spent, in lines of at most 80 characters."""
    budget = [f"{study.trials} trials"] if study.trials is not None else []
    budget += [f"{study.minutes:g} minutes"] if study.minutes is not None else []
    split = data.split
    text = (
        f"plan: {' or '.join(budget)} of {study.epochs} epochs, {workers} at a time, "
        f"seed {study.seed}; {len(split.train):,} rows train, {len(split.valid):,} choose between "
        f"networks, {len(split.test):,} are kept apart for the final score; "
        f"{data.encoder.width} inputs"
    )
    return tuple(wrap(text, 80, subsequent_indent="      "))
