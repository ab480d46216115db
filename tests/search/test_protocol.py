"""What searches and ladders share, tried on two that look back."""

import pytest
from tests import adaptive
from tests.contracts.ladder_contract import LadderContract
from tests.contracts.search_contract import SearchContract, played, study_of

from tunesmith.amendment import amendment
from tunesmith.history import History
from tunesmith.search.ladder.async_halving import AsyncHalving
from tunesmith.search.ladder.full import Full
from tunesmith.search.ladder.hyperband import Hyperband
from tunesmith.search.propose.coarse_to_fine import CoarseToFine
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
    # It promotes the better of two, and knows of no full training shorter than its first rung.
    test_any_budget_is_spent = None

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


def anchored(search, count, **changes):
    """Return a study with so many anchors, and these."""
    units = (7, 11, 13, 17)
    anchors = tuple(Config({**CONFIG, "units": n}) for n in units[:count])
    return study_of(search, **({"trials": 11} | changes), anchors=anchors), anchors


@pytest.mark.parametrize(
    "search",
    [
        RandomSearch(),
        RandomSearch(ladder=adaptive.BetterHalf(first=1)),
        CoarseToFine(ladder=AsyncHalving()),
        CoarseToFine(ladder=Hyperband(eta=2)),
    ],
    ids=["random", "a ladder", "coarse to fine", "hyperband"],
)
def test_anchors_come_first_and_are_trained_in_full(search):
    """In order, whatever the ladder starts others with; then the search goes its own way."""
    study, anchors = anchored(search, 3)
    seen = [action for _, action in played(study, search)]
    starts = [action for action in seen if isinstance(action, Start)]
    assert [start.config for start in starts[:3]] == list(anchors)
    assert [start.epochs for start in starts[:3]] == [study.epochs] * 3
    assert [start.origin is Origin.ANCHOR for start in starts] == [True] * 3 + [False] * 8
    assert isinstance(seen[-1], Finish)


def test_anchors_take_nothing_from_the_first_round():
    """Coarse to fine looks over the whole space as it would have without them."""
    search = CoarseToFine()
    anchored_study, _ = anchored(search, 3, trials=11)
    configs = [
        [a.config for _, a in played(study, search) if isinstance(a, Start)]
        for study in (anchored_study, study_of(search, trials=8))
    ]
    assert configs[0][3:] == configs[1]


def test_anchors_come_before_what_is_given_by_hand():
    """And what is given is tried next."""
    search = RandomSearch()
    study, anchors = anchored(search, 1)
    history = History(study)
    given = Config({**CONFIG, "units": 31})
    history.amend(amendment(study, study, 0, (given,)))
    first = search.next(study, history)
    assert (first.config, first.origin) == (anchors[0], Origin.ANCHOR)
    history.start(first.config, first.epochs, first.origin, first.round)
    second = search.next(study, history)
    assert (second.config, second.origin) == (given, Origin.GIVEN)


def test_a_budget_ends_before_all_anchors_are_tried():
    """In trials, and in epochs."""
    search = RandomSearch()
    study, _ = anchored(search, 4, trials=2)
    starts = [a for _, a in played(study, search) if isinstance(a, Start)]
    assert len(starts) == 2
    study, _ = anchored(search, 4, trials=None, total_epochs=7)  # of three each
    seen = [action for _, action in played(study, search)]
    assert len([a for a in seen if isinstance(a, Start)]) == 2
    assert seen[-1] == Finish("only 1 epochs were left")
