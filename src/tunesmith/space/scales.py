"""How a range is spread over [0, 1]: a value <-> its place there, its unit.

A scale bends the range onto a line (its `forward`), on which every stretch of equal length has
an equal share of the draws, and back again (its `backward`).

LINEAR  x               every stretch of equal width     dropout, layers
LOG     log10(x)        every decade of x                learning rate, weight decay
LOG1M   -log(1 - x)     every decade of 1 - x            beta of a running average
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, final, overload

import numpy as np
from numpy.typing import NDArray

from tunesmith.errors import SpaceError

Floats = NDArray[np.float64]


@final
@dataclass(frozen=True, slots=True, repr=False)
class Scale:
    """A rising function onto a line, and the way back; use LINEAR, LOG or LOG1M."""

    name: str
    forward: Callable[[Any], Any]
    backward: Callable[[Any], Any]

    def __repr__(self) -> str:
        return self.name.upper()

    @overload
    def unit(self, value: float, low: float, high: float) -> float: ...
    @overload
    def unit(self, value: Floats, low: float, high: float) -> Floats: ...
    def unit(self, value: float | Floats, low: float, high: float) -> float | Floats:
        """Return the place of `value` (a number or any array) in [low, high]: 0 at low, 1 at high.

        A value outside the range is taken for the nearer end.
        """
        inside = self.place(_clipped(value, low, high), low, high)
        return _pinned(value, _clipped(inside, 0.0, 1.0), {low: 0.0, high: 1.0})

    @overload
    def value(self, unit: float, low: float, high: float) -> float: ...
    @overload
    def value(self, unit: Floats, low: float, high: float) -> Floats: ...
    def value(self, unit: float | Floats, low: float, high: float) -> float | Floats:
        """Return the value at `unit` (a number or any array): low at 0, high at 1, never outside.

        The clip is needed: 10 ** log10(high) is above high for one float in ten.
        """
        with np.errstate(over="ignore"):  # 10 ** log10(the largest float) is infinite
            inside = self.at(unit, low, high)
        return _pinned(unit, _clipped(inside, low, high), {0.0: low, 1.0: high})

    def place(self, value: Any, low: float, high: float) -> Any:
        """Return where `value` lies: 0 at low, 1 at high, and outside the range beyond these."""
        start, end = self.forward(low), self.forward(high)
        return (self.forward(value) - start) / (end - start)

    def at(self, place: Any, low: float, high: float) -> Any:
        """Return what lies at `place`: low at 0, high at 1, but for the last bits."""
        start, end = self.forward(low), self.forward(high)
        return self.backward(start + place * (end - start))

    def check(self, low: float, high: float) -> None:
        """Raise SpaceError unless this scale can spread the range from `low` to `high`."""
        if not (math.isfinite(low) and math.isfinite(high)):
            raise SpaceError(f"a range needs finite ends, got {low=}, {high=}; give two numbers")
        if low > high:
            raise SpaceError(f"a range upside down: {low=} is above {high=}; swap them")
        if low == high:
            raise SpaceError(
                f"a range with one value: low and high are both {low}; "
                f"move them apart, or use Choice(({low},)) to keep it fixed"
            )
        if self == LOG and low <= 0:
            raise SpaceError(
                f"a log scale needs 0 < low < high, got {low=}, {high=}; "
                "start above 0, or use LINEAR for a range that touches 0"
            )
        if self == LOG1M and high >= 1:
            raise SpaceError(
                f"a log1m scale needs low < high < 1, got {low=}, {high=}; "
                "end below 1, or use LINEAR for a range that touches 1"
            )
        length = self.forward(high) - self.forward(low)
        if not 0 < length < math.inf:
            fault = "narrow" if length <= 0 else "wide"
            raise SpaceError(
                f"a range too {fault} for floats: {low=}, {high=}; give ends that are "
                f"{'further apart' if fault == 'narrow' else 'closer together'}"
            )


def _clipped(value: float | Floats, low: float, high: float) -> float | Floats:
    """Return `value` within [low, high]; of a number in a tenth of the time that np.clip takes."""
    if isinstance(value, np.ndarray):
        return np.clip(value, low, high)
    return low if value < low else high if value > high else value


def _pinned(
    place: float | Floats, inside: float | Floats, ends: dict[float, float]
) -> float | Floats:
    """Return `inside`, but to the bit what `ends` say where `place` is an end.

    The arithmetic alone is not exact: 10 ** log10(low) may miss low by a bit, and the logarithm
    of an array need not be the logarithm of its numbers, where both are compiled apart.
    """
    if not isinstance(place, np.ndarray):
        return float(ends.get(place, inside))
    for end, exact in ends.items():
        inside = np.where(place == end, exact, inside)
    return inside


def _same(x: Any) -> Any:
    return x


def _ten_to_the(y: Any) -> Any:
    return np.power(10.0, y)


def _minus_log_of_one_minus(x: Any) -> Any:
    return -np.log1p(-x)


def _one_minus_exp_of_minus(y: Any) -> Any:
    return -np.expm1(-y)


LINEAR: Final = Scale("linear", _same, _same)
"""Every stretch of equal width has an equal share of the draws."""
LOG: Final = Scale("log", np.log10, _ten_to_the)
"""Every decade has an equal share of the draws; for a range above 0."""
LOG1M: Final = Scale("log1m", _minus_log_of_one_minus, _one_minus_exp_of_minus)
"""Every decade of 1 - x has an equal share of the draws; for a range below 1."""

_SCALES: Final = {scale.name: scale for scale in (LINEAR, LOG, LOG1M)}


def scale_named(name: str) -> Scale:
    """Return the scale called "linear", "log" or "log1m"; any other name raises SpaceError."""
    if not isinstance(name, str) or name not in _SCALES:
        raise SpaceError(f"no scale {name!r}; the scales are {', '.join(_SCALES)}")
    return _SCALES[name]
