"""Evidence: what grew with a history is what a look at the whole history says."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.history import History
from tunesmith.search.propose.axes import axes_of
from tunesmith.search.propose.evidence import ALIKE, Evidence, seen
from tunesmith.space import LOG, Choice, Float, Int, Space
from tunesmith.study import Goal, Study
from tunesmith.trial import Config, Measurement, State

SPACE = Space(
    rate=Float(1e-3, 0.7, scale=LOG, limits=(1e-5, 3.0)),
    kind=Choice(("a", "b")),
    units=Int(3, 17, when={"kind": "b"}),
)
AXES = axes_of(SPACE)
CONFIGS = [
    Config({"rate": 0.02, "kind": "a"}),
    Config({"rate": 2.5, "kind": "b", "units": 7}),
    Config({"rate": 0.6, "kind": "b", "units": 17}),
]


def history(goal=Goal.MIN):
    return History(Study(space=SPACE, goal=goal, trials=99, epochs=9))


def recount(answers):
    """Return points, losses and points that run, by looking at all trials."""
    said = []
    for number, epochs in answers.endings:
        trial = answers.trials[number]
        if trial.state.bad and trial.epochs == epochs:
            said.append((epochs, np.inf, number))
        elif trial.epochs_trained >= epochs:
            said.append((epochs, answers.study.loss_at(trial, epochs), number))
    says = {number: None for _, _, number in said}
    for rung in sorted({epochs for epochs, _, _ in said}):
        here = sorted((s for s in said if s[0] == rung), key=lambda s: s[1])
        climbed = [n for _, loss, n in here if loss < np.inf and says[n] not in (None, np.inf)]
        shares, nearest = sorted(says[n] for n in climbed), None
        for _, loss, number in here:
            if loss == np.inf:
                says[number] = np.inf
            elif number in climbed:
                nearest = says[number] = shares.pop(0)
            else:
                nearest = shares[0] if nearest is None and shares else nearest
                says[number] = loss if nearest is None else nearest
    losses = list(says.values())
    running = [number for number in answers.running if number not in says]
    points, places = (
        [AXES.encode(answers.trials[n].config).tolist() for n in numbers]
        for numbers in (says, running)
    )
    return points, losses, places


def told(known):
    return known.points.tolist(), known.losses.tolist(), known.running.tolist()


class Play:
    """Random but possible moves on a history."""

    def __init__(self, draw, goal):
        self.draw, self.answers = draw, history(goal)

    def of(self, *states):
        return [t for t in self.answers.trials if t.state in states]

    def full(self):
        return [t for t in self.of(State.PAUSED) if t.epochs_trained == t.epochs]

    def move(self, *, promoting):
        running = self.of(State.RUNNING)
        possible = [self.start] + [self.end] * 3 * bool(running)
        possible += [self.promote] * 2 * (promoting * bool(self.full()))
        self.draw(st.sampled_from(possible))()

    def start(self):
        config = self.draw(st.sampled_from(CONFIGS))
        self.answers.start(config, self.draw(st.integers(1, 4)))

    def promote(self):
        trial = self.draw(st.sampled_from(self.full()))
        self.answers.promote(trial.number, self.draw(st.integers(trial.epochs + 1, 9)))

    def end(self):
        trial = self.draw(st.sampled_from(self.of(State.RUNNING)))
        state = self.draw(st.sampled_from([State.DONE, State.DONE, State.STOPPED, State.FAILED]))
        last = trial.epochs if state is State.DONE else self.draw(st.integers(0, trial.epochs))
        losses = st.sampled_from([0.25, 0.5, 0.75, np.nan])
        news = [Measurement(n, {"loss": self.draw(losses)}) for n in range(1, last + 1)]
        self.answers.end(trial.number, state, news)


@settings(max_examples=60)
@given(
    data=st.data(), goal=st.sampled_from(Goal), moves=st.integers(1, 25), every=st.integers(1, 9)
)
def test_it_equals_a_recount(data, goal, moves, every):
    """After every few moves: read on from there, or read anew, it says what a recount says."""
    play, evidence = Play(data.draw, goal), Evidence(AXES)
    for move in range(1, moves + 1):
        play.move(promoting=True)
        if move % every == 0:
            now = evidence.read(play.answers)
            assert now.trained == replace(now, counts=None).trained
            known = told(now)
            assert known == told(Evidence(AXES).read(play.answers)) == recount(play.answers)


@settings(max_examples=60)
@given(data=st.data(), moves=st.integers(1, 25), every=st.integers(1, 9))
def test_it_does_not_matter_when_it_was_read(data, moves, every):
    """What the smoothness is estimated from is that of one moment, whoever looked when."""
    play, evidence = Play(data.draw, Goal.MIN), Evidence(AXES)
    for move in range(1, moves + 1):
        play.move(promoting=True)
        if move % every == 0:
            often, once = (e.read(play.answers).basis for e in (evidence, Evidence(AXES)))
            assert (often is None) is (once is None)
            if often is not None:
                assert often.points.tolist() == once.points.tolist()
                assert often.losses.tolist() == once.losses.tolist()


def test_what_went_wrong_and_what_was_stopped():
    """The first has an infinite loss; the second says nothing; order is that of the endings."""
    answers = history()
    for config in (*CONFIGS, CONFIGS[0], CONFIGS[1]):
        answers.start(config, 3)
    for number, state, loss in [
        (3, State.DONE, 0.5),
        (0, State.DIVERGED, 0.1),
        (4, State.STOPPED, 0.2),
        (1, State.DONE, 0.3),
    ]:
        epochs = (1, 2) if state is State.STOPPED else (1, 2, 3)
        answers.end(number, state, [Measurement(n, {"loss": loss}) for n in epochs])
    known = seen(AXES, answers)
    points = [AXES.encode(CONFIGS[n]).tolist() for n in (0, 0, 1)]
    assert told(known) == (points, [0.5, np.inf, 0.3], [AXES.encode(CONFIGS[2]).tolist()])


def test_what_was_read_stays_as_it_was():
    """Who keeps a reading keeps that moment, whatever happens next."""
    answers, evidence = history(), Evidence(AXES)
    answers.start(CONFIGS[0], 1)
    answers.end(0, State.DONE, [Measurement(1, {"loss": 0.5})])
    known = evidence.read(answers)
    before = told(known)
    answers.promote(0, 5)
    answers.start(CONFIGS[1], 5)
    for number in (0, 1):
        answers.end(number, State.DONE, [Measurement(5, {"loss": 0.25})])
    assert told(evidence.read(answers)) != before == told(known)


def trained(*said):
    """Return whether trainings are exact that ended with (config, epochs, loss), in this order."""
    answers = history()
    for config, epochs, loss in said:
        number = answers.start(CONFIGS[config], epochs).number
        bad = not np.isfinite(loss)
        news = [Measurement(n, {"loss": loss}) for n in range(1, epochs + 1)]
        answers.end(number, State.DIVERGED if bad else State.DONE, news)
    evidence = Evidence(AXES)
    assert evidence.read(answers).exact is evidence.longest(answers).exact
    return evidence.read(answers).exact


def test_trainings_that_never_differ():
    """So many second ones have to come out alike; one that does not is enough to say no."""
    alike = [(0, 3, 0.5)] * (ALIKE + 1)
    assert trained(*alike)
    assert trained((1, 3, 0.25), *alike, (2, 3, 0.75))
    assert not trained(*alike[1:])
    assert not trained(*alike, (0, 3, 0.5 + 1e-12))
    assert not trained((1, 3, 0.5), (1, 3, 0.25), *alike)
    assert not trained(*alike, (0, 3, np.nan))
    assert not trained(*[(0, 3, np.nan)] * (ALIKE + 1))


def test_trainings_of_other_lengths_are_not_compared():
    """A loss after one epoch says nothing of that after three."""
    assert not trained(*[(0, 1, 0.5), (0, 2, 0.5), (0, 3, 0.5), (0, 4, 0.5), (0, 5, 0.5)])
    assert trained((0, 1, 0.75), *[(0, 3, 0.5)] * (ALIKE + 1))


@pytest.mark.parametrize("told_of", [0, 3])
def test_each_history_has_its_own(told_of):
    """Two histories of one study do not mix."""
    one, other = history(), history()
    for _ in range(told_of):
        one.start(CONFIGS[0], 1)
    assert (len(seen(AXES, one).running), len(seen(AXES, other).running)) == (told_of, 0)


def calls_of_a_reading(answers):
    """Count every call, of Python or of C, that a reading makes after one more trial."""
    number = answers.start(CONFIGS[0], 1).number
    answers.end(number, State.DONE, [Measurement(1, {"loss": 0.5})])
    calls = []
    sys.setprofile(lambda frame, event, argument: calls.append(event))
    try:
        seen(AXES, answers)
    finally:
        sys.setprofile(None)
    return len(calls)


def test_a_reading_costs_what_is_new():
    """After the 701st trial as after the 7th; the least of three, as arrays grow now and then."""
    answers, costs = history(), []
    for earlier in (6, 700):
        while len(answers.trials) < earlier:
            calls_of_a_reading(answers)
        costs.append(min(calls_of_a_reading(answers) for _ in range(3)))
    assert costs[0] == costs[1] > 0
