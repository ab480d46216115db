"""The end of a ladder."""

import math

import pytest

from tunesmith.history import History
from tunesmith.search.ladder.closing import within_budget
from tunesmith.search.ladder.standings import complete
from tunesmith.space import Float, Space
from tunesmith.study import Promote, Study
from tunesmith.trial import Config, Measurement, State

RUNGS = (1, 4, 16)


def history_of(*ended, **budget):
    """Return a history of trials that were given so many epochs, with this loss."""
    history = History(Study(space=Space(x=Float(0.3, 2.0)), epochs=16, **budget))
    for number, (epochs, loss) in enumerate(ended):
        history.start(Config({"x": 0.4 + number / 100}), epochs)
        if loss is not None:
            state = State.DONE if math.isfinite(loss) else State.DIVERGED
            measured = [Measurement(n + 1, {"loss": loss}) for n in range(epochs)]
            history.end(number, state, measured)
    return history


def next_of(answer, history):
    """Return what becomes of a ladder's answer."""
    return within_budget(history.study, history, RUNGS, answer)


@pytest.mark.parametrize(
    ("ended", "total", "stays"),
    [
        # 12 are needed for the one that has 4, and 1 for the new trial
        ([(4, 0.3)], 16, False),
        ([(4, 0.3)], 17, True),
        # or 15 for the one that has 1
        ([(1, 0.3)], 16, False),
        ([(1, 0.3)], 17, True),
        # one that diverged is no help, and cannot climb
        ([(4, math.nan)], 9, True),
        # once there is a full training, all may be spent
        ([(16, 0.3), (4, 0.2)], 21, True),
    ],
)
def test_the_last_epochs_are_kept(ended, total, stays):
    """New trials start while a full training is left after them; then the farthest climbs."""
    history = history_of(*ended, total_epochs=max(total, 16))
    assert (next_of(1, history) == 1) is stays


def test_a_promotion_may_be_the_climb_itself():
    """Of one below it is not, and must leave enough."""
    history = history_of((4, 0.3), (1, 0.2), total_epochs=17)
    assert next_of(Promote(0, 16), history) == Promote(0, 16)
    assert next_of(Promote(1, 4), history) == Promote(0, 16)


def test_while_a_trial_runs_nobody_climbs():
    """Its outcome decides who is the farthest."""
    history = history_of((4, 0.3), (4, None), total_epochs=20)
    assert next_of(1, history) is None
    assert next_of(None, history) is None


def test_all_trials_were_made():
    """Then promotions go on, and where there is none, the best of the highest rung climbs."""
    history = history_of((1, 0.1), (4, 0.9), (4, 0.5), (4, math.nan), trials=4)
    assert next_of(Promote(0, 4), history) == Promote(0, 4)
    assert next_of(1, history) == Promote(2, 16)
    history = history_of((1, 0.2), (1, 0.1), (4, math.nan), trials=3)
    assert next_of(1, history) == Promote(1, 4)
    history = history_of((1, 0.3), (16, 0.2), trials=2)
    assert next_of(1, history) == 1  # which the search cannot start: the study is over


def test_a_full_training_that_diverged_is_none():
    """Then another trial has to climb."""
    history = history_of((1, 0.2), (16, math.nan), trials=2)
    assert not complete(history.study, history)
    assert next_of(1, history) == Promote(0, 4)
