"""What every halving does, by one that promotes nobody."""

import pytest
from tests.contracts.search_contract import falling, finished, study_of

from tunesmith.errors import StudyError
from tunesmith.search.ladder.halving import Halving
from tunesmith.search.propose.random import RandomSearch

ASKED = []


class Lowest(Halving):
    """Starts new trials on its lowest rung, and looks at nothing."""

    name = "lowest"

    def _wanted(self, study, history, rungs):
        ASKED.append(tuple(rungs))
        return rungs[0]


def ended(ladder, **budget):
    """Return the epochs of every trial of a study, whose search it would be."""
    search = RandomSearch(ladder=ladder)
    history = finished(study_of(search, epochs=9, **budget), search, losses=falling)
    return [trial.epochs_trained for trial in history.trials]


def test_it_is_asked_with_its_rungs():
    """Nine epochs by halves from two on; what it wants is done until the budget ends."""
    ASKED.clear()
    assert ended(Lowest(eta=2, least=2), trials=7)[:6] == 6 * [2]
    assert set(ASKED) == {(2, 4, 9)}


def test_audits_are_its_own():
    """Two of those that nobody promoted are trained to the end."""
    found = ended(Lowest(audit=2), trials=11)
    assert found.count(9) >= 2
    assert found.count(1) <= 9


@pytest.mark.parametrize("numbers", [{"eta": 1}, {"least": 0}, {"audit": -1}], ids=str)
def test_numbers_that_make_no_ladder(numbers):
    """They are refused when it is made."""
    (name,) = numbers
    with pytest.raises(StudyError, match=f"^{name} must be a whole number"):
        Lowest(**numbers)
