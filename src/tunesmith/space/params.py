"""What one param may be: a number, a whole number, or one of several options.

Every param maps a unit in [0, 1] to a value and back. Equal stretches of [0, 1] are equal shares
of the draws, so a config is drawn by drawing each unit uniformly.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any, Final, TypeVar, final

import numpy as np

from tunesmith.errors import SpaceError
from tunesmith.number import shown
from tunesmith.space.scales import LINEAR, LOG1M, Floats, Scale
from tunesmith.space.values import Value as Value
from tunesmith.space.values import number, option_value, text, whole_number

Conditions = tuple[tuple[str, tuple[Value, ...]], ...]
"""Pairs of another param's name and the values it may have, sorted by name; all must hold."""

When = Mapping[str, Value | tuple[Value, ...] | list[Value]] | Conditions | None
"""Conditions as a user writes them: {"optimizer": ("momentum", "nesterov"), "layers": 2}."""

_Number = TypeVar("_Number", int, float)

FIRST_OPTION: Final[Any] = object()
"""Stands for a default of a Choice that was not given, since None may be an option."""


@final
@dataclass(frozen=True, slots=True, init=False, repr=False)
class Float:
    """A number from `low` to `high`, both included, spread over the range by `scale`.

    priority  1 is searched first; a small budget leaves higher numbers at their defaults
    default   the value when it is not searched; the middle of the range if not given
    limits    how far a search may widen the range; without limits the range is hard
    when      the param exists only where other params have one of the given values

    Raises SpaceError for arguments that make no range.
    """

    low: float
    high: float
    scale: Scale
    priority: int
    default: float | None
    limits: tuple[float, float] | None
    when: Conditions

    def __init__(
        self,
        low: float,
        high: float,
        *,
        scale: Scale = LINEAR,
        priority: int = 1,
        default: float | None = None,
        limits: tuple[float, float] | None = None,
        when: When = None,
    ) -> None:
        _freeze(self, low=number("low", low), high=number("high", high))
        _freeze(self, scale=_scale(scale), priority=_priority(priority), when=_conditions(when))
        self.scale.check(self.low, self.high)
        ends = None if limits is None else tuple(number("limits", end) for end in _pair(limits))
        _freeze(self, limits=_limits(self, ends))
        _freeze(self, default=_default(self, default))

    def __repr__(self) -> str:
        return _repr(self, "low", "high")

    @property
    def default_value(self) -> float:
        """The default, or else the middle of the range on its scale."""
        return self.value(0.5) if self.default is None else self.default

    @property
    def ends(self) -> tuple[float, float]:
        """Where its axis ends: at the ends of the range."""
        return self.low, self.high

    def value(self, unit: float) -> float:
        """Return the value at `unit` in [0, 1]: low at 0, high at 1."""
        return self.scale.value(_unit(unit), self.low, self.high)

    def unit(self, value: Value) -> float:
        """Return the unit of `value`; `value(unit(x))` is x but for rounding, see Space.decode."""
        return self.scale.unit(self.check(value), self.low, self.high)

    def units(self, values: Sequence[Value]) -> Floats:
        """Return the units [M] of values that were checked, but for the last bits."""
        return self.scale.unit(np.array(values, dtype=np.float64), self.low, self.high)

    def place(self, value: Value) -> float:
        """Return where a number lies: its unit, or below 0 or above 1 outside the range."""
        return float(self.scale.place(value, *self.ends))

    def check(self, value: object) -> float:
        """Return `value` as a float; SpaceError if it is not a number in the range."""
        return _in_range(self, number(f"a value from {self.low} to {self.high}", value))


