"""What will be spent, decided and said before anything is."""

from collections.abc import Mapping
from textwrap import wrap
from typing import Any

from tunesmith.errors import StudyError
from tunesmith.fit.data import Data
from tunesmith.fit.score import METRIC
from tunesmith.fit.space import table_space
from tunesmith.search.propose.quasi_random import SobolSearch
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


def make_study(
    data: Data,
    source: Mapping[str, Any],
    *,
    trials: int | None,
    minutes: float | None,
    seed: int,
) -> Study:
    """Return the question that `fit` asks of a table; 2 minutes if no budget is given.

    Raises StudyError for a table whose parts cannot be judged, and for a budget that is none.
    """
    if trials is None and minutes is None:
        minutes = DEFAULT_MINUTES
    _check_parts(data)
    return Study(
        space=table_space(),
        metric=METRIC[data.task],
        goal=Goal.MAX,
        search=SobolSearch().settings(),
        seed=seed,
        epochs=epochs_for(len(data.split.train)),
        trials=trials,
        minutes=minutes,
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
    """Say what is about to happen, in lines of at most 80 characters."""
    budget = [f"{study.trials} trials"] if study.trials is not None else []
    budget += [f"{study.minutes:g} minutes"] if study.minutes is not None else []
    split = data.split
    text = (
        f"plan: {' or '.join(budget)} of {study.epochs} epochs, {workers} at a time, "
        f"seed {study.seed}; {len(split.train):,} rows train, {len(split.valid):,} choose between "
        f"networks, {len(split.test):,} are kept apart for the final score; "
        f"{data.encoder.width} inputs; searched: {', '.join(study.space)}"
    )
    return tuple(wrap(text, 80, subsequent_indent="      "))
