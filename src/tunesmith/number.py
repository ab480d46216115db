"""What counts as a number: one rule for every value that a user or a training function gives.

A real number is whatever a float can be made of without loss of meaning: Python's and NumPy's
numbers, Decimal and Fraction, and an array or tensor of one element, of any library. Truth values,
text, dates and complex numbers are none, nor is a finite number too large for a float.

A whole number is of an integer type: 3, np.int64(3), an integer tensor of one element. 3.0 and "3"
are none: a computation that gives a float may give 2.9999999999999996 another time.
"""

import math
from numbers import Complex, Integral, Real
from typing import Any, Final

import numpy as np

LONGEST: Final = 200
"""Characters of a value in an error message at most."""

_NO_NUMBER: Final = (bool, str, bytes, bytearray, np.datetime64, np.timedelta64)


def as_real(value: object) -> float | None:
    """Return `value` as a float, which may be NaN or infinite; None if it is no real number."""
    if type(value) is float:
        return value
    scalar: Any = _scalar(value)
    if isinstance(scalar, _NO_NUMBER) or _is_complex(scalar):
        return None
    try:
        number = float(scalar)
        too_large = math.isinf(number) and bool(scalar != number)
    except Exception:  # whatever a foreign type raises for what it cannot do
        return None
    return None if too_large else number


def as_whole(value: object) -> int | None:
    """Return `value` as an int; None if it is not of an integer type."""
    scalar = _scalar(value)
    if isinstance(scalar, _NO_NUMBER) or not isinstance(scalar, Integral):
        return None
    return int(scalar)


def as_count(value: object, least: int = 1) -> int | None:
    """Return `value` as an int of `least` or more that a float can hold; None if it is none."""
    number = as_whole(value)
    fits = number is not None and number >= least and as_real(number) is not None
    return number if fits else None


def count_wanted(value: object, least: int = 1) -> str:
    """Say what a value would have to be that `as_count` refuses."""
    number = as_whole(value)
    too_large = number is not None and as_real(number) is None
    return f"a whole number of {least} or more{' that a float can hold' if too_large else ''}"


def shown(value: object) -> str:
    """Return a value as an error message shows it: as in code, shortened where it is long."""
    try:
        text = repr(value)
    except Exception:  # an int of more digits than Python writes, or a foreign type's own error
        if isinstance(value, int):
            return f"an int of about {round(value.bit_length() * math.log10(2)):,} digits"
        return f"a value of type {type(value).__name__}"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def stored_text(value: object) -> str | None:
    """Return a text as Python's own type; None if it is none, or has no UTF-8 form to store."""
    if not isinstance(value, str):
        return None
    text = str.__str__(value)  # of a subtype such as np.str_ or an Enum, what it compares as
    try:
        text.encode()
    except UnicodeEncodeError:
        return None
    return text


def one_line(reason: object) -> str:
    """Return a reason as one line that can be stored."""
    return " ".join(str(reason).encode("utf-8", "backslashreplace").decode().split())


def _scalar(value: Any) -> object:
    """Return the one element of an array or tensor; any other value as it is."""
    if isinstance(value, _NO_NUMBER) or not hasattr(value, "dtype"):
        return value
    kind = str(value.dtype).lower()
    if any(word in kind for word in ("bool", "complex", "date", "time")):
        return ""  # no number; some libraries would make one of it
    if not hasattr(value, "item"):
        return value
    try:
        return value.item()
    except Exception:  # of several elements, or of none
        return ""


def _is_complex(value: object) -> bool:
    return isinstance(value, Complex) and not isinstance(value, Real)
