"""Ranges that end too early."""

import numpy as np
import pytest

import tunesmith as ts
from tunesmith.search.advise.bounds import bounds, wider
from tunesmith.space import LINEAR, LOG, LOG1M, Float, Int, Space


def space(**rate):
    return Space(
        rate=Float(**{"low": 1e-5, "high": 1.0, "scale": LOG} | rate), idle=Float(0.2, 0.7)
    )


def bowl(config, _=None):
    """Return a loss whose best rate is 0.01."""
    return (np.log10(config["rate"]) + 2) ** 2


@pytest.mark.parametrize(
    ("ends", "side"),
    [({"high": 1e-3}, "high"), ({"low": 0.1}, "low")],
)
def test_the_best_beyond_an_end(drawn, ends, side):
    """The end that cuts it off is named, with its share, and a wider one on its scale."""
    history = drawn(space(**ends), bowl, 100, seed=2)
    (advice,) = bounds(history.study, history)
    assert advice.param == "rate"
    assert f"the best crowd the {side} end of rate" in advice.text
    (end,) = ends.values()
    assert advice.figures["end"] == end
    assert (advice.figures["to"] > end) == (side == "high")
    assert 0 < advice.figures["share_low"] < advice.figures["share"] <= 1


@pytest.mark.parametrize("seed", range(3))
def test_the_best_inside(drawn, seed):
    """Nothing is said of ranges that hold the best, nor of a param without effect."""
    history = drawn(space(), bowl, 60, seed=seed)
    assert bounds(history.study, history) == ()


def test_near_an_end_is_not_beyond_it():
    """The best lies within a tenth of the range from its end, and a search crowds there."""
    near = Space(rate=Float(1e-5, 0.013, scale=LOG), idle=Float(0.2, 0.7))
    history = ts.tune(bowl, near, trials=50, seed=3)
    assert [advice for advice in bounds(history.study, history) if advice.param == "rate"] == []


def test_a_search_that_closes_in():
    """Coarse to fine ends at the end of a hard range; what it hands on is not crowded."""
    history = ts.tune(bowl, space(high=1e-3), trials=40, seed=3)
    assert [advice.param for advice in bounds(history.study, history)] == ["rate"]


def test_nothing_lies_beyond_a_natural_end(drawn):
    """A share goes from 0 to 1, and a network has one layer at least."""
    params = Space(share=Float(0, 1), keep=Float(0.3, 1), layers=Int(1, 5))
    history = drawn(params, lambda c, _: c["share"] - c["keep"] + c["layers"], 90)
    assert bounds(history.study, history) == ()


def test_a_whole_number_at_its_last_value(drawn):
    """More layers are better: the next higher number is the least that is advised."""
    history = drawn(Space(layers=Int(2, 5), idle=Float(0.2, 0.7)), lambda c, _: -c["layers"], 60)
    (advice,) = bounds(history.study, history)
    assert (advice.param, advice.figures["end"], advice.figures["to"]) == ("layers", 5, 6)


def test_few_trials_say_nothing(drawn):
    """With 19 trials there is no advice."""
    history = drawn(space(high=1e-3), bowl, 19)
    assert bounds(history.study, history) == ()


@pytest.mark.parametrize(
    ("param", "value", "other", "expected"),
    [
        (Float(1e-4, 0.1, scale=LOG), 0.1, 1e-4, 3.0),
        (Float(1e-4, 0.1, scale=LOG), 1e-4, 0.1, 3e-6),
        (Float(0.9, 0.99, scale=LOG1M), 0.99, 0.9, 0.997),
        (Float(0.3, 0.7, scale=LINEAR), 0.7, 0.3, 0.9),
        (Float(0.1, 0.7, scale=LINEAR), 0.1, 0.7, 0.0),
        (Int(2, 3), 3, 2, 4),
        (Int(3, 90, scale=LOG), 3, 90, 1),
    ],
)
def test_wider(param, value, other, expected):
    """Drawn: by half of the width on the param's own scale; never past 0 on a linear one."""
    assert wider(param, value, other) == pytest.approx(expected)
