"""An audit: was it fair to stop trials early? A few of them are trained to the end to know."""

from tunesmith import rng
from tunesmith.history import History
from tunesmith.search.ladder.standings import complete
from tunesmith.search.protocol import cost, trials_end
from tunesmith.study import Promote, Study
from tunesmith.trial import State

EVERY = 32
"""Where neither trials nor epochs bound a study, one of so many trials is audited."""


def audited(
    study: Study, history: History, answer: Promote | int | None, count: int
) -> Promote | int | None:
    """Return `answer`, or where it is time the promotion of a paused trial to the full training.

    It is time when the budget is about to end, but for what the `count` audits need. Who is audited
    is drawn from all that are paused: those that nothing speaks for.
    """
    if count == 0 or answer is None or not complete(study, history):
        return answer
    if not _due(study, history, answer, count):
        return answer
    made = sum(trial.audited for trial in history.trials)
    paused = [trial for trial in history.trials if trial.state is State.PAUSED]
    if made >= _allowed(study, history, count) or not paused:
        return answer
    drawn = paused[rng.stream(study.seed, "audit", made).integers(len(paused))]
    promotion = Promote(drawn.number, study.epochs, audit=True)
    left = None if study.total_epochs is None else study.total_epochs - history.epochs
    return answer if left is not None and cost(promotion, history) > left else promotion


def _due(study: Study, history: History, answer: Promote | int, count: int) -> bool:
    if study.total_epochs is not None:
        left = study.total_epochs - history.epochs - cost(answer, history)
        return left < count * study.epochs
    if study.trials is not None:
        return isinstance(answer, int) and bool(trials_end(study, history))
    return len(history.trials) % EVERY == 0


def _allowed(study: Study, history: History, count: int) -> int:
    """Return how many audits may have been made by now."""
    bounded = study.trials is not None or study.total_epochs is not None
    return count if bounded else min(count, len(history.trials) // EVERY)
