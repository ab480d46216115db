"""Every trial is trained in full."""

import pytest
from tests.contracts.ladder_contract import EPOCHS, LadderContract

from tunesmith.search.ladder.full import Full
from tunesmith.study import Promote, Start


class TestFull(LadderContract):
    @pytest.fixture
    def ladder(self):
        return Full()

    def test_every_trial_is_given_all_epochs_at_once(self, moves):
        """There is no second rung, so nobody is promoted, and nothing is looked at."""
        actions = [action for _, action in moves]
        assert {action.epochs for action in actions if isinstance(action, Start)} == {EPOCHS}
        assert not any(isinstance(action, Promote) for action in actions)
        assert not Full.looks_back
