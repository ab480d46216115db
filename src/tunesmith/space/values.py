"""Single values of params, checked: numbers, whole numbers and options as Python's own types."""

import math
from typing import Final

import numpy as np

from tunesmith.errors import SpaceError
from tunesmith.number import as_real, as_whole, shown, stored_text

Value = str | int | float | bool | None
"""What a config holds under the name of a param."""

LARGEST_INT: Final = 10**12
"""How far from 0 an Int may reach: beyond, bins round in float64 and neighbours are confused."""


def number(what: str, value: object) -> float:
    """Return a finite number as a float; SpaceError, with `what` it is, for any other value."""
    real = as_real(value)
    if real is None or not math.isfinite(real):
        raise SpaceError(f"{what} must be a finite number such as 0.1, got {shown(value)}")
    return real


def whole_number(what: str, value: object) -> int:
    """Return a whole number as an int; SpaceError, with `what` it is, for any other value."""
    whole = as_whole(value)
    if whole is None:
        raise SpaceError(f"{what} must be a whole number such as 3, got {shown(value)}")
    if abs(whole) > LARGEST_INT:
        raise SpaceError(
            f"{what} must lie within {LARGEST_INT} of 0, got {shown(whole)}; "
            "use Float for larger numbers"
        )
    return whole


def option_value(value: object) -> Value:
    """Return `value` as Python's own type of text, number or truth value, as JSON knows them."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, str):
        return text("an option", value)
    if as_real(value) is None:
        raise SpaceError(
            f"an option must be text, a number, a truth value or None, got {shown(value)}"
        )
    whole = as_whole(value)
    return number("an option", value) if whole is None else whole


def text(what: str, value: object) -> str:
    """Return text that a file can hold; SpaceError, with `what` it is, for any other value."""
    found = stored_text(value)
    if found is None:
        raise SpaceError(
            f"{what} must be text that can be written as UTF-8, got {shown(value)}; rename it"
        )
    return found
