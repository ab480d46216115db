"""Values beyond which trials diverge."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.search.advise.diverged import best_split, between, by_chance, diverged
from tunesmith.space import LOG, Choice, Float, Int, Space
from tunesmith.trial import State

SPACE = Space(
    rate=Float(1e-4, 3.0, scale=LOG),
    units=Int(3, 70),
    kind=Choice((1, 2)),
    momentum=Float(0.1, 0.9, when={"kind": 2}),
)


def test_the_truth_is_found(drawn):
    """Above a rate of 0.3 all but a few diverge: the value, both shares and what to do."""
    history = drawn(
        SPACE, lambda c, chance: math.nan if c["rate"] > 0.3 and chance.random() < 0.9 else 1.0, 70
    )
    (advice,) = diverged(history.study, history)
    assert advice.param == "rate"
    assert advice.figures["value"] == pytest.approx(0.3, rel=0.4)
    above = [t.state is State.DIVERGED for t in history.trials if t.config["rate"] > 0.3]
    assert advice.figures["beyond"] == pytest.approx(sum(above) / len(above), abs=0.1)
    assert advice.figures["within"] == 0
    assert advice.text.startswith(f"rate above {advice.figures['value']:g}: {sum(above)} of ")
    assert advice.text.endswith(f"move the top of its range to {advice.figures['value']:g}")


def test_below_a_value_too(drawn):
    """Where few units diverge, the bottom of the range is to move."""
    history = drawn(SPACE, lambda c, _: math.nan if c["units"] < 17 else 1.0, 60)
    (advice,) = diverged(history.study, history)
    assert (advice.param, advice.figures["beyond"]) == ("units", 1.0)
    assert advice.text.startswith("units below ")
    assert "move the bottom" in advice.text


def test_two_reasons(drawn):
    """The second is looked for among the trials that keep to the first."""
    history = drawn(SPACE, lambda c, _: math.nan if c["rate"] > 0.3 or c["units"] < 17 else 1, 150)
    assert {advice.param for advice in diverged(history.study, history)} == {"rate", "units"}


@pytest.mark.parametrize("seed", range(5))
def test_chance_is_no_reason(drawn, seed):
    """One trial in five diverges wherever it lies: nothing is said."""
    history = drawn(
        SPACE, lambda _, chance: math.nan if chance.random() < 0.2 else 1.0, 60, seed=seed
    )
    assert diverged(history.study, history) == ()


def test_two_are_too_few(told):
    """However clear, two trials that diverged are no pattern; three are."""
    space = Space(rate=Float(0, 1))
    for bad, said in ((2, 0), (3, 1)):
        rows = [({"rate": at / 37}, math.nan if at >= 37 - bad else 0.7) for at in range(37)]
        history = told(space, rows)
        assert len(diverged(history.study, history)) == said


def test_ties_stay_together(told):
    """A split never lies within trials of one value."""
    rows = [
        ({"units": 3 + at % 5}, math.nan if at % 5 == 4 and at > 5 else 0.7) for at in range(55)
    ]
    history = told(Space(units=Int(3, 7)), rows)
    split = best_split(history.study, history.trials)
    assert (split.beyond.count, split.beyond.of, split.within.count) == (10, 11, 0)
    assert 6 < split.value < 7


@given(total=st.integers(1, 60) | st.integers(9_000, 50_000), data=st.data())
def test_chance_agrees_with_scipy(total, data):
    """Fisher's exact test, one-sided."""
    from scipy.stats import fisher_exact

    bad, drawn = data.draw(st.integers(0, total)), data.draw(st.integers(0, total))
    lost = data.draw(st.integers(max(0, drawn + bad - total), min(bad, drawn)))
    table = [[lost, drawn - lost], [bad - lost, total - drawn - bad + lost]]
    expected = fisher_exact(table, alternative="greater").pvalue
    assert by_chance(lost, drawn, bad, total) == pytest.approx(expected, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (0.28, 0.33, 0.3),
        (0.33, 0.28, 0.3),
        (3, 4, 3.5),
        (-0.2, 0.71, 0.3),
        (0.3012, 0.3014, 0.3013),
    ],
)
def test_between(one, other, expected):
    """Drawn: the fewest digits that still tell the two apart."""
    assert between(one, other) == expected


def test_a_clear_split_may_be_chance(told):
    """Three of three against none of five comes up once in 56 times: too often to say it."""
    rows = [({"rate": at / 7}, math.nan if at > 4 else 0.7) for at in range(8)]
    history = told(Space(rate=Float(0, 1)), rows)
    assert by_chance(3, 3, 3, 8) == pytest.approx(1 / 56)
    assert diverged(history.study, history) == ()
