"""Every trial is trained in full."""

import pytest

from tests.contracts.ladder_contract import EPOCHS, LadderContract
from tunesmith.search.ladder.full import Full
from tunesmith.study import Start


class TestFull(LadderContract):
    @pytest.fixture
    def ladder(self):
        return Full()

    def test_every_trial_is_given_all_epochs_at_once(self, moves):
        """There is no second rung, so nobody is promoted."""
        started = [action for history, action in moves if not history.running or action]
        assert {a.epochs for a in started if isinstance(a, Start)} == {EPOCHS}
        assert not Full.looks_back
