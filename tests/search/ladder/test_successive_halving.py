"""Successive halving."""

from collections import Counter

import pytest
from tests.contracts.ladder_contract import LadderContract
from tests.contracts.search_contract import falling, finished, study_of

from tunesmith.search.ladder.successive_halving import SuccessiveHalving
from tunesmith.search.propose.random import RandomSearch


class TestSuccessiveHalving(LadderContract):
    @pytest.fixture
    def ladder(self):
        return SuccessiveHalving(eta=2)


def test_a_bracket():
    """Of 9 trials 3 go on and 1 is trained in full: the best of each rung; then again."""
    search = RandomSearch(ladder=SuccessiveHalving(eta=3))
    study = study_of(search, trials=18, epochs=9)
    history = finished(study, search, losses=falling)
    epochs = [trial.epochs_trained for trial in history.trials]
    assert Counter(epochs) == {1: 12, 3: 4, 9: 2}
    # losses fall with the number: the last of each bracket are the best
    assert epochs == 2 * [1, 1, 1, 1, 1, 1, 3, 3, 9]


def test_the_last_epochs_train_one_in_full():
    """Where the bracket cannot be filled, the farthest climbs before it is too late."""
    search = RandomSearch(ladder=SuccessiveHalving(eta=3))
    study = study_of(search, total_epochs=61, epochs=50)
    history = finished(study, search, slots=1)
    assert history.epochs <= 61
    assert history.best.epochs_trained == 50
