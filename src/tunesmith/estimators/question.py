"""What a tuned estimator asks: which rows train and which judge, and the study."""

import numpy as np
from numpy.typing import NDArray

from tunesmith.errors import DataError, SpaceError
from tunesmith.estimators.answers import Answers, Known
from tunesmith.estimators.network import TARGET
from tunesmith.fit.data import Data
from tunesmith.fit.metrics import metric_of
from tunesmith.fit.plan import anchors, table_epochs, table_plan
from tunesmith.fit.space import table_space
from tunesmith.search.protocol import Search
from tunesmith.space import Space
from tunesmith.space.space import remedy_for
from tunesmith.study import Study, count_of, minutes_of
from tunesmith.table.folds import folded
from tunesmith.table.split import Split, split_rows
from tunesmith.table.target import Target, TaskKind
from tunesmith.tuning import search_settings

Rows = NDArray[np.int64]

NO_ROWS: Rows = np.empty(0, dtype=np.int64)

FEWEST = 2
"""Rows that R2 needs at least."""


def split_of(known: Known, rows: Rows, task: TaskKind, *, seed: int) -> Split:
    """Return which of `rows` train and which judge networks: a fifth, of each class alike.

    Where they are few, all judge in turn; see `folded`.
    Where these are too few to judge by, the rows that train do so. `known` [N] are labels or
    numbers of all rows. Raises DataError for numbers that are all the same.
    """
    if task is TaskKind.CLASSIFICATION:
        labels = np.asarray(known, np.int64)
        split = folded(split_rows(rows, labels[rows], seed=seed, test=0.0), labels, seed=seed)
        enough = len(split.judging) > 0
    else:
        first = known[rows[0]]
        if (known[rows] == first).all():
            raise DataError(
                f"y is {first:g} in all {len(rows):,} rows, and R2 needs numbers that "
                "differ: there is nothing to tune"
            )
        split = folded(split_rows(rows, None, seed=seed, test=0.0), seed=seed)
        judged = known[split.judging]
        enough = len(judged) >= FEWEST and not (judged == judged[0]).all()
    return split if enough else Split(train=rows, valid=rows, test=NO_ROWS)


def target_of(answers: Answers, rows: int) -> Target:
    """Return y as a table's target, which every row has."""
    return Target(
        name=TARGET,
        task=answers.task,
        why="as asked",
        classes=answers.names,
        rows=np.arange(rows),
        dropped=0,
    )


def study_of(
    data: Data,
    *,
    space: Space | None,
    search: Search | None,
    trials: int | None,
    minutes: float | None,
    metric: str | None = None,
    seed: int,
) -> Study:
    """Return the study; SpaceError and StudyError for what cannot be asked."""
    judge = metric_of(data.task, metric)
    trials = None if trials is None else count_of("trials", trials)
    minutes = None if minutes is None else minutes_of(minutes)
    epochs = table_epochs(data, trials=trials, minutes=minutes)
    whole = space_of(space, trials, data)
    usual = space is None and search is None
    return Study(
        space=whole,
        metric=judge.name,
        goal=judge.goal,
        search=search_settings(search, halving=epochs > 1),
        seed=seed,
        epochs=epochs,
        trials=trials,
        minutes=minutes,
        cheaper=tuple(name for name in ("layers", "units") if name in whole),
        anchors=(
            anchors(data, whole, trials=trials, minutes=minutes, epochs=epochs) if usual else ()
        ),
    )


def space_of(space: Space | None, trials: int | None, data: Data | None = None) -> Space:
    """Return what is searched: what the budget opens of the space for tables, or a user's space.

    What a user's space leaves out stays at its default. Raises SpaceError for what is no space,
    and for a param that no network of a table has.
    """
    if space is None:
        return table_plan(trials=trials, data=data).space
    if not isinstance(space, Space):
        raise SpaceError(f"space must be a Space such as Space(units=Int(8, 64)), got {space!r}")
    tables = table_space()
    for name in space:
        if name not in tables:
            raise SpaceError(
                f"no param {name!r} in networks for tables; {remedy_for(name, tables)}"
            )
    given = {n: tables[n].default_value for n in tables if n not in space}
    if "decay" in space and "schedule" in given:
        given["schedule"] = "inverse"  # the one shape that has a decay
    held = tables.fixed(given)
    params = {**held, **space}
    return Space(**{name: params[name] for name in tables if name in params})
