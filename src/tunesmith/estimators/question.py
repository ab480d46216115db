"""What a tuned estimator asks: which rows train and which judge, and the study."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.engine.network import Floats
from tunesmith.errors import DataError, SpaceError
from tunesmith.estimators.answers import Answers
from tunesmith.fit.data import Data
from tunesmith.fit.plan import epochs_for, table_plan
from tunesmith.fit.score import METRIC
from tunesmith.fit.space import table_space
from tunesmith.search.protocol import Search
from tunesmith.space import Space
from tunesmith.space.space import nearest
from tunesmith.study import Goal, Study
from tunesmith.table.columns import Table
from tunesmith.table.encode import Encoder
from tunesmith.table.split import Split, split_rows
from tunesmith.table.target import Target, TaskKind
from tunesmith.tuning import search_settings

Rows = NDArray[np.int64]

NO_ROWS: Rows = np.empty(0, dtype=np.int64)

FEWEST = 2
"""Rows that R2 needs at least."""


def split_of(known: NDArray[Any], task: TaskKind, *, seed: int) -> Split:
    """Return which rows train and which judge networks: a fifth, of each class alike.

    Where these are too few to judge by, the rows that train do so. `known` [N] are labels or
    numbers. Raises DataError for numbers that are all the same.
    """
    rows = np.arange(len(known))
    if task is TaskKind.CLASSIFICATION:
        split = split_rows(rows, known, seed=seed, test=0.0)
        enough = len(split.valid) > 0
    else:
        if (known == known[0]).all():
            raise DataError(
                f"y is {known[0]:g} in all {len(known):,} rows, and R2 needs numbers that "
                "differ: there is nothing to tune"
            )
        split = split_rows(rows, None, seed=seed, test=0.0)
        judged = known[split.valid]
        enough = len(judged) >= FEWEST and not (judged == judged[0]).all()
    return split if enough else Split(train=rows, valid=rows, test=NO_ROWS)


def data_of(
    table: Table,
    encoder: Encoder,
    x: Floats,
    known: NDArray[Any],
    answers: Answers,
    split: Split,
    target: str,
) -> Data:
    """Return what trials train on: x [N, D + C] and what is known of each row [N]."""
    return Data(
        table=table,
        target=Target(
            name=target,
            task=answers.task,
            why="as asked",
            classes=answers.names,
            rows=np.arange(len(known)),
            dropped=0,
        ),
        split=split,
        encoder=encoder,
        x=x,
        y=known,
    )


def study_of(
    data: Data,
    *,
    space: Space | None,
    search: Search | None,
    trials: int | None,
    minutes: float | None,
    seed: int,
) -> Study:
    """Return the study; SpaceError and StudyError for what cannot be asked."""
    epochs = epochs_for(len(data.split.train))
    whole = space_of(space, trials)
    return Study(
        space=whole,
        metric=METRIC[data.task],
        goal=Goal.MAX,
        search=search_settings(search, halving=epochs > 1),
        seed=seed,
        epochs=epochs,
        trials=trials,
        minutes=minutes,
        cheaper=tuple(name for name in ("layers", "units") if name in whole),
    )


def space_of(space: Space | None, trials: int | None) -> Space:
    """Return what is searched: what the budget opens of the space for tables, or a user's space.

    What a user's space leaves out stays at its default. Raises SpaceError for what is no space,
    and for a param that no network of a table has.
    """
    if space is None:
        return table_plan(trials=trials).space
    if not isinstance(space, Space):
        raise SpaceError(f"space must be a Space such as Space(units=Int(8, 64)), got {space!r}")
    tables = table_space()
    for name in space:
        if name not in tables:
            raise SpaceError(
                f"no param {name!r} in networks for tables; {nearest(name, tables)}"
            )
    held = tables.fixed({n: tables[n].default_value for n in tables if n not in space})
    return Space(**{name: space.get(name, held[name]) for name in tables})
