"""Whether more trials would help."""

import numpy as np
import pytest

import tunesmith as ts
from tunesmith import rng
from tunesmith.search.advise.gain import Prospect, gain
from tunesmith.space import Choice, Float, Space

SPACE = Space(a=Float(0, 1), b=Float(0, 1), c=Float(0, 1))


def bowl(config):
    return sum((config[name] - best) ** 2 for name, best in (("a", 0.3), ("b", 0.6), ("c", 0.7)))


def test_noise_hides_what_is_left():
    """A search that has closed in on a noisy bowl has nothing to gain; the numbers say why."""

    def objective(attempt):
        return bowl(attempt) + 0.1 * rng.stream(3, attempt.number).standard_normal()

    history = ts.tune(objective, SPACE, trials=80, seed=3)
    (advice,) = gain(history.study, history)
    assert advice.text.startswith("more trials would probably not help: the next one is expected")
    assert advice.figures["gain"] <= 0.25 * advice.figures["noise"]
    assert advice.figures["noise"] == pytest.approx(0.1, rel=0.7)
    assert advice.certain


def test_much_is_left(drawn):
    """24 trials of three params, at random and without noise: more would help."""
    history = drawn(SPACE, lambda c, _: bowl(c), 24)
    (advice,) = gain(history.study, history)
    assert advice.text.startswith("more trials would probably help")


@pytest.mark.parametrize(("trials", "said"), [(7, 0), (8, 1), (23, 1)])
def test_too_few_trials(drawn, trials, said):
    """Below 24 it cannot be told, and below 8 that is not even said."""
    history = drawn(SPACE, lambda c, _: bowl(c), trials)
    found = gain(history.study, history)
    assert len(found) == said
    assert all(not advice.certain for advice in found)
    assert all(f"{trials} gave a finite loss" in advice.text for advice in found)


def test_where_all_was_tried(drawn):
    """Nothing is to be gained in a space without a new config."""
    space = Space(kind=Choice(tuple("abcde")))
    history = drawn(space, lambda c, r: "abcde".index(c["kind"]) + r.standard_normal(), 60)
    (advice,) = gain(history.study, history)
    assert advice.figures["gain"] == 0
    assert not advice.text.startswith("more trials would probably help")


@pytest.mark.parametrize(
    ("gained", "unsure", "expected"),
    [
        (1.0, 0.1, True),
        (0.99, 0.1, None),
        (0.26, 0.1, None),
        (0.25, 0.5, False),
        (0.25, 0.51, None),
    ],
)
def test_when_it_is_said(gained, unsure, expected):
    """Drawn, with a noise of 3: what a gain, and a best so well known, come to."""
    ahead = Prospect(gain=3 * gained, noise=3.0, unsure=3 * unsure)
    assert ahead.helps is expected


def test_the_metric_s_unit_does_not_matter(drawn):
    """Losses a thousand times as large give numbers a thousand times as large."""
    small, large = (
        gain(*(lambda h: (h.study, h))(drawn(SPACE, lambda c, _, s=s: s * bowl(c), 30)))[0]
        for s in (1, 1000)
    )
    for name, value in small.figures.items():
        assert large.figures[name] == pytest.approx(1000 * value, rel=1e-3)
    assert np.isfinite(list(small.figures.values())).all()


def test_a_space_without_a_choice(drawn):
    """24 trainings of the only config, to measure noise: there is nothing to say."""
    history = drawn(Space(a=Choice((0.5,))), lambda _, chance: chance.normal(), 24)
    assert gain(history.study, history) == ()
