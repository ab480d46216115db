"""Proposals: inside their ranges, new or again, and better than chance."""

from dataclasses import replace

import numpy as np
import pytest

from tunesmith import rng
from tunesmith.search.propose import proposal
from tunesmith.search.propose.axes import axes_of
from tunesmith.search.propose.confirm import TRAININGS
from tunesmith.search.propose.forecast import Seen, forecast
from tunesmith.search.propose.proposal import ANYWHERE, propose
from tunesmith.search.propose.ranges import Ranges
from tunesmith.search.propose.rounds import Stage, first_stage
from tunesmith.space import LOG, Choice, Float, Int, Space
from tunesmith.trial import Origin

SPACE = Space(
    rate=Float(1e-4, 1.0, scale=LOG),
    kind=Choice(("a", "b", "c")),
    units=Int(3, 130, scale=LOG),
    layers=Int(1, 5, when={"kind": ("b", "c")}),
)
AXES = axes_of(SPACE)
CORNER = Stage(
    ranges=Ranges(low=np.array([0.1, 0.0, 0.2, 0.0]), high=np.array([0.4, 1.0, 0.5, 1.0])),
    whole=first_stage(AXES).whole,
    reason="",
)


def losses_at(points, noise=None):
    """Return losses with the best at rate 0.01 and kind b; other params matter little."""
    losses = (points[:, 0] - 0.5) ** 2 + 0.2 * (points[:, 1] != 0.5) + 0.01 * points[:, 2]
    return losses if noise is None else losses + noise


def seen(count=23, noise=None):
    points = AXES.rounded(rng.stream(5, "seen").random((count + 3, 4)))
    return Seen(
        points=points[:count], losses=losses_at(points[:count], noise), running=points[count:]
    )


@pytest.mark.parametrize("seed", range(5))
def test_a_proposal_is_new_and_in_the_ranges(seed):
    """A config of the space that neither ended nor runs; near unless marked."""
    found = propose(AXES, seen(), CORNER, rng.stream(seed, "p"), again=False)
    np.testing.assert_array_equal(AXES.rounded(found.point[None])[0], found.point)
    assert not (np.concatenate([seen().points, seen().running]) == found.point).all(axis=1).any()
    assert found.origin is Origin.RANGES
    assert CORNER.ranges.holds(found.point[None])[0]


def test_the_same_chance_gives_the_same_proposal():
    """And others give others, though not all: they may lead to the same best place."""
    one, same, *others = (
        propose(AXES, seen(), CORNER, rng.stream(seed, "p"), again=False).point
        for seed in (3, 3, *range(4, 9))
    )
    np.testing.assert_array_equal(one, same)
    assert len(np.unique([one, *others], axis=0)) >= 3


def test_where_trials_went_wrong_is_left_for_last():
    """A place closest to one that did is proposed only where there is no other."""
    bad = seen().points[:, 0] < 0.25
    known = replace(seen(), losses=np.where(bad, np.nan, seen().points[:, 0]))
    for seed in range(5):
        found = propose(AXES, known, CORNER, rng.stream(seed, "p"), again=False)
        assert not forecast(AXES, known).doomed(found.point[None])[0]
    lost = replace(known, losses=np.full(len(bad), np.nan))
    found = propose(AXES, lost, CORNER, rng.stream(3, "p"), again=False)
    assert CORNER.ranges.holds(found.point[None])[0]


def test_some_come_from_anywhere():
    """As many as said, and then not bound to the ranges."""
    kinds = [propose(AXES, seen(9), CORNER, rng.stream(3, n), again=False) for n in range(120)]
    anywhere = [found for found in kinds if found.origin is Origin.ANYWHERE]
    assert 1 <= len(anywhere) <= 4 * 120 * ANYWHERE
    assert not CORNER.ranges.holds(np.array([found.point for found in anywhere])).all()


