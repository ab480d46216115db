"""Random search."""

import pytest
from tests.contracts.search_contract import SPACE, BlindContract, configs, finished, study_of

from tunesmith import rng
from tunesmith.search.propose.random import RandomSearch


class TestRandomSearch(BlindContract):
    @pytest.fixture
    def search(self):
        return RandomSearch()


def test_each_config_has_its_own_address():
    """Trial 6 is what the space draws there, whatever came before."""
    made = configs(finished(study_of(RandomSearch(), trials=7), RandomSearch()))
    assert made[6] == SPACE.draw(rng.stream(5, "trial", 6, "config"))
