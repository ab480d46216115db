"""Numbers and counts as people read them, in terminals, pages and messages."""

import math
from typing import Final

DIGITS: Final = 4
"""Significant digits of a measured number."""

PLAIN: Final = (1e-4, 1e6)
"""Sizes of numbers that are written without an exponent; larger ones are not."""


def figure(value: float) -> str:
    """Write a measured number with four significant digits.

    Args:
        value: Any float; NaN and infinities are written as words.

    Returns:
        Such as "0.9787", "1.000", "23.45", "123457" and "1.235e-07". Digits before the point are
        all there up to a million.
    """
    if not math.isfinite(value) or value == 0:
        return f"{value:g}"
    rounded = float(f"{value:.{DIGITS - 1}e}")  # 0.99996 has as many decimals as 1
    if not PLAIN[0] <= abs(rounded) < PLAIN[1]:
        return f"{value:.{DIGITS}g}"
    decimals = max(0, DIGITS - 1 - math.floor(math.log10(abs(rounded))))
    return f"{value:.{decimals}f}"


def plural(count: int, noun: str) -> str:
    """Write a count and its noun, such as "1 trial" or "3,000 trials"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
