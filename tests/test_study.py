"""The question and the answers: a study's sentences, a history's laws."""

import math
import sys
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.errors import StudyError
from tunesmith.search.settings import read_search
from tunesmith.space import LOG, Choice, Float, Int, Space
from tunesmith.study import Goal, History, Study
from tunesmith.trial import Config, Measurement, State, Trial

SPACE = Space(rate=Float(1e-3, 0.7, scale=LOG), units=Int(3, 17), kind=Choice(("a", 1, None)))
CONFIG = Config({"rate": 0.1 + 0.2, "units": 5, "kind": None})
STUDY = Study(
    space=SPACE,
    metric="accuracy",
    goal=Goal.MAX,
    search={"name": "sobol", "ladder": {"name": "full"}},
    seed=11,
    epochs=27,
    trials=150,
    total_epochs=3001,
    minutes=2.5,
    slots=3,
    source={"path": "data.csv", "columns": ["a", "b"]},
)
USABLE = (State.RUNNING, State.DONE, State.PAUSED, State.STOPPED)
"""States whose measurements a recommendation may rest on."""


def history(**changes):
    return History(Study(space=SPACE, **{"trials": 7, "epochs": 9} | changes))


def measured(*losses, metric="loss"):
    return tuple(Measurement(n, {metric: loss}) for n, loss in enumerate(losses, 1))


def ended(answers, state, *losses, config=CONFIG, epochs=None, **more):
    """Start a trial and end it with these losses; return its record."""
    trial = answers.start(config, epochs or len(losses))
    return answers.end(trial.number, state, measured(*losses), **more)


# --- the question -------------------------------------------------------------------------------


def test_a_study_keeps_everything_as_json():
    """To JSON and back it is the same question."""
    back = Study.from_builtins(msgspec.json.decode(msgspec.json.encode(STUDY.to_builtins())))
    assert back == STUDY
    assert STUDY.difference(back) == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({}, "a study needs an end: give trials=100, or minutes=5, or total_epochs=1000"),
        ({"trials": 0}, "trials must be a whole number of 1 or more, got 0"),
        ({"trials": 2.5}, "trials must be a whole number of 1 or more, got 2.5"),
        ({"trials": True}, "trials must be a whole number of 1 or more, got True"),
        ({"trials": "7"}, "trials must be a whole number of 1 or more, got '7'"),
        ({"total_epochs": -3}, "total_epochs must be a whole number of 1 or more, got -3"),
        ({"trials": 7, "epochs": 0}, "epochs must be a whole number of 1 or more, got 0"),
        ({"trials": 7, "slots": 0}, "slots must be a whole number of 1 or more, got 0"),
        ({"trials": 7, "seed": -1}, "seed must be a whole number of 0 or more, got -1"),
        ({"trials": 7, "seed": 0.5}, "seed must be a whole number of 0 or more, got 0.5"),
        ({"minutes": 0}, "minutes must be a number above 0, got 0"),
        ({"minutes": math.inf}, "minutes must be a number above 0, got inf"),
        ({"minutes": math.nan}, "minutes must be a number above 0, got nan"),
        ({"minutes": True}, "minutes must be a number above 0, got True"),
        ({"trials": 7, "metric": ""}, "the metric needs a name, such as metric='loss', got ''"),
        ({"trials": 7, "metric": 5}, "the metric needs a name, such as metric='loss', got 5"),
        (
            {"total_epochs": 10, "epochs": 27},
            (
                "total_epochs=10 is less than one full training of 27 epochs: "
                "give more, or fewer epochs"
            ),
        ),
    ],
)
def test_what_cannot_be_asked(arguments, sentence):
    """The sentence names the argument, its value and what it should be."""
    with pytest.raises(StudyError) as caught:
        Study(space=SPACE, **arguments)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("goal", ["min", "max", None])
def test_a_goal_is_a_goal(goal):
    """A text that looks like one would turn the study round without a word."""
    with pytest.raises(StudyError, match="goal"):
        Study(space=SPACE, trials=7, goal=goal)


