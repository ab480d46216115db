"""What searches and ladders share, tried on two that look back."""

import pytest
from tests import adaptive
from tests.contracts.ladder_contract import LadderContract
from tests.contracts.search_contract import SearchContract, study_of

from tunesmith.amendment import amendment
from tunesmith.history import History
from tunesmith.search.ladder.full import Full
from tunesmith.search.propose.random import RandomSearch
from tunesmith.search.protocol import budget_end
from tunesmith.study import Finish, Promote, Start, Wait
from tunesmith.trial import Config, Measurement, Origin, State

CONFIG = Config({"rate": 0.01, "optimizer": "sgd", "units": 17})


@pytest.fixture(autouse=True)
def _known(monkeypatch):
    adaptive.register(monkeypatch)


class TestASearchThatLooksBack(SearchContract):
    @pytest.fixture
    def search(self):
        return adaptive.Watchful()


class TestASearchOnALadderThatLooksBack(SearchContract):
    @pytest.fixture
    def search(self):
        return adaptive.Watchful(ladder=adaptive.BetterHalf(first=1))


class TestALadderThatLooksBack(LadderContract):
    @pytest.fixture
    def ladder(self):
        return adaptive.BetterHalf()


@pytest.mark.parametrize(
    ("search", "blind"),
    [
        (RandomSearch(), True),
        (RandomSearch(ladder=adaptive.BetterHalf()), False),
        (adaptive.Watchful(ladder=Full()), False),
    ],
    ids=["neither looks back", "the ladder does", "the search does"],
)
def test_blind_means_that_neither_looks_back(search, blind):
    """Only then may trials start before those that came earlier have ended."""
    assert search.blind == blind


def test_settings_hold_the_ladder_s_own():
    """The name of each, and each of its arguments."""
    assert adaptive.Watchful(ladder=adaptive.BetterHalf(first=5)).settings() == {
        "name": "watchful",
        "ladder": {"name": "better_half", "first": 5},
    }


def test_a_budget_waits_for_what_runs():
    """All trials are made: wait for the last of them, then finish."""
    search = RandomSearch()
    history = History(study_of(search, trials=1))
    assert isinstance(search.next(history.study, history), Start)
    history.start(CONFIG, 3)
    assert search.next(history.study, history) == Wait()
    history.end(0, State.FAILED, [], "a reason")
    assert search.next(history.study, history) == Finish("all 1 trials were made")


def test_a_ladder_s_promotion_is_the_search_s_action():
    """No config is proposed for it."""
    search = RandomSearch(ladder=adaptive.BetterHalf(first=1))
    history = History(study_of(search, trials=7))
    for loss in (0.7, 0.3):
        number = history.start(CONFIG, 1).number
        history.end(number, State.DONE, [Measurement(1, {"loss": loss})])
    assert search.next(history.study, history) == Promote(1, 3)


def test_budgets():
    """The first that is spent is the end; epochs that are given out count as spent."""
    search = RandomSearch()
    history = History(study_of(search, trials=3, total_epochs=7))
    assert budget_end(history.study, history) == ""
    history.start(CONFIG, 3)
    history.start(CONFIG, 3)
    assert budget_end(history.study, history) == ""
    history.start(CONFIG, 3)
    assert budget_end(history.study, history) == "all 3 trials were made"
    assert budget_end(study_of(search, total_epochs=9), history) == "all 9 epochs were given out"
    assert budget_end(study_of(search, total_epochs=10), history) == ""
    assert budget_end(study_of(search, minutes=3), history) == ""


def test_what_is_queued_comes_before_what_is_proposed():
    """In its order, where a trial may start; a promotion comes before it, and a budget ends it."""
    search = RandomSearch(ladder=adaptive.BetterHalf(first=1))
    history = History(study_of(search, trials=3))
    other = Config({**CONFIG, "units": 5})
    history.amend(amendment(history.study, history.study, 0, (CONFIG, other)))
    assert search.next(history.study, history) == Start(CONFIG, 1, Origin.GIVEN)
    for config, loss in ((CONFIG, 0.7), (other, 0.3)):
        number = history.start(config, 1, Origin.GIVEN).number
        history.end(number, State.DONE, [Measurement(1, {"loss": loss})])
    assert history.queued == ()
    history.amend(amendment(history.study, history.study, 2, (CONFIG, CONFIG)))
    assert search.next(history.study, history) == Promote(1, 3)
    history.promote(1, 3)
    assert search.next(history.study, history) == Start(CONFIG, 1, Origin.GIVEN)
    history.start(CONFIG, 1, Origin.GIVEN)
    assert history.queued == (CONFIG,)
    assert search.next(history.study, history) == Wait()
