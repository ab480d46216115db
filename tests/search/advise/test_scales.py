"""Params on the wrong scale."""

import warnings

import numpy as np
import pytest

from tunesmith.search.advise.scales import alternatives, placed, scales
from tunesmith.space import LINEAR, LOG, LOG1M, Choice, Float, Int, Space


def space(scale, low=1e-6):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a scale that is wrong on purpose
        return Space(rate=Float(low, 1.0, scale=scale), idle=Float(0.2, 0.7))


def by_decades(config, chance):
    return (np.log10(config["rate"]) + 1.3) ** 2 + 0.01 * chance.standard_normal()


def by_distance(config, chance):
    return (config["rate"] - 0.6) ** 2 + 0.001 * chance.standard_normal()


@pytest.mark.parametrize(
    ("scale", "losses", "better"),
    [(LINEAR, by_decades, LOG), (LOG, by_distance, LINEAR)],
    ids=["a linear scale over six decades", "a log scale for a plain distance"],
)
def test_the_wrong_scale_is_named(drawn, scale, losses, better):
    """With the nats that decide it, and what to write instead."""
    history = drawn(space(scale), losses, 60)
    (advice,) = scales(history.study, history)
    assert advice.param == "rate"
    assert advice.figures["nats"] > advice.figures["decisive"] >= 5
    assert advice.text.endswith(f"use scale=ts.{better!r}")


@pytest.mark.parametrize(("scale", "losses"), [(LOG, by_decades), (LINEAR, by_distance)])
@pytest.mark.parametrize("seed", range(3))
def test_the_right_scale_is_left_alone(drawn, scale, losses, seed):
    """No advice where the scale is the one that the losses follow."""
    history = drawn(space(scale), losses, 60, seed=seed)
    assert scales(history.study, history) == ()


def test_near_one(drawn):
    """A linear scale where each decade of the distance from 1 counts alike."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        near = Space(beta=Float(0.5, 0.99999, scale=LINEAR), idle=Float(0.2, 0.7))
    history = drawn(near, lambda c, _: (np.log10(1 - c["beta"]) + 1.5) ** 2, 60)
    (advice,) = scales(history.study, history)
    assert advice.text.endswith("use scale=ts.LOG1M")


def test_few_trials_say_nothing(drawn):
    """With 19 trials there is no advice."""
    history = drawn(space(LINEAR), by_decades, 19)
    assert scales(history.study, history) == ()


def test_without_numbers_there_is_no_scale(drawn):
    """Choices have none."""
    history = drawn(Space(kind=Choice(("a", "b"))), lambda c, _: float(c["kind"] == "a"), 30)
    assert scales(history.study, history) == ()


@pytest.mark.parametrize(
    ("param", "expected"),
    [
        (Float(0, 7), []),
        (Float(3, 29), []),
        (Float(3, 31), [LOG]),
        (Float(3, 31, scale=LOG), [LINEAR]),
        (Float(0.9, 0.999, scale=LOG1M), [LINEAR]),
        (Float(0.001, 0.99, scale=LOG), [LINEAR, LOG1M]),
        (Int(2, 70), [LOG]),
        (Float(3, 20, limits=(1, 70)), [LOG]),
    ],
)
def test_alternatives(param, expected):
    """Drawn: those on which the range spans a decade, if the present one has as many."""
    assert alternatives(param) == expected


@pytest.mark.parametrize("param", [Float(0.01, 0.9), Int(2, 70), Float(0.01, 0.9, scale=LOG)])
def test_placed(param):
    """What a param at the same range on the other scale says; ends stay ends."""
    other = LINEAR if param.scale == LOG else LOG
    twin = type(param)(param.low, param.high, scale=other)
    units = np.array([0.0, 0.13, 0.5, 0.97, 1.0])
    moved = placed(param, other, units)
    assert moved[[0, -1]] == pytest.approx([0, 1])
    values = [param.value(unit) for unit in units]
    assert [twin.value(unit) for unit in np.clip(moved, 0, 1)] == pytest.approx(values)