@pytest.mark.parametrize("budget", [{"trials": 1}, {"total_epochs": 1}, {"minutes": 0.01}])
def test_one_budget_is_enough(budget):
    """Trials, epochs or minutes: any of them is an end."""
    assert Study(space=SPACE, **budget).difference(Study(space=SPACE, **budget)) == ""


def test_a_study_that_says_nothing_of_its_search_has_one():
    """The default settings are those of a search that exists."""
    study = Study(space=SPACE, trials=7)
    assert read_search(study.search).settings() == dict(study.search)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seed": None}, "seed must be a whole number"),
        ({"goal": "most"}, "'most' is not a valid Goal"),
        ({"space": {"params": []}}, "a space needs at least one param"),
        ({"space": None}, "a space is written as"),
        ({"search": 3}, "not iterable"),
        ({"minutes": "5"}, "minutes|not supported"),
    ],
)
def test_what_is_no_question(change, words):
    """Plain data that is no study is refused, with the reason."""
    with pytest.raises(StudyError, match=rf"^this is not a study's question: .*({words})"):
        Study.from_builtins(STUDY.to_builtins() | change)


def test_a_question_with_missing_or_unknown_parts():
    """Both are named."""
    data = STUDY.to_builtins()
    del data["seed"]
    with pytest.raises(StudyError) as caught:
        Study.from_builtins(data | {"colour": "red"})
    assert str(caught.value) == ("this is not a study's question: missing or unknown colour, seed")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"trials": 300}, "trials 150, not 300"),
        ({"trials": None}, "trials 150, not None"),
        ({"goal": Goal.MIN}, "goal max, not min"),
        ({"metric": "loss"}, "metric accuracy, not loss"),
        ({"minutes": 7.5}, "minutes 2.5, not 7.5"),
        ({"slots": 4}, "slots 3, not 4"),
        ({"space": Space(rate=Float(1e-3, 0.8, scale=LOG))}, "another space"),
        ({"search": {"name": "random", "ladder": {"name": "full"}}}, "another search"),
        ({"source": {}}, "another source"),
    ],
)
def test_a_difference_is_named(change, words):
    """Which part, and where it is one word, both words."""
    assert STUDY.difference(replace(STUDY, **change)) == words


@pytest.mark.parametrize(
    ("goal", "value", "loss"),
    [
        (Goal.MIN, 0.3, 0.3),
        (Goal.MAX, 0.3, -0.3),
        (Goal.MIN, -math.inf, math.inf),
        (Goal.MAX, math.inf, math.inf),
        (Goal.MAX, -math.inf, math.inf),
        (Goal.MIN, math.nan, math.inf),
        (Goal.MAX, math.nan, math.inf),
    ],
)
def test_loss_turns_the_metric_so_that_smaller_is_better(goal, value, loss):
    """What is not finite is the worst, whichever way is up."""
    study = replace(STUDY, goal=goal)
    trial = Trial(number=3, config=CONFIG, epochs=5)
    assert study.loss(trial) == math.inf
    assert study.loss(replace(trial, measurements=measured(0.9, value, metric="accuracy"))) == loss


# --- the answers --------------------------------------------------------------------------------


def best_of(answers):
    """Return the trial to recommend, by looking at all of them; None if there is none."""
    loss = answers.study.loss
    reached = {
        t.number: t.epochs if t.state is State.DONE else t.epochs_trained for t in answers.trials
    }
    usable = [t for t in answers.trials if t.state in USABLE and math.isfinite(loss(t))]
    return min(usable, key=lambda t: (-reached[t.number], loss(t), t.number), default=None)


FINITE = st.sampled_from([0.25, 0.5, 0.75])
NOT_FINITE = st.sampled_from([math.nan, math.inf, -math.inf])


