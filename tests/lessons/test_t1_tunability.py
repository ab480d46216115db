"""T1."""

import numpy as np
import pytest

from tunesmith.lessons.t1_tunability import (
    DEFAULTS,
    PARAMS,
    configs,
    correlation,
    cost,
    gained,
    mean_losses,
    order,
)

TIERS = [tuned.tier for tuned in PARAMS.values()]


def test_its_conclusion(quick):
    """Every param has its gain and its cost; a careless learning rate costs most."""
    found = quick("T1")
    assert len(found.numbers) == 2 * len(PARAMS) + 2
    costs = [number.name for number in found.numbers if number.name.startswith("cost")]
    assert costs[0] == "cost: learning_rate (tier 1)"
    assert found["gain: epsilon (tier 4)"] < 10


def test_one_param_moves_and_the_others_stay():
    """The defaults come first; the ends of the range are tried."""
    tried = configs("units", 2)
    assert [config["units"] for config in tried] == [32, 4, 128]
    assert all(config["momentum"] == DEFAULTS["momentum"] for config in tried)


def test_gain_and_cost_by_hand():
    """The value that validation prefers is taken, though another has the smaller test loss."""
    one = np.ones((len(PARAMS), 4, 2))
    one[0] = [(1.0, 4.0), (2.0, 8.0), (0.5, 3.0), (0.7, 1.0)]  # the default first
    means = mean_losses([tuple(pair) for pair in one.reshape(-1, 2)], 1, 1)
    gains, costs = gained(means), cost(means)
    assert gains[0] == pytest.approx([25])
    assert costs[0] == pytest.approx([100 * ((2 * 3 / 4 * 1 / 4) ** (1 / 3) - 1)])
    assert np.all(gains[1:] == 0)
    assert np.all(costs[1:] == 0)
    assert order(gains)[0] == "learning_rate"


def test_the_correlation():
    """1 in the notes' order, -1 against it, resample by resample."""
    gains = np.array([[5.0 - tier, tier] for tier in TIERS])
    tables = np.array([[0, 0], [1, 1]])
    assert correlation(tables, gains, TIERS) == pytest.approx([1, -1])
