"""Rungs in whole numbers."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.errors import StudyError
from tunesmith.search.ladder.async_halving import AsyncHalving
from tunesmith.search.ladder.rungs import rungs_of


@pytest.mark.parametrize(
    ("epochs", "eta", "least", "rungs"),
    [
        (243, 3, 1, (1, 3, 9, 27, 81, 243)),
        (1000, 10, 1, (1, 10, 100, 1000)),
        (50, 4, 1, (1, 3, 12, 50)),
        (27, 4, 1, (1, 6, 27)),
        (81, 3, 2, (2, 9, 27, 81)),
        (5, 3, 3, (5,)),
        (1, 4, 1, (1,)),
    ],
)
def test_the_rungs(epochs, eta, least, rungs):
    """Six rungs from 1 to 243 by 3, where a rounded logarithm finds five."""
    assert rungs_of(epochs, eta, least) == rungs


@given(epochs=st.integers(1, 3000), eta=st.integers(2, 7), least=st.integers(1, 11))
def test_rungs_rise_to_the_full_training(epochs, eta, least):
    """Each is the one above by eta, rounded down; only the first step may be another."""
    rungs = rungs_of(epochs, eta, least)
    assert rungs[-1] == epochs
    assert rungs[0] == least or len(rungs) == 1
    assert len(rungs) > 1 or epochs < 2 * least
    for rung, above in pairwise(rungs[1:]):
        assert rung == above // eta
    if len(rungs) > 1:
        assert least <= rungs[1] // 2 or least == rungs[1] // eta
        assert rungs[1] // eta**2 < least


@pytest.mark.parametrize(
    ("eta", "least", "audit", "sentence"),
    [
        (1, 1, 0, "eta must be a whole number of 2 or more, got 1"),
        (2.5, 1, 0, "eta must be a whole number of 2 or more, got 2.5"),
        (True, 1, 0, "eta must be a whole number of 2 or more, got True"),
        (3, 0, 0, "least must be a whole number of 1 or more, got 0"),
        (3, 1, -2, "audit must be a whole number of 0 or more, got -2"),
    ],
)
def test_what_makes_no_ladder(eta, least, audit, sentence):
    """One sentence with the name, the bound and the value."""
    with pytest.raises(StudyError, match=f"^{sentence}$"):
        AsyncHalving(eta=eta, least=least, audit=audit)
