"""Whether early ranks agree with late ones."""

import numpy as np
import pytest

from tunesmith.search.advise.agreement import agreement, tau_interval
from tunesmith.space import Float, Space

SPACE = Space(a=Float(0, 1))


def curves(late):
    """Return losses of two epochs for nine trials in ten; others stop after the first."""

    def losses(config, chance):
        first = config["a"]
        return [first] if chance.random() < 0.1 else [first, late(first, chance)]

    return losses


@pytest.mark.parametrize(
    ("late", "said", "certain"),
    [
        (lambda a, chance: a + 0.1 * chance.standard_normal(), "early ranks agree with", True),
        (lambda a, _: -a, "early ranks do not agree with", True),
        (lambda _, chance: chance.random(), "early ranks do not agree with", True),
    ],
    ids=["agree", "opposite", "unrelated"],
)
def test_the_truth_is_told(drawn, late, said, certain):
    """With 81 trials on both rungs, whether ranks agree, are reversed, or are unrelated."""
    history = drawn(SPACE, curves(late), 90, epochs=2)
    (advice,) = agreement(history.study, history)
    assert advice.text.startswith(said)
    assert advice.certain is certain
    assert advice.figures["low"] < advice.figures["tau"] < advice.figures["high"] or abs(
        advice.figures["tau"]
    ) == pytest.approx(1)
    assert ("train for 2 epochs" in advice.text) == ("not" in said)


def test_few_trials_tell_nothing(drawn):
    """Seven on both rungs, loosely related: the interval is wide, and it says so."""
    late = curves(lambda a, chance: a + 0.5 * chance.standard_normal())
    history = drawn(SPACE, late, 7, epochs=2)
    (advice,) = agreement(history.study, history)
    assert advice.text.startswith("cannot tell whether early ranks agree with late ones")
    assert not advice.certain


def test_one_rung_has_no_neighbour(drawn):
    """Nor do three trials make a rank."""
    assert agreement(*(lambda h: (h.study, h))(drawn(SPACE, lambda c, _: c["a"], 30))) == ()
    few = drawn(SPACE, curves(lambda a, _: a), 3, epochs=2)
    assert agreement(few.study, few) == ()


@pytest.mark.parametrize("ties", [False, True])
def test_tau_is_scipy_s(ties):
    """Kendall's tau-b, with ties and without; the interval holds it."""
    from scipy.stats import kendalltau

    chance = np.random.default_rng(7)
    a = chance.random(43)
    b = a + 0.7 * chance.random(43)
    if ties:
        a, b = np.round(5 * a), np.round(5 * b)
    tau, low, high = tau_interval(a, b, chance)
    assert tau == pytest.approx(kendalltau(a, b).statistic)
    assert low < tau < high


def test_the_interval_holds_the_truth():
    """Of pairs with a correlation of 0.6, whose tau is 0.41, nine intervals in ten or more do."""
    chance = np.random.default_rng(5)
    truth = 2 / np.pi * np.arcsin(0.6)
    held = 0
    for _ in range(60):
        a = chance.standard_normal(40)
        b = 0.6 * a + 0.8 * chance.standard_normal(40)
        _, low, high = tau_interval(a, b, chance)
        held += low <= truth <= high
    assert held >= 54


def test_differences_that_no_float_holds():
    """Ranks are compared, not differences: the largest of both signs agree with small ones."""
    largest = np.array([-1.7e308, -3e307, 2e307, 1.6e308, 1.7e308])
    chance = np.random.default_rng(3)
    tau, low, high = tau_interval(largest, np.array([0.1, 0.2, 0.3, 0.4, 0.5]), chance)
    assert (tau, low, high) == (1.0, 1.0, 1.0)
