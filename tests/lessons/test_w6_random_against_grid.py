"""W6."""

import numpy as np

from tunesmith import rng
from tunesmith.lessons.lesson import Verdict
from tunesmith.lessons.w6_random_against_grid import on_function, places


def test_its_conclusion(quick):
    """Random search is ahead where one param matters, and not where both do."""
    found = quick("W6")
    assert found.verdict in (Verdict.BORNE_OUT, Verdict.IN_PART)
    for n in (9, 25):
        arms = [
            found[f"function, one param matters, {n} trials: distance, {arm}"]
            for arm in ("grid", "random")
        ]
        assert arms[1] < 0.6 * arms[0]
    assert (
        found["function, both matter, 25 trials: distance, random"]
        > (found["function, both matter, 25 trials: distance, grid"])
    )


def test_distinct_values():
    """The grid repeats its values, chance does not; the ends are on the grid."""
    chance = rng.stream(0)
    grid, drawn = (places(arm, 25, chance) for arm in ("grid", "random"))
    assert [len(np.unique(values[:, 1])) for values in (grid, drawn)] == [5, 25]
    assert (grid.min(), grid.max()) == (0, 1)


def test_a_function_that_nothing_matters_for():
    """Both find the best place at once: no arm is favoured."""
    regrets = on_function((0.0, 0.0), (9,), 7)
    assert np.all(regrets[0] == 0)
