"""Trials that can be compared."""

import numpy as np
import pytest

from tunesmith.history import History
from tunesmith.search.advise.judged import Judged, after, epochs_text, highest, judged
from tunesmith.space import Float, Space
from tunesmith.study import Study
from tunesmith.trial import Config, Measurement, State

SPACE = Space(a=Float(0, 1), b=Float(0, 1))


def climbed():
    """Return a history: three trials at 1 epoch, of which one went on and one diverged at 1."""
    history = History(Study(space=SPACE, trials=9, epochs=5))
    for number, loss in enumerate((0.7, 0.3, float("nan"), 0.5)):
        history.start(Config({"a": number / 7, "b": 0.3}), 1)
        bad = loss != loss
        state = State.DIVERGED if bad else State.DONE
        history.end(number, state, [Measurement(1, {"loss": loss})])
    history.promote(1, 5)
    history.end(1, State.DONE, [Measurement(5, {"loss": 0.2})])
    return history


def rung(points, losses):
    numbers = np.arange(len(losses))
    return Judged(epochs=3, numbers=numbers, points=np.array(points), losses=np.array(losses))


def test_rungs_hold_who_was_judged_there():
    """Drawn: the shortest first, the best first, what went wrong last; points as encoded."""
    history = climbed()
    first, last = judged(history.study, history)
    assert (first.epochs, last.epochs) == (1, 5)
    assert first.numbers.tolist() == [1, 3, 0, 2]
    assert first.losses.tolist() == [0.3, 0.5, 0.7, np.inf]
    assert first.points[:, 0] == pytest.approx([1 / 7, 3 / 7, 0, 2 / 7])
    assert (last.numbers.tolist(), last.losses.tolist()) == ([1], [0.2])
    assert (len(first), first.usable) == (4, 3)


def test_they_are_kept_until_the_history_changes():
    """The same answer, not a new one; and a new one after a new trial."""
    history = climbed()
    before = judged(history.study, history)
    assert judged(history.study, history) is before
    history.start(Config({"a": 0.9, "b": 0.1}), 1)
    history.end(4, State.DONE, [Measurement(1, {"loss": 0.1})])
    assert judged(history.study, history)[0].numbers.tolist() == [4, 1, 3, 0, 2]


def test_the_highest_with_enough():
    """The longest rung with so many finite losses; what diverged does not count."""
    history = climbed()
    rungs = judged(history.study, history)
    assert [highest(rungs, least) for least in (1, 2, 3, 4)] == [rungs[1], *rungs[:1] * 2, None]


def test_thinning_is_even_by_rank():
    """Drawn: the best and the worst stay."""
    many = rung([[0.1]] * 11, range(11))
    assert many.thinned(5).losses.tolist() == [0, 2, 5, 7, 10]
    assert many.thinned(11) is many


def test_scattering_takes_the_farthest():
    """Drawn on a line: the best, then whatever is farthest from all before; in order of rank."""
    line = rung([[0.5], [0.51], [0.1], [0.52], [0.95]], [1, 2, 3, 4, 5])
    assert line.scattered(3).points.ravel().tolist() == [0.5, 0.1, 0.95]
    assert line.scattered(5) is line


def test_marks_are_spread_out():
    """Mean 0 and variance 1, rising with the loss."""
    marks = rung([[0.1]] * 5, [0.1, 0.2, 0.3, 3.0, np.inf]).marks
    assert (marks.mean(), marks.std()) == pytest.approx((0, 1), abs=1e-12)
    assert (np.diff(marks) >= 0).all()


def test_epochs_in_words():
    """One epoch is not many, and where there is but one it is not mentioned."""
    assert (epochs_text(1), epochs_text(27)) == ("1 epoch", "27 epochs")
    assert after(Study(space=SPACE, trials=3, epochs=9), 3) == " after 3 epochs"
    assert after(Study(space=SPACE, trials=3), 1) == ""
