"""The answers: what a history counts, whom it calls the best, and its digest."""

import math
import sys
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.errors import StudyError
from tunesmith.history import History
from tunesmith.space import LOG, Choice, Float, Int, Space
from tunesmith.study import Goal, Recommendation, Round, Study
from tunesmith.trial import Config, Measurement, Origin, State

SPACE = Space(rate=Float(1e-3, 0.7, scale=LOG), units=Int(3, 17), kind=Choice(("a", 1, None)))
CONFIG = Config({"rate": 0.1 + 0.2, "units": 5, "kind": None})
OTHER = Config({"rate": 0.3, "units": 5, "kind": None})
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


def config_number(number):
    """Return a config of its own for every number."""
    return Config({**CONFIG, "rate": 0.7 / (1 + number)})


def round_number(number, first):
    """Return a round of which only its number and its first trial matter."""
    ends = {
        "low": (0.0,) * 3,
        "high": (1.0,) * 3,
        "whole_low": (0.0,) * 3,
        "whole_high": (1.0,) * 3,
    }
    ranges = MappingProxyType({"units": (3, 17)})
    return Round(number=number, first=first, **ends, ranges=ranges, reason="")


# --- what is counted, and who is the best -------------------------------------------------------


def best_of(answers):
    """Return the trial to recommend, by looking at all of them; None if there is none."""
    reached = {
        t.number: t.epochs if t.state is State.DONE else t.epochs_trained for t in answers.trials
    }
    finite = [t for t in answers.trials if math.isfinite(answers.study.loss(t))]
    usable = [t for t in finite if t.state in USABLE]

    def loss(trial):
        alike = [
            answers.study.loss(t)
            for t in usable
            if (t.config, reached[t.number]) == (trial.config, reached[trial.number])
        ]
        return math.fsum(alike) / len(alike)

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
        config = self.draw(st.sampled_from([CONFIG, OTHER]))
        self.answers.start(config, self.draw(st.integers(1, 4)))

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
        running = {t.number for t in play.of(State.RUNNING)}
        assert set(answers.running) == running
        assert answers.epochs == sum(
            t.epochs if t.state is State.RUNNING else max(t.state.bad, t.epochs_trained)
            for t in answers.trials
        )
        if best is None:
            with pytest.raises(StudyError):
                _ = answers.best
        else:
            assert answers.best == best == answers.ranked()[0]


def test_the_best_has_the_most_epochs_first():
    """Then the smallest loss, then the lowest number."""
    answers = history()
    ended(answers, State.DONE, 0.1, config=config_number(0))
    for number, losses in enumerate([(0.9, 0.5), (0.3, 0.4), (0.2, 0.4)], start=1):
        ended(answers, State.DONE, *losses, config=config_number(number))
    ended(answers, State.STOPPED, 0.05, epochs=5, config=config_number(5))
    assert answers.best.number == 2
    assert [trial.number for trial in answers.ranked()] == [2, 3, 1, 4, 0]


def test_the_best_is_no_lucky_seed():
    """The mean over a config's trainings counts, at the same epochs; its first trial stands for it.

    A training that went wrong, or ended early, says nothing of the mean.
    """
    answers = history()
    ended(answers, State.DONE, 0.9, 0.1)
    assert answers.best.number == 0
    ended(answers, State.DONE, 0.7, 0.5, config=OTHER)
    ended(answers, State.DONE, 0.7, 0.4, config=OTHER)
    assert answers.best.number == 0
    ended(answers, State.DONE, 0.7, 0.9)
    assert answers.best.number == 1
    ended(answers, State.DIVERGED, 0.7, math.nan, config=OTHER)
    ended(answers, State.STOPPED, 0.99, epochs=2, config=OTHER)
    assert answers.best.number == 1
    assert [trial.number for trial in answers.ranked()] == [1, 2, 0, 3, 5]


def test_what_is_recommended_is_the_best():
    """The search knows better than the means; all else keeps its order."""
    answers = history()
    for loss in (0.5, 0.2, 0.3):
        ended(answers, State.DONE, loss, config=config_number(loss))
    answers.recommendation = Recommendation(number=2, trainings=(2,), close=(1,), reason="")
    assert answers.best.number == 2
    assert [trial.number for trial in answers.ranked()] == [2, 1, 0]


def test_a_trial_belongs_to_the_round_that_is_open():
    """The one that it opens, or the last that was opened; and it says where it comes from."""
    answers, (one, two) = history(), (round_number(0, 0), round_number(1, 2))
    for origin, opened in zip(
        (Origin.RANGES, Origin.AGAIN, Origin.ANYWHERE, Origin.RANGES),
        (one, None, two, None),
        strict=True,
    ):
        answers.start(CONFIG, 5, origin, opened)
    assert answers.rounds == (one, two)
    assert [trial.round for trial in answers.trials] == [0, 0, 1, 1]
    assert [t.origin.value for t in answers.trials] == ["ranges", "again", "anywhere", "ranges"]
    plain = history().start(CONFIG, 5)
    assert (plain.round, plain.origin) == (0, Origin.ANYWHERE)


def test_endings_are_in_the_order_they_came():
    """A trial that was promoted ends again."""
    answers = history()
    for _ in range(3):
        answers.start(CONFIG, 2)
    for number in (2, 0):
        answers.end(number, State.DONE, measured(0.5, 0.4))
    answers.promote(2, 5)
    assert answers.running == (1, 2)
    answers.end(2, State.STOPPED, measured(0.5, 0.4, 0.3))
    assert [ending.number for ending in answers.endings] == [2, 0, 2]
    assert answers.running == (1,)


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
    ended(answers, State.DONE, 0.4, config=OTHER)
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
        "either training diverged (lower the top of the learning rate's range), or error cannot be "
        "computed on the rows that judge (a single class, or values too large or too small for "
        "it); the reasons of the trials say more"
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
    assert (answers.epochs, answers.running, len(answers.trials)) == (5, (), 1)


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
    calls, config = [], config_number(len(answers.trials))
    sys.setprofile(lambda frame, event, argument: calls.append(event))
    try:
        ended(answers, State.DONE, 0.5, 0.4, config=config)
    finally:
        sys.setprofile(None)
    return len(calls)


def test_a_trial_costs_the_same_however_many_there_are():
    """The 1001st takes as many calls as the 7th; the least of three, as others may call too."""
    answers = history()
    costs = []
    for earlier in (6, 1000):
        while len(answers.trials) < earlier:
            ended(answers, State.DONE, 0.7, 0.3, config=config_number(len(answers.trials)))
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