@final
@dataclass(frozen=True, slots=True, init=False, repr=False)
class Int:
    """A whole number from `low` to `high`, both included, spread over the range by `scale`.

    The scale spreads the range from low - 1/2 to high + 1/2, and each number takes the stretch
    that rounds to it: so both ends get as fair a share as any. The other arguments are those of
    Float; LOG1M is not for whole numbers. Raises SpaceError for arguments that make no range.
    """

    low: int
    high: int
    scale: Scale
    priority: int
    default: int | None
    limits: tuple[int, int] | None
    when: Conditions

    def __init__(
        self,
        low: int,
        high: int,
        *,
        scale: Scale = LINEAR,
        priority: int = 1,
        default: int | None = None,
        limits: tuple[int, int] | None = None,
        when: When = None,
    ) -> None:
        _freeze(self, low=whole_number("low", low), high=whole_number("high", high))
        _freeze(self, scale=_scale(scale), priority=_priority(priority), when=_conditions(when))
        if self.scale == LOG1M:
            raise SpaceError(f"whole numbers from {low} to {high} have no LOG1M; use LINEAR or LOG")
        self.scale.check(self.low, self.high)
        ends = None if limits is None else tuple(whole_number("limits", e) for e in _pair(limits))
        _freeze(self, limits=_limits(self, ends))
        _freeze(self, default=_default(self, default))

    def __repr__(self) -> str:
        return _repr(self, "low", "high")

    @property
    def default_value(self) -> int:
        """The default, or else the middle of the range on its scale."""
        return self.value(0.5) if self.default is None else self.default

    @property
    def ends(self) -> tuple[float, float]:
        """Where its axis ends: half a step beyond the range, as far as the outermost bins go."""
        return self.low - 0.5, self.high + 0.5

    def value(self, unit: float) -> int:
        """Return the number whose bin holds `unit` in [0, 1]: low at 0, high at 1."""
        place = self.scale.value(_unit(unit), *self.ends)
        return min(max(math.floor(place + 0.5), self.low), self.high)

    def unit(self, value: Value) -> float:
        """Return the centre of the bin of `value`; `value(unit(k))` is k."""
        k, (low, high) = self.check(value), self.ends
        return (self.scale.unit(k - 0.5, low, high) + self.scale.unit(k + 0.5, low, high)) / 2

    def units(self, values: Sequence[Value] | Floats) -> Floats:
        """Return the units [M] of values that were checked, but for the last bits."""
        k = np.asarray(values, dtype=np.float64)
        return (self.scale.unit(k - 0.5, *self.ends) + self.scale.unit(k + 0.5, *self.ends)) / 2

    def place(self, value: Value) -> float:
        """Return where a number lies: its unit, or below 0 or above 1 outside the range."""
        return float(self.scale.place(value, *self.ends))

    def check(self, value: object) -> int:
        """Return `value` as an int; SpaceError if it is not a whole number in the range."""
        return _in_range(self, whole_number(f"a value from {self.low} to {self.high}", value))


@final
@dataclass(frozen=True, slots=True, init=False, repr=False)
class Choice:
    """One of `options`: texts, numbers, truth values or None, no two of them equal in Python.

    Option i of n takes the stretch [i/n, (i+1)/n). `default` is the first option if not given,
    and None where None is an option and `default=None` was given; `priority` and `when` are those
    of Float. Raises SpaceError for arguments that make no choice.
    """

    options: tuple[Value, ...]
    priority: int
    default: Value
    """None where it was not given and None is no option; see `default_value`."""
    when: Conditions

    def __init__(
        self,
        options: tuple[Value, ...] | list[Value],
        *,
        priority: int = 1,
        default: Value = FIRST_OPTION,
        when: When = None,
    ) -> None:
        _freeze(self, options=_options(options))
        _freeze(self, priority=_priority(priority), when=_conditions(when))
        if default is FIRST_OPTION:  # where None is an option, a default of None is that option
            default = self.options[0] if None in self.options else None
        _freeze(self, default=_default(self, default))

    def __repr__(self) -> str:
        call = _repr(self, "options")
        if self.default is None and self.default_value is None and self.options[0] is not None:
            return f"{call[:-1]}, default=None)"
        return call

    @property
    def default_value(self) -> Value:
        """The default, or else the first option."""
        if self.default is None and None not in self.options:
            return self.options[0]
        return self.default

    def value(self, unit: float) -> Value:
        """Return the option whose bin holds `unit` in [0, 1]."""
        n = len(self.options)  # edges are compared as i / n: floor(unit * n) misses some
        return self.options[bisect_right(range(1, n), _unit(unit), key=lambda i: i / n)]

    def unit(self, value: Value) -> float:
        """Return the centre of the bin of `value`; `value(unit(option))` is the option."""
        return (self.options.index(self.check(value)) + 0.5) / len(self.options)

    def units(self, values: Sequence[Value]) -> Floats:
        """Return the units [M] of values that were checked."""
        n = len(self.options)
        units = {option: (i + 0.5) / n for i, option in enumerate(self.options)}
        return np.array([units[value] for value in values], dtype=np.float64)

    def place(self, value: Value) -> float:
        """Return where an option lies: its unit."""
        return self.unit(value)

    def check(self, value: object) -> Value:
        """Return the option equal to `value`, and a truth value only for a truth value."""
        with suppress(SpaceError):
            plain = option_value(value)
            for option in self.options:
                if option == plain and isinstance(option, bool) == isinstance(plain, bool):
                    return option
        raise SpaceError(
            f"got {shown(value)}, but the options are {_listed(self.options)}; give one"
        )


