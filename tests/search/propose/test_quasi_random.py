"""Quasi-random search: the points of one sequence, and their evenness."""

import numpy as np
import pytest
from scipy.stats import qmc
from tests.contracts.search_contract import BlindContract, study_of

from tunesmith import rng
from tunesmith.history import History
from tunesmith.search.propose.quasi_random import BLOCK, SobolSearch, sobol_block
from tunesmith.search.propose.random import RandomSearch
from tunesmith.space import Float, Space
from tunesmith.trial import Config, State

CUBE = Space(a=Float(0.0, 1.0), b=Float(0.0, 1.0), c=Float(0.0, 1.0))
"""A space whose configs are the points themselves."""


class TestSobolSearch(BlindContract):
    @pytest.fixture
    def search(self):
        return SobolSearch()


def sequence(seed, dimensions):
    return qmc.Sobol(dimensions, scramble=True, rng=rng.stream(seed, "sobol"))


@pytest.mark.parametrize("dimensions", [1, 3, 7])
def test_blocks_are_one_sequence(dimensions):
    """Three blocks, made one by one in any order, are scipy's points made in one go."""
    blocks = [sobol_block(13, dimensions, block) for block in (2, 0, 1)]
    whole = sequence(13, dimensions).random(4 * BLOCK)[: 3 * BLOCK]
    np.testing.assert_array_equal(np.concatenate([blocks[1], blocks[2], blocks[0]]), whole)


def test_trials_take_the_points_in_turn():
    """Across the end of a block too: trial n gets point n."""
    search = SobolSearch()
    study = study_of(search, space=CUBE, trials=2 * BLOCK)
    history, points = History(study), sequence(5, 3).random(2 * BLOCK)
    for number in range(BLOCK + 3):
        if number < 3 or number > BLOCK - 3:
            np.testing.assert_array_equal(
                list(search.propose(study, history, 1).config.values()), points[number]
            )
        history.start(Config({}), 1)
        history.end(number, State.FAILED, [])


def proposed(search, seed, count):
    """Return the first points of a search in the cube, [count, 3]."""
    study = study_of(search, space=CUBE, trials=count, seed=seed)
    history = History(study)
    for _ in range(count):
        history.start(search.propose(study, history, 1).config, 1)
    return np.array([list(trial.config.values()) for trial in history.trials])


@pytest.mark.parametrize("count", [37, 100, 190])
def test_more_even_than_chance(count):
    """In the cube and on each axis, even where the count is no power of two: for three seeds."""
    for seed in (3, 5, 11):
        even, random = (proposed(s, seed, count) for s in (SobolSearch(), RandomSearch()))
        assert qmc.discrepancy(even) < 0.5 * qmc.discrepancy(random)
        for axis in range(3):
            gaps, wider = (np.diff(np.sort(p[:, axis])).max() for p in (even, random))
            assert gaps < wider


def test_points_cannot_be_edited():
    """They are shared by all who ask."""
    with pytest.raises(ValueError, match="read-only"):
        sobol_block(13, 3, 0)[0, 0] = 0.5
