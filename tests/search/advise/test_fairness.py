"""Whether stopping early was fair."""

import pytest

from tunesmith.history import History
from tunesmith.search.advise.fairness import audited, fairness, noise_between
from tunesmith.space import Float, Space
from tunesmith.study import Goal, Recommendation, Study
from tunesmith.trial import Config, Measurement, State

SPACE = Space(a=Float(0, 1))


class Play:
    """A study of 9 epochs with rungs at 1 and 3."""

    def __init__(self, goal=Goal.MIN):
        self.history = History(Study(space=SPACE, trials=99, epochs=9, goal=goal))

    def train(self, losses, *, a=None, audit=False):
        """Train a trial to each of the epochs in `losses` in turn, at last as an audit or not."""
        number = None
        for epochs, loss in losses.items():
            if number is None:
                number = len(self.history.trials)
                self.history.start(Config({"a": number / 97 if a is None else a}), epochs)
            else:
                self.history.promote(number, epochs, audit=audit and epochs == 9)
            bad = loss != loss
            measured = [Measurement(epochs, {"loss": loss})]
            self.history.end(number, State.DIVERGED if bad else State.DONE, measured)
        return number

    def advice(self, chosen=None):
        return fairness(self.history.study, self.history, chosen)


def played(audits, **settings):
    """Return a study whose ladder came to 0.25 and 0.26 with one config, and its audits."""
    play = Play(**settings)
    sign = -1 if settings else 1
    for loss in (0.25, 0.26):
        play.train({1: sign * 0.5, 3: sign * 0.3, 9: sign * loss}, a=0.3)
    for loss in audits:
        play.train({1: sign * 0.9, 9: sign * loss}, audit=True)
    return play


def test_it_was_fair():
    """None of three beats the recommended one; how many might have is said."""
    (advice,) = played([0.4, 0.31, float("nan")]).advice()
    assert advice.text == (
        "stopping early was fair as far as 3 stopped trials tell that were trained to the end: "
        "the best, trial 3, stopped at 1 epoch, came to loss 0.31, and trial 0 has 0.25; "
        "of all that were stopped 0 to 56 % would have beaten it (95 % interval)"
    )
    assert advice.certain
    assert advice.figures["better"] == 0
    assert advice.figures["best"] == 0.31


@pytest.mark.parametrize("goal", [{}, {"goal": Goal.MAX}])
def test_it_was_not_fair(goal):
    """One comes to much less than trainings of one config differ by; scores are the metric's."""
    (advice,) = played([0.4, 0.1], **goal).advice()
    sign = "-" if goal else ""
    assert advice.text == (
        f"stopping early was not fair: trial 3, stopped at 1 epoch, came to loss {sign}0.1, "
        f"trial 0 has {sign}0.25, and trainings of one config differ by 0.0071; "
        "train longer before trials are stopped"
    )
    assert advice.certain


def test_within_the_noise_it_cannot_be_told():
    """A loss that is better by less than two deviations of a difference is no evidence."""
    (advice,) = played([0.4, 0.235]).advice()
    assert advice.text.startswith("cannot tell whether stopping early was fair: trial 3, stopped")
    assert not advice.certain


def test_without_noise_known_it_cannot_be_told():
    """Where no config was trained twice, a better loss may be luck."""
    play = Play()
    play.train({1: 0.5, 3: 0.3, 9: 0.25})
    play.train({1: 0.9, 9: 0.1}, audit=True)
    (advice,) = play.advice()
    assert advice.text.endswith("but how much trainings of one config differ is unknown")
    assert "noise" not in advice.figures


def test_the_recommended_one_is_the_rival():
    """By the mean over its trainings; one that was audited itself is no rival."""
    play = played([0.4, 0.1])
    chosen = Recommendation(number=0, trainings=(0, 1), close=(), reason="")
    assert play.advice(chosen)[0].figures["rival"] == pytest.approx(0.255)
    itself = Recommendation(number=3, trainings=(3,), close=(), reason="")
    assert play.advice(itself)[0].figures["rival"] == 0.25


def test_who_went_on_by_merit_was_not_audited():
    """Nor who began with the full training, nor who was stopped."""
    play = Play()
    play.train({1: 0.5, 3: 0.4, 9: 0.3})
    play.train({9: 0.2})
    play.train({3: 0.4, 9: 0.1})
    play.train({1: 0.7})
    assert audited(play.history.study, play.history) == ()
    assert play.advice() == ()
    play.train({1: 0.6, 9: 0.35}, audit=True)
    (found,) = audited(play.history.study, play.history)
    assert (found.number, found.stopped, found.loss) == (4, 1, 0.35)


def test_noise_is_pooled():
    """Drawn: two configs with two and three trainings; one that was trained once says nothing."""
    play = Play()
    for a, losses in ((0.1, (0.3, 0.5)), (0.2, (0.1, 0.2, 0.3)), (0.3, (0.7,))):
        for loss in losses:
            play.train({9: loss}, a=a)
    expected = ((0.02 + 0.02) / 3) ** 0.5
    assert noise_between(play.history.study, play.history) == pytest.approx(expected)
    assert noise_between(Play().history.study, Play().history) is None


def test_differences_that_no_float_holds():
    """The noise between trainings of one config is then unknown, and nothing is raised."""
    play = Play()
    for loss in (1.5e308, -1.6e308):
        play.train({1: 0.5, 9: loss}, a=0.3)
    assert noise_between(play.history.study, play.history) is None
    play = Play()
    for loss in (1.5e200, 2.5e200):
        play.train({1: 0.5, 9: loss}, a=0.6)
    assert noise_between(play.history.study, play.history) == pytest.approx(0.5e200 * 2**0.5)
