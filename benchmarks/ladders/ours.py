"""Our searches, decided as users have it: a study, its search, its ledger in virtual time.

The loop is that of the driver, without its files and threads; between the search's answer and the
ledger a proposal is taken to the pool, see `stand_in`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import process_time
from typing import final

import tunesmith as ts
from benchmarks.contest.runs import Returned, Run
from benchmarks.ladders.curves import EPOCHS, Curves, load
from benchmarks.ladders.plain import PlainHalving
from benchmarks.ladders.stand_in import StandIns
from tunesmith.executors.attempt import Attempt, run_with
from tunesmith.executors.protocol import Outcome, Task
from tunesmith.history import History
from tunesmith.ledger import Ledger, virtual_slots
from tunesmith.search.protocol import Search
from tunesmith.search.settings import read_search
from tunesmith.study import Start, Study
from tunesmith.trial import Trial


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """One of our searches; a budget is a study of its own."""

    name: str
    search: Search
    factor: int = 1
    """How many epochs it has for each of the others'."""

    def run(self, table: str, seed: int, budgets: Sequence[int]) -> Run:
        """Search a table once for each budget; the study's own recommendation is returned."""
        task, milliseconds = load(table), 0.0
        returned: dict[int, Returned] = {}
        for budget in sorted(budgets):
            study = Study(
                space=task.pool.space,
                search=self.search.settings(),
                seed=seed,
                epochs=EPOCHS,
                total_epochs=self.factor * budget,
            )
            history, milliseconds = searched(study, task)
            best = history.best
            returned[budget] = {
                "row": task.pool.rows[best.config],
                "epochs": history.epochs,
                "reached": best.epochs_trained,
            }
        return Run(
            table=table,
            method=self.name,
            seed=seed,
            returned=returned,
            milliseconds=milliseconds,
        )


def searched(study: Study, task: Curves) -> tuple[History, float]:
    """Return the history of a study, and the milliseconds a trial, all but the trainings."""
    began, spent = process_time(), 0.0
    search, stand_ins = read_search(study.search), StandIns(task.pool)
    ledger = Ledger(study, slots=virtual_slots(study))
    history = ledger.history
    rows: list[int] = []
    while not history.finished:
        draft = None
        if ledger.free:
            action = search.next(study, history)
            if isinstance(action, Start):
                looked = process_time()
                rows.append(stand_ins.take(action.config))
                spent += process_time() - looked
                action = replace(action, config=task.pool.configs[rows[-1]])
            draft = ledger.decide(action)
        looked = process_time()
        if draft is not None and draft.trial is not None:
            trial = history.trials[draft.trial]
            ledger.arrive(trained(study, trial, task.losses[rows[trial.number]]), 0.0)
        spent += process_time() - looked
        if draft is None and not ledger.take():
            raise RuntimeError(f"{study.search} waits, but nothing is being trained")
    return history, 1e3 * (process_time() - began - spent) / len(history.trials)


def trained(study: Study, trial: Trial, curve: Sequence[float]) -> Outcome:
    """Return what comes of training a trial on: the losses of its curve."""

    def objective(attempt: Attempt) -> None:
        for epoch in attempt.epochs:
            attempt.record(loss=curve[epoch])

    task = Task(
        number=trial.number,
        config=trial.config,
        trained=trial.epochs_trained,
        epochs=trial.epochs,
        metric=study.metric,
        folder=Path("trial-0"),  # nothing is kept in it
    )
    return run_with(objective)(task, lambda: False)


OURS: Mapping[str, Ours | PlainHalving] = {
    ours.name: ours
    for ours in (
        Ours(name="coarse to fine, async", search=ts.CoarseToFine(ladder=ts.AsyncHalving())),
        Ours(name="random, async", search=ts.RandomSearch(ladder=ts.AsyncHalving())),
        Ours(name="random, halving", search=ts.RandomSearch(ladder=ts.SuccessiveHalving())),
        Ours(name="random, Hyperband", search=ts.RandomSearch(ladder=ts.Hyperband())),
        Ours(name="random, full", search=ts.RandomSearch()),
        Ours(name="random, full, twice the budget", search=ts.RandomSearch(), factor=2),
        PlainHalving(name="plain asynchronous halving"),
    )
}
"""The first is what the others are compared with."""
