import pytest
from tests.report.conftest import played

from tunesmith.report.curves import LINES, POINTS, curve, curves, drawn, lines
from tunesmith.trial import Measurement, State


def test_a_curve_is_epochs_and_scores():
    """The curve of a trial of three epochs, in full."""
    history = played()
    epochs, scores = curve(["accuracy"], history.trials[4])
    assert epochs == list(range(1, 10))
    assert scores[0] == pytest.approx(scores[-1] - 0.3 + 0.3 / 9)


def test_a_long_curve_is_thinned_and_says_where_it_diverged():
    """More epochs than points: the last value, which is not finite, is text."""
    history = played(1, finished=False)
    history.promote(0, 9)
    news = [Measurement(e, {"accuracy": float(e)}) for e in range(2, 401)]
    history.end(0, State.DIVERGED, [*news, Measurement(401, {"accuracy": float("inf")})])
    epochs, scores = curve(["accuracy"], history.trials[0])
    assert len(epochs) == len(scores) <= POINTS
    assert (epochs[-1], scores[-1]) == (401, "inf")


def test_the_best_are_drawn_and_some_of_the_others():
    """Of 8 trials of several epochs at most 5 are drawn: the best two, and three others."""
    history = played(23)
    several = [t.number for t in history.trials if t.epochs_trained > 1]
    few = [t.number for t in drawn(history, 5)]
    best = [t.number for t in history.ranked() if t.epochs_trained > 1][:2]
    assert len(several) > 5
    assert len(few) == 5
    assert set(best) <= set(few)
    assert few == sorted(few)
    assert set(curves(history, drawn(history))) == {str(number) for number in several}


def test_other_metrics_have_curves_too():
    """The study's comes first.

    What was measured once, at the end, has none, and no more than so many have.
    """
    history = played(0, finished=False)
    assert lines(history) == ["accuracy"]
    history.start(played().trials[0].config, 3)
    each = {"loss": 0.5, "accuracy": 0.25, "train_loss": float("nan"), "a": 1.0, "b": 2.0}
    both = [Measurement(1, each), Measurement(2, {"accuracy": 0.5, "half": 1.0})]
    history.end(0, State.DONE, both)
    names = lines(history)
    assert names == ["accuracy", "loss", "train_loss", "a"]
    assert len(names) == LINES
    assert curve(names[:3], history.trials[0]) == [[1, 2], [0.25, 0.5], [0.5, None], ["nan", None]]
