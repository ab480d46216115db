"""Hyperband."""

from collections import Counter

import pytest
from tests.contracts.ladder_contract import LadderContract
from tests.contracts.search_contract import finished, study_of

from tunesmith.search.ladder.hyperband import Hyperband
from tunesmith.search.propose.random import RandomSearch


class TestHyperband(LadderContract):
    @pytest.fixture
    def ladder(self):
        return Hyperband(eta=2)


def test_the_brackets_of_the_paper():
    """Table 1 of Li et al. 2018: R = 81 and eta = 3, with the rule's ceil(5 / 4 * 27) = 34."""
    search = RandomSearch(ladder=Hyperband(eta=3))
    history = finished(study_of(search, trials=143, epochs=81), search, slots=1)
    first = [trial.measurements[0].epoch for trial in history.trials]
    assert first == [1] * 143
    begun = Counter(len_of_first(history, trial.number) for trial in history.trials)
    assert begun == {1: 81, 3: 34, 9: 15, 27: 8, 81: 5}
    assert history.epochs == sum(trial.epochs_trained for trial in history.trials)


def len_of_first(history, number):
    """Return the epochs that a trial was given first."""
    return next(ending.epochs for ending in history.endings if ending.number == number)