class Play:
    """Random but possible moves on a history."""

    def __init__(self, draw, goal):
        self.draw, self.answers = draw, history(goal=goal)

    def of(self, *states):
        return [t for t in self.answers.trials if t.state in states]

    def move(self):
        running, done = self.of(State.RUNNING), self.full()
        possible = ["start"] + ["end"] * 2 * bool(running) + ["promote"] * bool(done)
        getattr(self, self.draw(st.sampled_from(possible)))()

    def full(self):
        return [t for t in self.of(State.DONE) if t.epochs_trained == t.epochs < 9]

    def start(self):
        self.answers.start(CONFIG, self.draw(st.integers(1, 4)))

    def promote(self):
        trial = self.draw(st.sampled_from(self.full()))
        self.answers.promote(trial.number, self.draw(st.integers(trial.epochs + 1, 9)))

    def end(self):
        trial = self.draw(st.sampled_from(self.of(State.RUNNING)))
        state = self.draw(
            st.sampled_from([State.DONE, State.STOPPED, State.DIVERGED, State.FAILED])
        )
        done = state is State.DONE
        last = trial.epochs if done else self.draw(st.integers(0, trial.epochs))
        losses = FINITE if done else FINITE | NOT_FINITE
        news = [Measurement(n, {"loss": self.draw(losses)}) for n in range(1, last + 1)]
        self.answers.end(trial.number, state, news, "a reason")


@settings(deadline=None)
@given(st.data(), st.sampled_from(Goal), st.integers(1, 25))
def test_what_a_history_counts_is_what_its_trials_say(data, goal, moves):
    """After every move running, epochs and best are those of a recount over all trials."""
    play = Play(data.draw, goal)
    for version in range(1, moves + 1):
        play.move()
        answers, best = play.answers, best_of(play.answers)
        assert answers.version == version
        assert [t.number for t in answers.trials] == list(range(len(answers.trials)))
        assert answers.running == len(play.of(State.RUNNING))
        assert answers.epochs == sum(
            t.epochs if t.state is State.RUNNING else max(t.state.bad, t.epochs_trained)
            for t in answers.trials
        )
        if best is None:
            with pytest.raises(StudyError):
                _ = answers.best
        else:
            assert answers.best == best


def test_the_best_has_the_most_epochs_first():
    """Then the smallest loss, then the lowest number."""
    answers = history()
    ended(answers, State.DONE, 0.1)
    for losses in [(0.9, 0.5), (0.3, 0.4), (0.2, 0.4)]:
        ended(answers, State.DONE, *losses)
    ended(answers, State.STOPPED, 0.05, epochs=5)
    assert answers.best.number == 2


@pytest.mark.parametrize("state", [s for s in State if s.ended and s not in USABLE])
def test_what_went_wrong_is_never_the_best(state):
    """However good the last number was, and even where there is no other."""
    answers = history()
    ended(answers, state, 0.7, 0.01)
    with pytest.raises(StudyError):
        _ = answers.best
    ended(answers, State.DONE, 0.9)
    assert answers.best.number == 1


@pytest.mark.parametrize("state", [State.DIVERGED, State.FAILED])
def test_a_best_that_went_wrong_on_the_next_rung_is_the_best_no_more(state):
    """A trial is judged as it stands, not as it once stood."""
    answers = history()
    ended(answers, State.DONE, 0.2)
    ended(answers, State.DONE, 0.4)
    answers.promote(0, 3)
    answers.end(0, state, [Measurement(2, {"loss": math.nan})])
    assert answers.best.number == 1


def test_nothing_finite_is_an_error():
    """The sentence counts the trials, names the metric and says what to do."""
    answers = history(metric="error")
    for _ in range(3):
        ended(answers, State.DIVERGED, math.nan)
    with pytest.raises(StudyError) as caught:
        _ = answers.best
    assert str(caught.value) == (
        "none of the 3 trials gave a finite error: "
        "lower the top of the learning rate's range, or look at the reasons of the trials"
    )


