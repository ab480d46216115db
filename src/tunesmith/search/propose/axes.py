"""A space as a model sees it: configs are points, and every param is an axis.

A point [D] holds the unit of every param, as in Space.encode: its range as given is [0, 1]. Where
limits let a search go beyond the range, units below 0 or above 1 stand for values out there. A
param that is not active lies at its default, so that what cannot matter never tells points apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from tunesmith.space import Choice, Int, Param, Space
from tunesmith.space.params import Value

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]
Bools = NDArray[np.bool_]

FINEST: Final = 1024
"""A whole number with more values than this is rounded only when it becomes a config."""
BIT: Final = 1e-12
"""Units that differ by less are of one value."""


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Axes:
    """The D params of a space, in order."""

    space: Space
    """Every range as wide as its limits."""
    low: Floats
    """[D]: the unit of every lower limit, 0 where there is none."""
    high: Floats
    """[D]: the unit of every upper limit, 1 where there is none."""
    options: Whole
    """[D]: how many options a Choice has; 0 for numbers."""
    levels: tuple[Floats | None, ...]
    """[D]: the units that a param can have, ascending; None where they are too many."""
    middles: tuple[Floats, ...]
    """[D]: where one level ends and the next begins."""
    fine: tuple[tuple[int, Int], ...]
    """Whole numbers with too many levels to list, and their places."""
    conditional: tuple[tuple[int, Param], ...]
    """The params that are not always active, and their places."""

    def encode(self, config: Mapping[str, Value]) -> Floats:
        """Return the point [D] of a config within the limits."""
        units = self.low + self._width * self.space.encode(config)
        point: Floats = self.rounded(units[None])[0]
        return point

    def encode_all(self, configs: Sequence[Mapping[str, Value]]) -> Floats:
        """Return the points [M, D] of configs that were checked, each in a tenth of the time.

        They are those of `encode` but for the last bits.
        """
        if not configs:
            return np.empty((0, len(self.options)))
        columns = []
        for name, param in self.space.items():
            default = param.default_value
            columns.append(param.units([config.get(name, default) for config in configs]))
        points: Floats = self.rounded(self.low + self._width * np.array(columns).T)
        return points

    def decode(self, point: Floats) -> dict[str, Value]:
        """Return the config at a point [D] within the limits."""
        return self.space.decode(np.clip((point - self.low) / self._width, 0.0, 1.0))

    def rounded(self, points: Floats) -> Floats:
        """Return the nearest points [M, D] that configs have, for any `points` [M, D]."""
        near = np.clip(points, self.low, self.high)
        for at, levels in enumerate(self.levels):
            if levels is not None:
                near[:, at] = levels[np.searchsorted(self.middles[at], near[:, at])]
        for at, whole in self.fine:
            near[:, at] = self._centres(at, whole, near[:, at])
        for at, param in self.conditional:
            near[~self._active(near, param), at] = self._default(at, param)
        return near

    def size(self) -> float:
        """Return how many different points there are within the limits; inf with a Float."""
        if any(levels is None for levels in self.levels):
            return np.inf
        return float(np.prod([len(levels) for levels in self.levels if levels is not None]))

    @property
    def _width(self) -> Floats:
        return self.high - self.low

    def _centres(self, at: int, param: Int, units: Floats) -> Floats:
        """Return the units [M] of the whole numbers whose bins hold `units` [M]."""
        wide = self.high[at] - self.low[at]
        place = np.clip((units - self.low[at]) / wide, 0.0, 1.0)
        k = np.floor(param.scale.value(place, *param.ends) + 0.5).clip(param.low, param.high)
        # the last bits of a logarithm may depend on its place in the array
        centres: Floats = np.round(self.low[at] + wide * param.units(k), 12)
        return centres

    def _active(self, points: Floats, param: Param) -> Bools:
        """Return where `param` is active, [M]: a parent that is not lies at its default."""
        active = np.ones(len(points), dtype=np.bool_)
        names = list(self.space)
        for name, allowed in param.when:
            at, parent = names.index(name), self.space[name]
            units = [self._unit(at, parent.unit(value)) for value in allowed]
            here = (np.abs(points[:, [at]] - units) < BIT).any(axis=1)
            active &= here & self._active(points, parent)
        return active

    def _default(self, at: int, param: Param) -> float:
        return self._unit(at, param.unit(param.default_value))

    def _unit(self, at: int, wide: float) -> float:
        """Return the unit of a param whose unit within its limits is `wide`."""
        unit = self.low[at] + (self.high[at] - self.low[at]) * wide
        levels = self.levels[at]
        return float(unit if levels is None else levels[np.abs(levels - unit).argmin()])


@lru_cache(maxsize=16)
def axes_of(space: Space) -> Axes:
    """Return the params of `space` as axes."""
    widest = _widest(space)
    wide = tuple(widest.values())
    ends = np.array([_ends(*pair) for pair in zip(space.values(), wide, strict=True)])
    low, high = ends[:, 0], ends[:, 1]
    units = (_levels(param) for param in wide)
    levels = tuple(
        None if u is None else low[at] + (high[at] - low[at]) * u for at, u in enumerate(units)
    )
    return Axes(
        space=widest,
        low=low,
        high=high,
        options=np.array([len(p.options) if isinstance(p, Choice) else 0 for p in wide]),
        levels=levels,
        middles=tuple(
            low[at] + (high[at] - low[at]) * _middles(param) for at, param in enumerate(wide)
        ),
        fine=tuple(
            (at, param)
            for at, param in enumerate(wide)
            if levels[at] is None and isinstance(param, Int)
        ),
        conditional=tuple((at, param) for at, param in enumerate(wide) if param.when),
    )


def _widest(space: Space) -> Space:
    """Return `space` with every range as wide as its limits, and the same defaults."""
    data = space.to_builtins()
    for record, param in zip(data["params"], space.values(), strict=True):
        record["default"] = param.default_value
        if record.get("limits"):
            record["low"], record["high"] = record["limits"]
    return Space.from_builtins(data)  # without a second warning of what the user was warned of


def _ends(param: Param, wide: Param) -> tuple[float, float]:
    """Return the units of the limits of `param`, whose range as given is [0, 1]."""
    if isinstance(param, Choice) or isinstance(wide, Choice) or param.limits is None:
        return 0.0, 1.0
    lowest, highest = (param.scale.place(end, *param.ends) for end in wide.ends)
    return lowest, highest


def _levels(param: Param) -> Floats | None:
    """Return the units of all values of `param`, or None where they are too many."""
    if isinstance(param, Choice):
        return np.array([param.unit(option) for option in param.options])
    if isinstance(param, Int) and param.high - param.low < FINEST:
        return np.array([param.unit(value) for value in range(param.low, param.high + 1)])
    return None


def _middles(param: Param) -> Floats:
    """Return the units between the values of `param`; [0] where there are no levels."""
    levels = _levels(param)
    if isinstance(param, Int) and levels is not None:
        middles = range(param.low, param.high)
        return np.array([param.scale.unit(k + 0.5, *param.ends) for k in middles])
    return np.empty(0) if levels is None else (levels[1:] + levels[:-1]) / 2
