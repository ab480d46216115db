"""The end of a ladder: a budget must not run out before one trial was trained in full."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from tunesmith.history import History
from tunesmith.search.ladder.standings import Standing, complete, standings
from tunesmith.search.protocol import cost, trials_end
from tunesmith.study import Promote, Study


def within_budget(
    study: Study, history: History, rungs: Sequence[int], answer: Promote | int | None
) -> Promote | int | None:
    """Return `answer`, or the next step of the farthest trial where the budget is about to end.

    That is: where all trials were made, or where the epochs that `answer` takes would be missed
    when the first trial is to be trained in full.
    """
    if answer is None or complete(study, history):
        return answer
    here = standings(history)
    if isinstance(answer, int) and trials_end(study, history):
        return climb(history, rungs, here)
    highest = 0 if study.total_epochs is None else _highest(history, rungs, here)
    if study.total_epochs is None or not highest:
        return answer
    reached = max(highest, answer if isinstance(answer, int) else answer.epochs)
    left = study.total_epochs - history.epochs - cost(answer, history)
    return answer if left >= study.epochs - reached else climb(history, rungs, here)


def climb(history: History, rungs: Sequence[int], here: Mapping[int, Standing]) -> Promote | None:
    """Return the next step of the best trial on the highest rung; None while a trial runs."""
    if history.running:
        return None
    for rung, above in reversed(list(pairwise(rungs))):
        best = here[rung].best(history) if rung in here else None
        if best is not None:
            return Promote(best[1], above)
    return None


def _highest(history: History, rungs: Sequence[int], here: Mapping[int, Standing]) -> int:
    """Return the highest rung on which a trial waits, or to which one runs; 0 if there is none."""
    waiting = [rung for rung in rungs if rung in here and here[rung].best(history)]
    running = [history.trials[number].epochs for number in history.running]
    return max([*waiting, *running], default=0)
