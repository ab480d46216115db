"""Histories as a search would make them, without one: two rounds, three rungs, and faults."""

import math
from types import MappingProxyType

import pytest

from tunesmith.history import History
from tunesmith.space import LOG, LOG1M, Choice, Float, Int, Space
from tunesmith.study import Goal, Round, Study
from tunesmith.trial import Config, Measurement, State

RUNGS = (1, 3, 9)
KINDS = ("relu", "tanh")


def study_of(**changes):
    """Return a question with a param of each kind."""
    space = Space(
        rate=Float(1e-4, 0.3, scale=LOG, limits=(1e-5, 0.9)),
        momentum=Float(0.9, 0.999, scale=LOG1M),
        units=Int(3, 97, scale=LOG),
        kind=Choice(KINDS),
    )
    asked = {"space": space, "metric": "accuracy", "goal": Goal.MAX, "epochs": 9, "trials": 23}
    return Study(**(asked | changes))


def config(number):
    """Return configs that lie everywhere."""
    return Config(
        {
            "rate": 10 ** (-4 + 3.3 * (0.31 * number % 1)),
            "momentum": 0.9 + 0.099 * (0.57 * number % 1),
            "units": 3 + 11 * number % 94,
            "kind": KINDS[number % 2],
        }
    )


def measured(number, epochs, quality):
    """Return a curve that rises towards `quality`."""
    return [Measurement(e, {"accuracy": quality - 0.3 / e}) for e in range(1, epochs + 1)]


def second_round(first):
    """Return a round that narrows, and widens the rate's range at its low end."""
    return Round(
        number=1,
        first=first,
        low=(-0.1, 0.25, 0.0, 0.0),
        high=(0.5, 0.75, 1.0, 1.0),
        whole_low=(-0.1, 0.0, 0.0, 0.0),
        whole_high=(1.0, 1.0, 1.0, 1.0),
        ranges=MappingProxyType(
            {"rate": (4.5e-5, 5.5e-3), "momentum": (0.97, 0.99), "units": (3, 97)}
        ),
        reason="narrowed rate; widened it at its low end",
    )


def first_round():
    """Return the round that looks everywhere."""
    return Round(
        number=0,
        first=0,
        low=(0.0,) * 4,
        high=(1.0,) * 4,
        whole_low=(0.0,) * 4,
        whole_high=(1.0,) * 4,
        ranges=MappingProxyType({"rate": (1e-4, 0.3), "momentum": (0.9, 0.999), "units": (3, 97)}),
        reason="the whole space",
    )


def played(trials=23, *, finished=True, study=None):
    """Play a study to some trial: a third go on at each rung, one in seven goes wrong."""
    study = study or study_of()
    history = History(study)
    for number in range(trials):
        opened = {0: first_round(), 11: second_round(11)}.get(number)
        history.start(config(number), 1, opened=opened)
        quality = 0.6 + 0.39 * (0.37 * number % 1)
        if number % 7 == 5:
            bad = [Measurement(1, {"accuracy": math.nan})]
            history.end(number, State.DIVERGED, bad, "accuracy is nan after 1 epoch", 0.2)
            continue
        for rung in RUNGS:
            if rung > 1:
                history.promote(number, rung)
            history.end(number, State.DONE, measured(number, rung, quality), "", 0.11 * rung)
            if number % 3 != 1:
                break
    if finished:
        history.finish(f"all {trials} trials were made")
    return history


@pytest.fixture
def history():
    return played()
