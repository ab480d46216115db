"""Rungs in whole numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.errors import StudyError
from tunesmith.search.ladder.levels import check_halving, levels


@pytest.mark.parametrize(
    ("epochs", "eta", "least", "rungs"),
    [
        (243, 3, 1, (1, 3, 9, 27, 81, 243)),
        (1000, 10, 1, (1, 10, 100, 1000)),
        (50, 4, 1, (1, 4, 16, 50)),
        (27, 4, 1, (1, 4, 27)),
        (81, 3, 2, (2, 6, 18, 81)),
        (5, 3, 3, (5,)),
        (1, 4, 1, (1,)),
    ],
)
def test_the_rungs(epochs, eta, least, rungs):
    """Six rungs from 1 to 243 by 3, where a rounded logarithm finds five."""
    assert levels(epochs, eta, least) == rungs


@given(epochs=st.integers(1, 3000), eta=st.integers(2, 7), least=st.integers(1, 11))
def test_rungs_rise_to_the_full_training(epochs, eta, least):
    """Each is eta times the one before; only the last step may be another, of twice at least."""
    *rungs, last = levels(epochs, eta, least)
    assert last == epochs
    assert all(rung == least * eta**n for n, rung in enumerate(rungs))
    assert all(2 * rung <= epochs for rung in rungs)
    assert 2 * least * eta ** len(rungs) > epochs


@pytest.mark.parametrize(
    ("eta", "least", "sentence"),
    [
        (1, 1, "eta must be a whole number of 2 or more, got 1"),
        (2.5, 1, "eta must be a whole number of 2 or more, got 2.5"),
        (True, 1, "eta must be a whole number of 2 or more, got True"),
        (3, 0, "least must be a whole number of 1 or more, got 0"),
    ],
)
def test_what_makes_no_ladder(eta, least, sentence):
    """One sentence with the name, the bound and the value."""
    with pytest.raises(StudyError, match=f"^{sentence}$"):
        check_halving(eta, least)
