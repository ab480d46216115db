"""Brackets: who belongs together, and who of them goes on."""

import math

import pytest

from tunesmith.history import History
from tunesmith.search.ladder.brackets import Bracket, bracket_of, decide, members, promotion
from tunesmith.space import Float, Space
from tunesmith.study import Promote, Study
from tunesmith.trial import Config, Measurement, Origin, State

THREE = Bracket(first=0, size=5, rungs=(1, 3, 9))
TWO = Bracket(first=5, size=2, rungs=(3, 9))


def history_of(*losses, first=1, trials=50):
    """Return a history of trials that ended on their first rung with these losses."""
    history = History(Study(space=Space(x=Float(0.3, 2.0)), trials=trials, epochs=9))
    for number, loss in enumerate(losses):
        history.start(Config({"x": 0.4 + number / 100}), first)
        if loss is not None:
            end(history, number, loss)
    return history


def end(history, number, loss):
    """End a trial with `loss` at every epoch that it was given."""
    trial = history.trials[number]
    epochs = range(trial.epochs_trained + 1, trial.epochs + 1)
    state = State.DONE if math.isfinite(loss) else State.DIVERGED
    history.end(number, state, [Measurement(n, {"loss": loss}) for n in epochs])


@pytest.mark.parametrize(
    ("number", "first", "size"), [(0, 0, 5), (4, 0, 5), (5, 5, 2), (7, 7, 5), (13, 12, 2)]
)
def test_brackets_follow_each_other(number, first, size):
    """Every number belongs to one bracket, and after the last the first comes again."""
    bracket = bracket_of(number, [THREE, TWO])
    assert (bracket.first, bracket.size) == (first, size)
    assert first <= number < first + size


def test_a_rung_is_decided_when_all_have_come():
    """Nobody goes on before; then the best 1 / eta, each once."""
    history = history_of(0.5, 0.1, 0.4, None, 0.3)
    assert promotion(history.study, history, THREE, 2) is None
    end(history, 3, 0.2)
    assert promotion(history.study, history, THREE, 2) == Promote(1, 3)
    history.promote(1, 3)
    assert promotion(history.study, history, THREE, 2) == Promote(3, 3)
    history.promote(3, 3)
    assert promotion(history.study, history, THREE, 2) is None
    end(history, 1, 0.7)
    end(history, 3, 0.6)
    assert promotion(history.study, history, THREE, 2) == Promote(3, 9)


def test_what_diverged_never_goes_on():
    """Not even where nobody else is left."""
    history = history_of(math.nan, math.nan, math.nan, math.nan, 0.9)
    assert promotion(history.study, history, THREE, 2) == Promote(4, 3)
    history.promote(4, 3)
    end(history, 4, math.nan)
    assert promotion(history.study, history, THREE, 2) is None


def test_a_bracket_that_stays_short_is_decided_as_it_is():
    """Where all trials were made, those that are there are enough."""
    assert promotion((h := history_of(0.5, 0.1)).study, h, THREE, 3) is None
    history = history_of(0.5, 0.1, trials=2)
    assert promotion(history.study, history, THREE, 3) == Promote(1, 3)


def test_another_training_of_one_of_the_best_does_not_compete():
    """It was begun in full, out of turn."""
    history = history_of(0.5, 0.1)
    history.start(Config({"x": 0.4}), 9, Origin.AGAIN)
    assert [trial.number for trial in members(history, THREE)] == [0, 1]


def test_one_bracket_may_wait_while_the_next_is_filled():
    """But the one after that does not begin."""
    pair = Bracket(first=0, size=2, rungs=(1, 9))
    history = history_of(0.5, None)
    assert decide(history.study, history, [pair], 2) == 1
    history = history_of(0.5, None, 0.2, 0.1)
    assert decide(history.study, history, [pair], 2) == Promote(3, 9)
    history.promote(3, 9)
    assert decide(history.study, history, [pair], 2) is None
    end(history, 1, 0.7)
    assert decide(history.study, history, [pair], 2) == Promote(0, 9)
    history.promote(0, 9)
    end(history, 0, 0.3)
    assert decide(history.study, history, [pair], 2) == 1