Param = Float | Int | Choice
"""One axis of a space."""


def _freeze(param: "Param", **values: object) -> None:
    """Set fields while `param` is being made; afterwards it is frozen."""
    for name, value in values.items():
        object.__setattr__(param, name, value)


def _scale(scale: object) -> Scale:
    if not isinstance(scale, Scale):
        raise SpaceError(f"the scale must be LINEAR, LOG or LOG1M, got {scale!r}; give one of them")
    return scale


def _priority(priority: object) -> int:
    number = whole_number("priority", priority)
    if number < 1:
        raise SpaceError(f"priority counts from 1, which is searched first, got {number}; give 1")
    return number


def _pair(limits: object) -> tuple[object, object]:
    if not isinstance(limits, tuple | list) or len(limits) != 2:
        raise SpaceError(f"limits must be a pair such as (4, 4096), got {limits!r}")
    return limits[0], limits[1]


def _limits(param: Float | Int, ends: tuple[float, ...] | None) -> tuple[float, ...] | None:
    if ends is None:
        return None
    lowest, highest = ends
    try:
        param.scale.check(lowest, highest)
    except SpaceError as error:
        raise SpaceError(f"limits: {error}") from None
    if not lowest <= param.low < param.high <= highest:
        raise SpaceError(
            f"limits={ends} must enclose the range from {param.low} to {param.high}; "
            "widen the limits or narrow the range"
        )
    return ends


def _default(param: "Param", default: Value) -> Value:
    """Return the default as a value of `param`, which has all its other fields already."""
    if default is None:
        return None
    try:
        return param.check(default)
    except SpaceError as error:
        raise SpaceError(f"default: {error}") from None


def _in_range(param: Float | Int, number: _Number) -> _Number:
    if not param.low <= number <= param.high:
        raise SpaceError(
            f"got {number}, but the range is {param.low} to {param.high}; give a value within it"
        )
    return number


def _unit(unit: float) -> float:
    if not 0 <= unit <= 1:
        raise SpaceError(f"a unit lies between 0 and 1, got {unit}; clip it")
    return float(unit)


def _options(options: object) -> tuple[Value, ...]:
    if not isinstance(options, tuple | list) or not options:
        raise SpaceError(f"options must be a tuple such as ('relu', 'tanh'), got {options!r}")
    seen: dict[Value, Value] = {}
    for option in map(option_value, options):
        if option in seen:
            raise SpaceError(
                f"options {seen[option]!r} and {option!r} are equal in Python; "
                "leave one out, or write them as text"
            )
        seen[option] = option
    return tuple(seen)


def _conditions(when: object) -> Conditions:
    """Return `when` in its frozen form; a frozen form comes back as it is."""
    if when is None:
        return ()
    try:
        pairs = dict(when)  # type: ignore[call-overload]
    except (TypeError, ValueError):
        raise SpaceError(
            f'when must map names to values, such as {{"optimizer": "momentum"}}, got {when!r}'
        ) from None
    return tuple(sorted((_name(name), _allowed(name, pairs[name])) for name in pairs))


def _allowed(name: str, values: object) -> tuple[Value, ...]:
    several = tuple(values) if isinstance(values, tuple | list) else (values,)
    if not several:
        raise SpaceError(f"when: no value of {name!r} is allowed; give at least one")
    return tuple(map(option_value, several))


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise SpaceError(f"when: a param is called by its name, got {name!r}; write it as text")
    return text("when: a name", name)


def _listed(values: tuple[Value, ...]) -> str:
    return ", ".join(map(repr, values))


def _repr(param: "Param", *positional: str) -> str:
    """Return the call that makes `param`, without the arguments that were left out."""
    given = [repr(getattr(param, name)) for name in positional]
    for field in fields(param):
        value = getattr(param, field.name)
        if field.name not in positional and value is not None and value != ():
            given.append(f"{field.name}={dict(value) if field.name == 'when' else value!r}")
    return f"{type(param).__name__}({', '.join(given)})"
