"""Chance has an address."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith import rng

PATHS = st.lists(st.one_of(st.integers(-9, 10**6), st.text(max_size=7)), max_size=4).map(tuple)


def test_the_first_number_is_pinned():
    """A study begun with one version goes on with the next: this number never changes."""
    assert rng.stream(7, "trial", 12, "shuffle", 3).random() == 0.21197083885510704


@given(PATHS, PATHS, st.integers(0, 10**6))
def test_the_address_decides_and_nothing_else(path, other, seed):
    """What was drawn before, here or elsewhere, changes nothing."""
    first = rng.stream(seed, *path).random(3)
    rng.stream(seed, *other).random(5)
    np.testing.assert_array_equal(rng.stream(seed, *path).random(3), first)


@given(PATHS, PATHS, st.integers(0, 10**6))
def test_another_address_is_another_stream(path, other, seed):
    """Two paths under one seed share nothing."""
    same = rng.stream(seed, *path).random() == rng.stream(seed, *other).random()
    assert same == (path == other)


@pytest.mark.parametrize(
    ("path", "other"),
    [
        ((7, "ab", "c"), (7, "a", "bc")),
        ((7, "trial", 12), (7, "trial", "12")),
        ((7, 1, 23), (7, 12, 3)),
        ((7,), (7, "")),
        ((7, "trial"), (8, "trial")),
    ],
)
def test_addresses_are_framed(path, other):
    """Parts of an address do not run into each other."""
    assert rng.stream(*path).random() != rng.stream(*other).random()


def test_a_seed_is_a_number_of_any_kind():
    """NumPy's 11 is the seed 11."""
    assert rng.stream(np.int64(11), "a").random() == rng.stream(11, "a").random()
