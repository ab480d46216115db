"""Rounds: when they open, and that their ranges follow what is promising."""

import numpy as np
import pytest

from tunesmith import rng
from tunesmith.search.propose.axes import axes_of
from tunesmith.search.propose.ranges import Ranges
from tunesmith.search.propose.rounds import (
    Stage,
    elites,
    first_stage,
    next_stage,
    opening,
    promising,
    round_at,
)
from tunesmith.search.propose.surrogate import condition, fit
from tunesmith.space import Float, Space

SPACE = Space(a=Float(-3.0, 4.0), b=Float(0.0, 1.0), c=Float(0.0, 1.0, limits=(0.0, 2.0)))
AXES = axes_of(SPACE)


def seen(count=40):
    """Return points, and losses with their minimum at a = 0.3, c = 1; b does not matter."""
    points = rng.stream(3, "rounds").random((count, 3))
    losses = (points[:, 0] - 0.3) ** 2 + 0.3 * (points[:, 2] - 1.0) ** 2
    return points, (losses - losses.mean()) / losses.std()


def model():
    points, losses = seen()
    return condition(points, losses, AXES.options, fit(points, losses, AXES.options))


def chance():
    return rng.stream(5, "stage")


def test_openings():
    """Two rounds for every doubling of the trials."""
    assert [opening(n) for n in range(10)] == [0, 8, 16, 24, 32, 48, 64, 96, 128, 192]


@pytest.mark.parametrize(
    ("trials", "number"), [(0, 0), (7, 0), (8, 1), (23, 2), (24, 3), (100, 7), (5000, 18)]
)
def test_a_trial_belongs_to_the_round_that_opened_last(trials, number):
    """The round opens with the trial of its number."""
    assert round_at(trials) == number
    assert opening(number) <= trials < opening(number + 1)


def test_the_first_round_is_the_whole_space():
    """As it was given, whatever its limits."""
    stage = first_stage(AXES)
    assert stage.ranges.volume == stage.whole.volume == 1.0


def test_elites():
    """The best share, three at least, the best first, each config once."""
    points, losses = seen()
    order = np.argsort(losses)
    np.testing.assert_array_equal(elites(points, losses), points[order[:6]])
    twice = np.concatenate([points, points[order[:1]]])
    best = elites(twice, np.append(losses, losses.min()))
    np.testing.assert_array_equal(best, points[order[:6]])
    assert len(elites(points[:5], losses[:5])) == 3


def test_what_is_promising():
    """Among places looked at, those where the loss is low, and the best trials themselves."""
    best = elites(*seen())
    places = promising(AXES, first_stage(AXES).whole, best, model(), chance())
    np.testing.assert_array_equal(places[:3], best[:3])
    spread = places.std(axis=0)
    assert spread[0] < 0.6 * spread[1]
    assert abs(np.median(places[:, 0]) - 0.3) < 0.1


@pytest.mark.parametrize("with_model", [True, False], ids=["model", "none"])
def test_rounds_close_in(with_model):
    """Round after round: smaller, round the minimum, where a param matters first."""
    stage, best = first_stage(AXES), elites(*seen())
    volumes = []
    for _ in range(4):
        stage = next_stage(AXES, stage, best, model() if with_model else None, chance())
        volumes.append(stage.ranges.volume)
        assert stage.ranges.holds(best[:1]).all()
    assert volumes == sorted(volumes, reverse=True)
    assert volumes[-1] < 0.35
    assert stage.ranges.low[0] < 0.3 < stage.ranges.high[0] < 0.7
    assert stage.ranges.low[2] > 0.5


def test_a_crowded_end_moves_the_whole_space():
    """The ranges may then go beyond what was given, and the reason says so."""
    best = np.array([[0.3, 0.5, 0.97], [0.31, 0.4, 0.99], [0.29, 0.7, 0.95]])
    stage = next_stage(AXES, first_stage(AXES), best, None, chance())
    assert stage.whole.high[2] == 1.25
    assert stage.ranges.high[2] > 1.0
    assert "the best crowd an end: widened c to 0 to 1.25 (was 0 to 1) in all" in stage.reason


def test_ranges_grow_back_where_the_best_lie():
    """A wrong turn is not for ever: what is promising outside is taken in."""
    narrow = Ranges(low=np.array([0.7, 0.2, 0.2]), high=np.array([0.9, 0.6, 0.8]))
    before = Stage(ranges=narrow, whole=first_stage(AXES).whole, reason="")
    after = next_stage(AXES, before, elites(*seen()), model(), chance())
    assert after.ranges.low[0] < 0.3
    assert "widened a" in after.reason
