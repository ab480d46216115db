"""Searches by Optuna's samplers, as far as they can be told without Optuna."""

import sys
from itertools import pairwise

import msgspec
import pytest

from tunesmith.errors import StudyError
from tunesmith.history import History
from tunesmith.search.ladder.full import Full
from tunesmith.search.propose.optuna import OptunaSearch, Told, optuna_part, story_of
from tunesmith.space import Float, Space
from tunesmith.study import Goal, Study
from tunesmith.trial import Config, Measurement, State

STUDY = Study(space=Space(x=Float(-0.3, 99.0)), epochs=5, trials=30)
CONFIGS = [Config({"x": 1.5 + number}) for number in range(30)]


class Play:
    """A history in which trials start and end as told."""

    def __init__(self, study=STUDY):
        self.history = History(study)

    def start(self, count=1):
        for _ in range(count):
            self.history.start(CONFIGS[len(self.history.trials)], 5)
        return self

    def end(self, *numbers, state=State.DONE, epochs=5):
        for number in numbers:
            measured = [Measurement(epochs, {"loss": number / 8})]
            self.history.end(number, state, measured)
        return self

    @property
    def story(self):
        """The story with configs as their numbers, and those told as texts."""
        steps = story_of(self.history.study, self.history)
        return [CONFIGS.index(s) if isinstance(s, Config) else f"t{s.number}" for s in steps]


def test_one_at_a_time():
    """Each outcome is told before the next config is asked."""
    play = Play().start().end(0).start().end(1).start().end(2)
    assert play.story == [0, "t0", 1, "t1", 2, "t2"]


def test_three_at_a_time():
    """With as many out as now, whoever ended first is told first."""
    play = Play().start(3).end(1).start().end(3).start().end(0)
    assert play.story == [0, 1, 2, "t1", 3, "t3", 4, "t0"]


def test_a_story_goes_on():
    """With a constant number out, each story begins with the one before."""
    play, stories = Play().start(2), []
    for number, ends in enumerate([1, 2, 0, 3, 5, 4], start=2):
        stories.append(play.start().end(ends).story)
        assert len(play.history.trials) == number + 1
    for before, after in pairwise(stories):
        assert after[: len(before)] == before


def test_what_is_told_was_asked():
    """Where fewer are out than were, nothing is told before it was asked."""
    play = Play().start(4).end(3, 2, 1, 0)
    assert play.story == [0, 1, 2, 3, "t3", "t2", "t1", "t0"]


def test_a_promoted_trial_is_told_once():
    """With what was measured last; not while it is trained."""
    play = Play().start(2).end(0, 1, epochs=2)
    play.history.promote(0, 5)
    assert play.story == [0, 1, "t1"]
    play.end(0)
    assert story_of(STUDY, play.history)[1:] == [
        Told(0, 0.0, 5, True),
        CONFIGS[1],
        Told(1, 0.125, 2, False),
    ]


@pytest.mark.parametrize("state", [State.DIVERGED, State.FAILED, State.STOPPED])
def test_what_went_wrong_has_no_loss(state):
    """Nor has what was never measured."""
    play = Play().start()
    play.history.end(0, state, [Measurement(2, {"loss": float("nan")})])
    assert story_of(STUDY, play.history) == [CONFIGS[0], Told(0, None, 2, False)]


def test_smaller_is_better():
    """A study that maximizes tells losses."""
    study = Study(space=STUDY.space, goal=Goal.MAX, epochs=5, trials=3)
    assert story_of(study, Play(study).start(2).end(1).history)[-1] == Told(1, -0.125, 5, True)


def test_settings_are_plain_data():
    """Through JSON and back they make an equal search; what was given may change."""
    options = {"n_startup_trials": 5, "groups": (1, 2)}
    search = OptunaSearch(sampler="GPSampler", options=options)
    options["n_startup_trials"] = 7
    plain = msgspec.json.decode(msgspec.json.encode(search.settings()))
    assert plain == search.settings()
    assert plain == {
        "name": "optuna",
        "sampler": "GPSampler",
        "options": {"n_startup_trials": 5, "groups": [1, 2]},
        "ladder": {"name": "full"},
    }
    assert OptunaSearch(sampler="GPSampler", options=plain["options"], ladder=Full()) == search


@pytest.mark.parametrize(
    ("search", "message"),
    [
        ({"sampler": "TPE"}, "no sampler 'TPE': there are CmaEsSampler, GPSampler, NSGA"),
        ({"options": {"seed": 3}}, "the option seed=3 is the study's affair: give it to the study"),
        ({"options": {"gamma": len}}, r"options must be plain data such as {'n_startup_trials"),
        ({"options": {"prior_weight": float("inf")}}, "options must be plain data"),
        ({"options": 3}, "options must be plain data"),
    ],
)
def test_a_search_that_cannot_be_is_refused(search, message):
    """One clear sentence, without Optuna."""
    with pytest.raises(StudyError, match=message):
        OptunaSearch(**search)


def test_without_optuna(monkeypatch):
    """It is said what is missing, when it is needed."""
    monkeypatch.setitem(sys.modules, "optuna", None)
    search = OptunaSearch()
    with pytest.raises(StudyError, match=r"Optuna cannot be loaded .*: pip install optuna"):
        search.next(STUDY, History(STUDY))


def test_a_part_of_optuna_is_a_module(monkeypatch):
    """Whatever is loaded under that name."""
    monkeypatch.setitem(sys.modules, "optuna", msgspec)
    assert optuna_part("optuna") is msgspec
