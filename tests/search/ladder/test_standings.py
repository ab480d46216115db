"""How trials stand on the rungs."""

import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tunesmith.amendment import amendment
from tunesmith.history import History
from tunesmith.search.ladder.standings import Standings, standings
from tunesmith.space import Float, Space
from tunesmith.study import Study
from tunesmith.trial import Config, Measurement, State

LADDER = (2, 5, 9)


def begun(trials=0):
    """Return a history with trials that run on the first rung."""
    history = History(Study(space=Space(x=Float(0.3, 2.0)), trials=50, epochs=9))
    for number in range(trials):
        history.start(Config({"x": 0.4 + number / 100}), LADDER[0])
    return history


def end(history, number, loss, state=State.DONE):
    """End a trial with `loss` at every epoch that it was given."""
    trial = history.trials[number]
    epochs = range(trial.epochs_trained + 1, trial.epochs + 1)
    history.end(number, state, [Measurement(n, {"loss": loss}) for n in epochs])


def test_places_and_who_waits():
    """The best first; what diverged is last and waits for nothing; who went on waits no more."""
    history = begun(5)
    for number, loss in (3, 0.7), (0, 0.2), (4, 0.5), (2, 0.2):
        end(history, number, loss)
    end(history, 1, math.nan, State.DIVERGED)
    here = standings(history)
    assert list(here) == [2]
    assert here[2].places == [(0.2, 0), (0.2, 2), (0.5, 4), (0.7, 3), (math.inf, 1)]
    assert here[2].best(history) == (0.2, 0)
    history.promote(0, 5)
    assert here[2].best(history) == (0.2, 2)
    assert [here[2].rank(place) for place in here[2].places] == [0, 1, 2, 3, 4]
    end(history, 0, 0.1)
    assert standings(history)[5].places == [(0.1, 0)]
    assert standings(history)[2].places[0] == (0.2, 0)


def test_who_was_stopped_on_the_way_was_not_judged():
    """A trial that the time cut short says nothing of its rung."""
    history = begun(2)
    history.end(0, State.STOPPED, [Measurement(1, {"loss": 0.1})], "stopped after 1 of 2 epochs")
    end(history, 1, 0.5)
    assert standings(history)[2].places == [(0.5, 1)]


def test_a_full_training_waits_for_nothing():
    """The last rung has places, and nobody to promote."""
    history = begun()
    history.start(Config({"x": 0.4}), 9)
    end(history, 0, 0.3)
    assert standings(history)[9].places == [(0.3, 0)]
    assert standings(history)[9].best(history) is None


@given(
    st.lists(
        st.tuples(st.floats(-3, 3) | st.just(math.nan), st.booleans()), min_size=1, max_size=30
    )
)
def test_when_it_was_read_changes_nothing(story):
    """Read after every outcome, or once at the end: the same standings."""
    history, often = begun(len(story)), Standings()
    for number, (loss, promoted) in enumerate(story):
        end(history, number, loss, State.DIVERGED if math.isnan(loss) else State.DONE)
        often.read(history)
        if promoted and history.trials[number].state is State.PAUSED:
            history.promote(number, 5)
            end(history, number, loss - 1)
    once = Standings().read(history)
    read = often.read(history)
    assert {rung: s.places for rung, s in read.items()} == {r: s.places for r, s in once.items()}
    assert [read[r].best(history) for r in once] == [once[r].best(history) for r in once]


def test_who_is_outside_has_no_place():
    """A range was cut: the trials beyond it hold no rank on any rung, before and after."""
    history = begun(5)
    for number in range(4):
        end(history, number, number / 10)
    assert len(standings(history)[2].places) == 4
    narrow = replace(history.study, space=Space(x=Float(0.415, 2.0)))
    history.amend(amendment(history.study, narrow, 5, ()))
    end(history, 4, 0.05)
    assert history.outside == {0, 1}
    assert standings(history)[2].places == [(0.05, 4), (0.2, 2), (0.3, 3)]
