"""Single values, checked: what they become, and the sentences of those that are refused."""

import math

import numpy as np
import pytest

from tunesmith.errors import SpaceError
from tunesmith.space.values import LARGEST_INT, number, option_value, text, whole_number


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None),
        (True, True),
        (np.True_, True),
        (np.array([7]), 7),
        (np.float32(0.5), 0.5),
        (2**70, 2**70),
        (np.str_("relu"), "relu"),
    ],
)
def test_options_become_plain(value, plain):
    """Python's own types, which JSON has."""
    found = option_value(value)
    assert (type(found), found) == (type(plain), plain)


@pytest.mark.parametrize(
    "value",
    [math.nan, -math.inf, 3j, [0.5], b"relu", "\ud800", 10**5000],
    ids=lambda v: type(v).__name__,
)
def test_what_is_no_option(value):
    """One sentence with the value."""
    with pytest.raises(SpaceError, match=r"^an option must be .*, got "):
        option_value(value)


def test_numbers():
    """Each sentence says what the value is of."""
    assert number("low", np.float64(0.25)) == 0.25
    with pytest.raises(SpaceError, match=r"^low must be a finite number such as 0.1, got nan$"):
        number("low", math.nan)
    assert whole_number("high", np.int16(7)) == 7
    with pytest.raises(SpaceError, match=r"^high must be a whole number such as 3, got 7.0$"):
        whole_number("high", 7.0)
    with pytest.raises(SpaceError, match="an int of about 5,000 digits; use Float"):
        whole_number("high", 10**5000)
    with pytest.raises(SpaceError, match=f"within {LARGEST_INT} of 0"):
        whole_number("high", LARGEST_INT + 1)
    with pytest.raises(SpaceError, match=r"^a name must be text that can be written as UTF-8, got"):
        text("a name", 7)
