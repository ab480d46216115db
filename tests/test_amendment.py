"""What may be changed of a study, and what a change does to its rounds and configs."""

from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.amendment import amendment, holds, seen_from
from tunesmith.errors import StudyError
from tunesmith.space import LOG, LOG1M, Choice, Float, Int, Space
from tunesmith.study import Goal, Round, Study
from tunesmith.trial import Config

SPACE = Space(
    rate=Float(1e-4, 1.0, scale=LOG),
    beta=Float(0.5, 0.997, scale=LOG1M),
    units=Int(3, 17, limits=(2, 40)),
    kind=Choice(("a", "b")),
)
STUDY = Study(space=SPACE, trials=20, seed=3)


def changed(**params):
    """Return the space with other params."""
    return Space(**{**SPACE, **params})


def study(**changes):
    return Study(**{"space": SPACE, "trials": 20, "seed": 3} | changes)


@pytest.mark.parametrize(
    ("changes", "moved", "reason"),
    [
        ({"trials": 31}, (), "trials 31, not 20"),
        ({"minutes": 7, "total_epochs": 5}, (), "total_epochs 5, not None; minutes 7.0, not None"),
        (
            {"space": changed(rate=Float(1e-3, 0.1, scale=LOG))},
            ("rate",),
            "rate from 0.001 to 0.1, not from 0.0001 to 1",
        ),
        (
            {"space": changed(units=Int(3, 23, limits=(3, 40)))},
            ("units",),
            "units from 3 to 23 (limits 3 and 40), not from 3 to 17 (limits 2 and 40)",
        ),
    ],
    ids=str,
)
def test_what_was_changed_in_words(changes, moved, reason):
    """Each value with the one before."""
    change = amendment(STUDY, study(**changes), 7, ())
    assert (change.moved, change.reason, change.first) == (moved, reason, 7)


def test_configs_given_by_hand_are_said():
    """Alone, and beside a change."""
    config = Config(SPACE.defaults())
    assert amendment(STUDY, STUDY, 7, (config,)).reason == "1 config given by hand"
    both = amendment(STUDY, study(trials=31), 7, (config, config))
    assert both.reason == "trials 31, not 20; 2 configs given by hand"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seed": 5}, "a study keeps what it asks (seed 3, not 5): only its budget and its"),
        ({"goal": Goal.MAX}, "a study keeps what it asks (goal min, not max)"),
        ({"space": Space(rate=SPACE["rate"])}, "a study keeps its params (rate, beta, units, kind"),
        (
            {"space": changed(beta=Float(0.5, 0.7))},
            "only the range, the limits and the default of a number can be amended, got beta=Float",
        ),
        ({"space": changed(units=Float(3, 17))}, "only the range, the limits and the default"),
        ({"space": changed(kind=Choice(("a", "c")))}, "only the range, the limits and the default"),
    ],
    ids=str,
)
def test_what_cannot_be_changed(changes, words):
    """It would be another study; the sentence says what was asked."""
    with pytest.raises(StudyError) as caught:
        amendment(STUDY, study(**changes), 7, ())
    assert str(caught.value).startswith(words)


def test_what_a_space_holds():
    """Values in the ranges, or within the limits; options always."""
    config = {"rate": 0.1, "beta": 0.9, "units": 39, "kind": "a"}
    assert holds(SPACE, config)
    assert not holds(SPACE, {**config, "units": 41})
    assert not holds(SPACE, {**config, "rate": 1.5})
    assert not holds(SPACE, {"beta": 0.4})


ENDS = {
    "rate": st.tuples(st.floats(1e-5, 1e-3), st.floats(0.01, 3.0)),
    "beta": st.tuples(st.floats(0.1, 0.6), st.floats(0.7, 0.9999)),
}


@given(rate=ENDS["rate"], beta=ENDS["beta"], units=st.tuples(st.integers(1, 5), st.integers(6, 99)))
def test_a_round_keeps_its_ranges(rate, beta, units):
    """Seen from another space, each end is the same value as before."""
    after = changed(rate=Float(*rate, scale=LOG), beta=Float(*beta, scale=LOG1M), units=Int(*units))
    ends = {
        "low": (0.1, 0.2, 0.3, 0.0),
        "high": (0.7, 0.6, 0.5, 1.0),
        "whole_low": (0.0, -0.1, 0.0, 0.0),
        "whole_high": (1.0, 1.1, 1.3, 1.0),
    }
    before = Round(number=1, first=8, ranges=MappingProxyType({}), reason="", **ends)
    now = seen_from(before, SPACE, after)
    for name in ends:
        for at, (old, new) in enumerate(zip(SPACE.values(), after.values(), strict=True)):
            was, is_now = getattr(before, name)[at], getattr(now, name)[at]
            if isinstance(old, Choice):
                assert is_now == was
            else:
                assert place(new, is_now) == pytest.approx(place(old, was), rel=1e-9, abs=1e-9)


def place(param, unit):
    """Return where a unit lies on the line of a param's scale."""
    edge = 0.5 if isinstance(param, Int) else 0.0
    start, end = param.scale.forward(param.low - edge), param.scale.forward(param.high + edge)
    return start + unit * (end - start)
