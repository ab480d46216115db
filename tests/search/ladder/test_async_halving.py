"""Asynchronous halving."""

import pytest
from tests.contracts.ladder_contract import EPOCHS, LadderContract
from tests.contracts.search_contract import falling, played, study_of

from tunesmith.search.ladder.async_halving import AsyncHalving
from tunesmith.search.propose.random import RandomSearch
from tunesmith.study import Promote
from tunesmith.trial import State


class TestAsyncHalving(LadderContract):
    @pytest.fixture
    def ladder(self):
        return AsyncHalving(eta=2)


class TestWithOneRung(LadderContract):
    """Where the full training is too short for a second rung, it is Full."""

    @pytest.fixture
    def ladder(self):
        return AsyncHalving(least=5)

    def test_nobody_is_promoted(self, moves):
        """Every trial is given all epochs at once."""
        for history, action in moves:
            assert not isinstance(action, Promote)
            assert {trial.epochs for trial in history.trials} <= {EPOCHS}


@pytest.mark.parametrize("losses", [None, falling])
def test_who_goes_on(losses):
    """At every promotion the trial is in the best third of all that came to its rung so far."""
    search = RandomSearch(ladder=AsyncHalving(eta=3))
    study = study_of(search, trials=80, epochs=9)
    play = {} if losses is None else {"losses": losses}
    promoted = 0
    for history, action in played(study, search, slots=1, **play):
        if isinstance(action, Promote):
            promoted += 1
            rung = history.trials[action.number].epochs
            came = [t for t in history.trials if t.epochs_trained >= rung]
            ranked = sorted(came, key=lambda t: (study.loss_at(t, rung), t.number))
            best = [t.number for t in ranked[: len(came) // 3]]
            assert action.number in best
            assert action.epochs == {1: 3, 3: 9}[rung]
    assert promoted > 20


def test_nobody_is_left_who_should_go_on():
    """When a new trial starts, no trial that waits is in the best 1 / eta of its rung."""
    search = RandomSearch(ladder=AsyncHalving(eta=4))
    study = study_of(search, trials=90, epochs=50)
    for history, action in played(study, search, losses=falling):
        if not isinstance(action, Promote):
            for rung in (1, 3, 12):
                came = [t for t in history.trials if t.epochs_trained >= rung]
                ranked = sorted(came, key=lambda t: (study.loss_at(t, rung), t.number))
                waits = [t for t in ranked[: len(came) // 4] if t.state is State.PAUSED]
                assert not any(t.epochs == rung for t in waits)


def test_the_last_epochs_train_one_in_full():
    """Where all would be spent low down, the farthest climbs to the top before it is too late."""
    search = RandomSearch(ladder=AsyncHalving(eta=4))
    study = study_of(search, total_epochs=57, epochs=50)
    *_, (history, _) = played(study, search, slots=1)
    assert history.epochs <= 57
    assert max(trial.epochs_trained for trial in history.trials) == 50
    assert history.best.epochs_trained == 50
