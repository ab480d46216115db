"""W5."""

import numpy as np
import pytest

from tunesmith.lessons.w5_easier_search import SPACE, apart_in, closer_in, distance

RATES = np.array([1e-3, 1e-2, 1e-1, 1e-3, 1e-2, 1e-1])
CHOSEN = {"learning_rate": RATES, "layers": np.array([1, 1, 1, 5, 5, 5])}


def test_its_conclusion(quick):
    """More configs train well on the images, and clearly so."""
    found = quick("W5")
    shares = {n.name: n for n in found.numbers}
    assert shares["digits: train well without"].high < shares["digits: train well with"].value


def test_how_far_good_rates_lie_apart():
    """Depth 1 likes 0.001 and depth 5 likes 0.1: a decade on either side of the middle."""
    losses = np.array([0.0, 1, 1, 1, 1, 0])
    assert distance("x", losses, CHOSEN, apart_in).value == pytest.approx(1)
    same = np.array([0.0, 1, 1, 0, 1, 1])
    assert distance("x", same, CHOSEN, apart_in).value == pytest.approx(0)
    both = np.array([[losses, same]])
    assert distance("x", both, CHOSEN, closer_in).value == pytest.approx(1)
    assert distance("x", both[:, ::-1], CHOSEN, closer_in).value == pytest.approx(-1)


def test_the_space_is_that_of_the_claim():
    """Learning rates over four decades, one to six layers."""
    assert (SPACE["learning_rate"].low, SPACE["learning_rate"].high) == (1e-4, 1)
    assert (SPACE["layers"].low, SPACE["layers"].high) == (1, 6)
