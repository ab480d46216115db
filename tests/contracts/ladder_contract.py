"""What every ladder obeys."""

from abc import ABC, abstractmethod

import msgspec
import pytest
from tests.contracts.search_contract import falling, finished, played, rising, study_of

from tunesmith.search.propose.random import RandomSearch
from tunesmith.search.settings import read_ladder
from tunesmith.study import Promote, Start, Wait
from tunesmith.trial import State

EPOCHS = 9


class LadderContract(ABC):
    """A ladder is a pure function that says who trains on, and how far."""

    @abstractmethod
    @pytest.fixture
    def ladder(self):
        """Return the ladder that is tested."""

    @pytest.fixture
    def moves(self, ladder):
        """Return a study in play: pairs of its history and the next action."""
        search = RandomSearch(ladder=ladder)
        return played(study_of(search, trials=23, epochs=EPOCHS), search)

    def test_next_is_pure(self, ladder, moves):
        """Asked twice it answers the same, and nothing has changed."""
        for history, _ in moves:
            before = history.version, history.digest
            assert ladder.next(history.study, history) == ladder.next(history.study, history)
            assert (history.version, history.digest) == before

    def test_only_who_came_through_is_promoted_and_only_upwards(self, moves):
        """A promoted trial is done with its rung, and gets more epochs, up to the full training."""
        for history, action in moves:
            if isinstance(action, Promote):
                trial = history.trials[action.number]
                assert trial.state in (State.DONE, State.PAUSED)
                assert trial.epochs_trained < action.epochs <= EPOCHS

    def test_a_new_trial_is_trained(self, moves):
        """For one epoch at least, and no longer than in full."""
        first = [action.epochs for _, action in moves if isinstance(action, Start)]
        assert 1 <= min(first) <= max(first) <= EPOCHS
        assert len(first) == 23

    def test_it_never_waits_for_nothing(self, moves):
        """It waits only while a trial runs whose outcome may change its mind."""
        for history, action in moves:
            assert history.running or not isinstance(action, Wait)

    def test_some_trial_is_trained_in_full(self, moves):
        """Otherwise no answer would rest on what was asked."""
        *_, (history, _) = moves
        assert max(trial.epochs_trained for trial in history.trials) == EPOCHS

    def test_settings_are_plain_data(self, ladder):
        """Through JSON and back they give an equal ladder."""
        plain = msgspec.json.decode(msgspec.json.encode(ladder.settings()))
        assert plain == ladder.settings()
        assert read_ladder(plain) == ladder

    @pytest.mark.parametrize(
        "budget",
        [{"trials": 1}, {"trials": 23, "epochs": 1}, {"trials": None, "total_epochs": 57}],
        ids=str,
    )
    def test_any_budget_is_spent(self, ladder, budget):
        """On one trial, on a single epoch each, or by epochs: some trial is trained in full."""
        search = RandomSearch(ladder=ladder)
        study = study_of(search, **{"epochs": EPOCHS} | budget)
        history = finished(study, search)
        assert all(1 <= trial.epochs_trained <= study.epochs for trial in history.trials)
        assert max(trial.epochs_trained for trial in history.trials) == study.epochs

    def test_who_does_not_look_back_decides_the_same_whatever_comes(self, ladder):
        """Such a ladder may be asked before its outcomes have come."""
        search = RandomSearch(ladder=ladder)
        study = study_of(search, trials=23, epochs=EPOCHS)
        up, down = (
            [action for _, action in played(study, search, losses=losses)]
            for losses in (rising, falling)
        )
        if not ladder.looks_back:
            assert up == down
