"""Rungs: who was judged where, and how each stood."""

import math

from tunesmith.history import History
from tunesmith.rungs import ranked, standing
from tunesmith.space import Float, Space
from tunesmith.study import Goal, Study
from tunesmith.trial import Config, Measurement, State


def history_of(*ended, goal=Goal.MIN):
    """Return a history of trials that were given so many epochs, with their last loss."""
    study = Study(space=Space(x=Float(0.3, 2.0)), trials=9, epochs=9, goal=goal)
    history = History(study)
    for number, (epochs, loss) in enumerate(ended):
        history.start(Config({"x": 0.4 + number / 100}), epochs)
        state = State.DONE if math.isfinite(loss) else State.DIVERGED
        measured = [Measurement(n + 1, {"loss": loss + epochs - n - 1}) for n in range(epochs)]
        history.end(number, state, measured)
    return history


def test_everybody_is_judged_where_it_was_measured():
    """By the loss at that epoch; what went wrong on the way is last."""
    history = history_of((3, 0.5), (1, 2.1), (3, 0.1), (1, math.nan), (3, math.nan))
    study, trials = history.study, history.trials
    assert [trial.number for trial in ranked(study, trials, 1)] == [1, 2, 0, 3, 4]
    assert [trial.number for trial in ranked(study, trials, 3)] == [2, 0, 4]
    assert ranked(study, trials, 9) == []


def test_the_reason_of_who_stopped():
    """Rank, rung, and how many went on; only of those that are paused."""
    history = history_of((3, 0.5), (1, 2.1), (3, 0.1), (1, math.nan), (9, 0.3))
    said = standing(history.study, history.trials)
    assert said == {
        0: "rank 2 of 3 at 3 epochs; 1 went on",
        1: "rank 1 of 5 at 1 epoch; 3 went on",
        2: "rank 1 of 3 at 3 epochs; 1 went on",
    }


def test_a_metric_to_be_large():
    """The largest is rank 1."""
    history = history_of((1, 0.2), (1, 0.7), goal=Goal.MAX)
    assert standing(history.study, history.trials) == {
        0: "rank 2 of 2 at 1 epoch; none went on",
        1: "rank 1 of 2 at 1 epoch; none went on",
    }


def test_the_end_of_a_study_stops_who_is_paused():
    """With the reason; the others stay as they were."""
    history = history_of((3, 9.5), (9, 0.1), (1, math.nan))
    history.finish("enough")
    assert [trial.state for trial in history.trials] == [
        State.STOPPED,
        State.DONE,
        State.DIVERGED,
    ]
    assert history.trials[0].reason == "rank 2 of 2 at 3 epochs; 1 went on"
