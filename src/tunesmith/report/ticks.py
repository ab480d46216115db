"""Ticks: round values along an axis, on its own scale."""

import math
from collections.abc import Sequence
from typing import Final, TypeVar

from tunesmith.report.places import Axis
from tunesmith.space import LINEAR, LOG, Choice, Int, Param, Scale

Tick = tuple[float, str]
"""A place on the axis, and what is written there."""

T = TypeVar("T")

STEPS: Final = (1, 2, 5)
LINEAR_STEPS: Final = (1, 2, 2.5, 5)
LONGEST: Final = 14
"""Letters of an option that are shown."""


def ticks(axis: Axis, most: int = 6) -> list[Tick]:
    """Return at most `most` ticks of an axis between its lowest and highest place.

    LINEAR has steps of 1, 2 or 5; LOG has decades; LOG1M has decades of one minus the value: 0.9,
    0.99, 0.999. Where an axis has no two decades, there are 1, 2 and 5 of each. Every option of a
    Choice has a tick, but for those beyond `most`.
    """
    if isinstance(axis.param, Choice):
        options = axis.param.options
        named = [(axis.param.unit(option), _short(str(option))) for option in options]
        return _fewer(named, most)
    low, high = value_at(axis.param, axis.lowest), value_at(axis.param, axis.highest)
    values = marks(axis.param.scale, low, high, most)
    if isinstance(axis.param, Int):
        values = sorted({float(round(value)) for value in values})
    inside = [(axis.param.place(value), _text(value)) for value in values]
    return [tick for tick in inside if axis.lowest - 1e-9 <= tick[0] <= axis.highest + 1e-9]


def marks(scale: Scale, low: float, high: float, most: int = 6) -> list[float]:
    """Return round values from `low` to `high` on a scale, `most` of them at most."""
    if scale != LINEAR:
        one_minus = scale != LOG
        small, large = (1 - high, 1 - low) if one_minus else (low, high)
        for steps in ((1,), STEPS):
            found = _decades(small, large, steps)
            if len(found) > 1:
                few = _fewer(found, most)
                return sorted(_one_minus(value) for value in few) if one_minus else few
    return _linear(low, high, most)


def value_at(param: Param, at: float) -> float:
    """Return the number that lies at a place of a param's axis."""
    if isinstance(param, Choice):
        return at
    return float(param.scale.at(at, *param.ends))


def _linear(low: float, high: float, most: int) -> list[float]:
    """Return the multiples of the smallest round step that gives no more than `most`."""
    if not low < high:
        return [low]
    power = math.floor(math.log10((high - low) / most))
    for step in (float(f"{times}e{power + more}") for more in (0, 1) for times in LINEAR_STEPS):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            break
    digits = max(0, 2 - math.floor(math.log10(step)))
    return [round(count * step, digits) for count in range(first, last + 1)] or [low]


def _decades(low: float, high: float, steps: Sequence[int]) -> list[float]:
    powers = range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 1)
    values = [float(f"{step}e{power}") for power in powers for step in steps]
    room = 1e-9
    return [value for value in values if low * (1 - room) <= value <= high * (1 + room)]


def _one_minus(value: float) -> float:
    """Return 1 - value without the dust of floating point: 0.999, not 0.9990000000000001."""
    return round(1 - value, 2 - math.floor(math.log10(value)))


def _fewer(found: Sequence[T], most: int) -> list[T]:
    return list(found[:: math.ceil(len(found) / most)]) if found else []


def _text(value: float) -> str:
    if value and not 1e-3 <= abs(value) < 1e5:
        mantissa, power = f"{value:.0e}".split("e")
        return f"{mantissa}e{int(power)}"
    return f"{value:,.10g}"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