def play(count, again, noise):
    """Play `count` trials, each seen four later; return all points and what kind each was."""
    chance, points, kinds = (
        rng.stream(7, "play"),
        AXES.rounded(rng.stream(3, "s").random((8, 4))),
        [],
    )
    losses = losses_at(points) + noise * chance.standard_normal(8)
    for number in range(8, count):
        past = Seen(points=points[: number - 3], losses=losses[:-3], running=points[number - 3 :])
        found = propose(AXES, past, first_stage(AXES), rng.stream(3, number), again=again)
        points = np.concatenate([points, found.point[None]])
        loss = losses_at(found.point[None]) + noise * chance.standard_normal(1)
        losses = np.concatenate([losses, loss])
        kinds.append(found.origin)
    return points, losses, kinds


def test_better_than_chance():
    """Thirty trials come closer to the best than a thousand random ones do, on the median."""
    _, losses, _ = play(30, again=False, noise=0.0)
    drawn = AXES.rounded(rng.stream(11, "drawn").random((1000, 4)))
    assert losses.min() < losses_at(drawn).min() + 1e-3
    assert losses[15:].mean() < np.quantile(losses_at(drawn), 0.1)


def test_what_is_found_under_noise_is_good():
    """The config recommended at the end, not the luckiest."""
    points, losses, _ = play(45, again=True, noise=0.1)
    end = Seen(points=points, losses=losses, running=points[:0])
    assert losses_at(forecast(AXES, end).points[:1])[0] < 0.05


def small(again):
    """Return all points proposed in a space of 12 configs, and what kind each was."""
    axes = axes_of(Space(a=Int(3, 6), b=Choice(("x", "y", "z"))))
    half = Ranges(low=np.array([0.0, 0.0]), high=np.array([0.5, 1.0]))
    stage = Stage(ranges=half, whole=first_stage(axes).whole, reason="")
    points, kinds = axes.rounded(np.array([[0.1, 0.1], [0.4, 0.5]])), []
    noise = rng.stream(7, "small").standard_normal(100)
    while True:
        losses = points.sum(axis=1) + noise[: len(points)]
        past = Seen(points=points, losses=losses, running=points[:0])
        found = propose(axes, past, stage, rng.stream(3, len(points)), again=again)
        if found is None:
            return points, kinds
        points, kinds = np.concatenate([points, found.point[None]]), [*kinds, found.origin]


def test_a_small_space_is_tried_out():
    """Every config once, those outside the ranges too; then there is no more proposal."""
    points, kinds = small(again=False)
    assert len(np.unique(points, axis=0)) == len(points) == 12
    assert kinds.count(Origin.ANYWHERE) >= 6


def test_the_best_are_trained_again():
    """When all was tried, at the latest; and none for ever."""
    points, kinds = small(again=True)
    _, times = np.unique(points, axis=0, return_counts=True)
    assert len(times) == 12
    assert times.max() == TRAININGS
    assert kinds.count(Origin.AGAIN) == len(points) - 12


def test_a_narrow_corner_that_is_tried_out_opens_up():
    """A large space with nothing new in its ranges: the proposal comes from anywhere."""
    axes = axes_of(Space(a=Int(1, 30), b=Int(1, 40)))
    assert axes.size() > proposal.SMALL
    spot = axes.rounded(np.array([[0.5, 0.5]]))
    stage = Stage(
        ranges=Ranges(low=spot[0] - 1e-3, high=spot[0] + 1e-3),
        whole=first_stage(axes).whole,
        reason="",
    )
    points = np.concatenate([spot, axes.rounded(np.array([[0.1, 0.9], [0.7, 0.3]]))])
    past = Seen(points=points, losses=points.sum(axis=1), running=points[:0])
    found = propose(axes, past, stage, rng.stream(5, "p"), again=False)
    assert found.origin is Origin.ANYWHERE


@pytest.mark.parametrize("losses", [[np.nan] * 6, [np.inf, np.nan, 1.0, np.nan, np.nan, np.nan]])
def test_all_may_have_gone_wrong(losses):
    """It goes on looking."""
    past = Seen(points=seen(6).points, losses=np.array(losses), running=seen(6).running)
    assert propose(AXES, past, CORNER, rng.stream(3, "p"), again=True) is not None