def test_a_promoted_trial_keeps_its_number_and_its_first_measurements():
    """What is measured again, after a lost checkpoint, does not count twice."""
    answers = history()
    ended(answers, State.DONE, 0.9, 0.8)
    promoted = answers.promote(0, 5)
    assert (promoted.number, promoted.epochs, promoted.state) == (0, 5, State.RUNNING)
    assert answers.epochs == 5
    again = measured(0.7, 0.6, 0.5, 0.4, 0.3)
    trial = answers.end(0, State.DONE, again)
    assert trial.measurements == (*measured(0.9, 0.8), *again[2:])
    assert (answers.epochs, answers.running, len(answers.trials)) == (5, 0, 1)


def test_a_trial_that_ends_early_gives_its_epochs_back():
    """Given 7, trained 2: 2 were spent."""
    answers = history()
    ended(answers, State.DIVERGED, 0.7, math.nan, epochs=7)
    assert answers.epochs == 2


def test_trials_are_a_view():
    """It can be counted, sliced and gone through, and not changed."""
    answers = history()
    view = answers.trials
    for loss in (0.5, 0.25, 0.75):
        ended(answers, State.DONE, loss)
    assert (len(view), repr(view)) == (3, "<3 trials>")
    assert [t.number for t in view] == [t.number for t in view[0:3]] == [0, 1, 2]
    assert view[-1].number == 2
    with pytest.raises(TypeError):
        view[0] = view[1]


def calls_of_one_trial(answers):
    """Count every call, of Python or of C, that starting and ending one more trial makes."""
    calls = []
    sys.setprofile(lambda frame, event, argument: calls.append(event))
    try:
        ended(answers, State.DONE, 0.5, 0.4)
    finally:
        sys.setprofile(None)
    return len(calls)


def test_a_trial_costs_the_same_however_many_there_are():
    """The 1001st takes as many calls as the 7th; the least of three, as others may call too."""
    answers = history()
    costs = []
    for earlier in (6, 1000):
        while len(answers.trials) < earlier:
            ended(answers, State.DONE, 0.7, 0.3)
        costs.append(min(calls_of_one_trial(answers) for _ in range(3)))
    assert costs[0] == costs[1] > 0


# --- the digest ---------------------------------------------------------------------------------

SAME = {"state": State.DONE, "losses": (0.5, 0.25), "reason": "", "config": CONFIG, "epochs": 3}


def digest_of(*, state, losses, reason, config, epochs, seconds=0.0):
    answers = history()
    ended(answers, State.DONE, 0.75)
    ended(answers, state, *losses, config=config, epochs=epochs, reason=reason, seconds=seconds)
    return answers.digest


@pytest.mark.parametrize(
    "change",
    [
        {"state": State.STOPPED},
        {"reason": "stopped after 2 of 3 epochs"},
        {"losses": (0.5, math.nextafter(0.25, 1))},
        {"losses": (math.nextafter(0.5, 1), 0.25)},
        {"losses": (0.5,)},
        {"losses": (0.5, math.nan)},
        {"epochs": 4},
        {"config": Config({**CONFIG, "rate": 0.3})},
        {"config": Config({**CONFIG, "units": 6})},
        {"config": Config({**CONFIG, "kind": "a"})},
        {"config": Config({name: CONFIG[name] for name in ("rate", "units")})},
    ],
    ids=str,
)
def test_the_digest_sees_every_bit_of_a_trial(change):
    """A config, a measurement, a state or a reason that differs gives another one."""
    assert digest_of(**SAME | change) != digest_of(**SAME)


def test_the_digest_knows_no_time_and_no_order_of_names():
    """Nor whether a config was read back from a file."""
    turned = Config(dict(reversed(dict(CONFIG).items())))
    assert digest_of(**SAME, seconds=71.5) == digest_of(**SAME | {"config": turned})


def test_the_digest_knows_the_order_of_the_trials():
    """Trial 0 and trial 1 are not the same if they change places."""
    one, two = history(), history()
    for answers, losses in ((one, (0.5, 0.25)), (two, (0.25, 0.5))):
        for loss in losses:
            ended(answers, State.DONE, loss)
    assert one.digest != two.digest
    assert len(one.digest) == 64
