"""How much a search flatters itself: estimates beside a truth that is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.fit.optimism import FEWEST, half_names, halves, optimism
from tunesmith.rng import stream
from tunesmith.space import Float, Space
from tunesmith.study import Goal, Study
from tunesmith.trial import Config, Measurement, State, Trial


def study(goal=Goal.MAX):
    """Return the question of a search."""
    metric = "accuracy" if goal is Goal.MAX else "log_loss"
    return Study(space=Space(x=Float(0.5, 2.0)), metric=metric, goal=goal, trials=9)


def trials_of(asked, merits):
    """Return trained trials with these metrics [trials, 3]: on all rows, and on each half."""
    names = (asked.metric, *half_names(asked.metric))
    return [
        Trial(
            number=number,
            config=Config({"x": 1.0}),
            epochs=1,
            state=State.DONE,
            measurements=(Measurement(1, dict(zip(names, map(float, row), strict=True))),),
        )
        for number, row in enumerate(merits)
    ]


def searched(seed, count, spread, noise):
    """Return metrics [trials, 3] and what each is in truth [trials].

    Each half is off by chance of the deviation `noise`, independently; all rows are their mean.
    """
    chance = stream(seed, "searched")
    truth = 0.8 + spread * chance.normal(size=count)
    parts = truth[:, None] + noise * chance.normal(size=(count, 2))
    return np.column_stack([parts.mean(axis=1), parts]), truth


@pytest.mark.parametrize("goal", list(Goal))
@pytest.mark.parametrize(
    ("count", "spread", "noise"),
    [(9, 0.01, 0.03), (40, 0.02, 0.02), (150, 0.03, 0.01), (40, 0.0, 0.02)],
)
def test_the_estimate_is_near_the_truth(goal, count, spread, noise):
    """On average over 200 searches: the best looks better than it is by so much, within a third."""
    sign, asked = (1 if goal is Goal.MAX else -1), study(goal)
    estimates, biases = [], []
    for seed in range(200):
        merits, truth = searched(seed, count, spread, noise)
        best = merits[:, 0].argmax()
        biases.append(merits[best, 0] - truth[best])
        estimates.append(optimism(asked, trials_of(asked, sign * merits)))
    assert np.mean(estimates) == pytest.approx(np.mean(biases), rel=1 / 3)


def test_without_noise_there_is_no_luck():
    """What both halves say alike is no flattery."""
    merits, _ = searched(3, 30, 0.02, 0.0)
    assert optimism(study(), trials_of(study(), merits)) == pytest.approx(0, abs=1e-12)


@given(
    merits=st.lists(st.tuples(*[st.floats(0, 1)] * 3), min_size=FEWEST, max_size=30),
    goal=st.sampled_from(Goal),
)
def test_it_is_never_negative(merits, goal):
    """Whatever the halves say, also where all are the same or they contradict each other."""
    found = optimism(study(goal), trials_of(study(goal), merits))
    assert 0 <= found < 2


def test_few_networks_say_nothing():
    """From FEWEST trained in full on; who went wrong or was stopped early does not count."""
    merits, _ = searched(3, FEWEST, 0.02, 0.02)
    full = trials_of(study(), merits)
    assert optimism(study(), full) is not None
    assert optimism(study(), full[1:]) is None
    assert optimism(study(), []) is None
    early = Trial(
        number=0,
        config=Config({"x": 1.0}),
        epochs=3,
        state=State.STOPPED,
        measurements=(Measurement(1, {"accuracy": 0.9}),),
    )
    assert optimism(study(), [early, *full[1:]]) is None
    merits[0, 1] = np.nan  # a half in which the metric says nothing
    assert optimism(study(), trials_of(study(), merits)) is None


@given(rows=st.integers(0, 400), seed=st.integers(0, 10**6))
def test_halves_share_the_rows(rows, seed):
    """Each place is in one of two parts as large, each ascending; the same seed gives the same."""
    first, second = halves(rows, seed)
    assert sorted([*first, *second]) == list(range(rows))
    assert len(second) - len(first) in (0, 1)
    assert (np.diff(first) > 0).all()
    assert (np.diff(second) > 0).all()
    np.testing.assert_array_equal(halves(rows, seed)[0], first)


@pytest.mark.parametrize("unit", [2.0**-700, 2.0**800])
def test_any_unit(unit):
    """Metrics of any size are flattered in proportion."""
    merits, _ = searched(3, 40, 0.02, 0.02)
    asked = study(Goal.MIN)
    once = optimism(asked, trials_of(asked, -merits))
    assert once > 0.001
    assert optimism(asked, trials_of(asked, -unit * merits)) == pytest.approx(unit * once, rel=1e-9)
