"""W8."""

import numpy as np
import pytest

from tunesmith import rng
from tunesmith.lessons.data import digits
from tunesmith.lessons.w8_coarse_to_fine import SPACE, by_search, found, in_rounds
from tunesmith.search.propose.random import RandomSearch


def distance(config, _number):
    """Return how far a config is from a place near a corner, in units."""
    return float(np.abs(SPACE.encode(config) - 0.2).sum())


def test_its_conclusion(quick):
    """The search with its model is ahead of the flat one."""
    assert quick("W8")["CoarseToFine: gain over flat"] > 1.1


@pytest.mark.parametrize("seed", range(3))
def test_two_rounds_come_closer_on_a_bowl(seed):
    """With 400 trials the second round lies round the best place."""
    flat, two = (
        distance(in_rounds(rounds, distance, rng.stream(seed)), 0)
        for rounds in ((400,), (200, 200))
    )
    assert two < flat


def test_a_seed_gives_the_same_search():
    """And another repeat another one."""
    table = digits()
    one, again, other = (found(table, "CoarseToFine", 6, 3, repeat) for repeat in (0, 0, 1))
    assert one == again != other


def test_every_search_costs_the_same():
    """So many judgements, whatever the way."""
    counted = []

    def count(config, number):
        counted.append(number)
        return distance(config, number)

    in_rounds((9, 8), count, rng.stream(3))
    by_search(RandomSearch(), count, 17, seed=3)
    assert counted == [*range(17), *range(17)]
