"""Ranges: from where to where the next trials are drawn, and how they close in.

They hold what is promising, with a margin: they shrink, and grow only where what is promising lies
outside. The whole space itself is widened where the best trials crowd an end of it, as far as its
limits.
"""

from dataclasses import dataclass
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from tunesmith.search.propose.axes import Axes
from tunesmith.space import Choice

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MARGIN: Final = 0.1
"""Ranges go beyond what is promising by this share of its width, on both sides."""
NARROWEST: Final = 0.05
"""The least width that the margin is taken of, in units of the range as given."""
PACE: Final = 0.6
"""A range keeps this share of its width, at least, from one round to the next."""
CAREFUL: Final = 0.9
"""The same where no model says what is promising: the best trials alone mislead."""
SLACK: Final = 0.05
"""Ranges grow only where what is promising lies farther outside than this, in the same units."""
CROWDED: Final = 0.1
"""The best crowd an end where half of them lie within this share of the width from it."""
WIDENING: Final = 0.25
"""An end that is crowded is moved by this share of the width, as far as the limits."""
ROUNDING: Final = 1e-9
"""Units that differ by less are equal."""


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranges:
    """From where to where every param goes, in units."""

    low: Floats
    """[D]"""
    high: Floats
    """[D]"""

    def holds(self, points: Floats) -> Bools:
        """Return which of `points` [M, D] lie inside, but for rounding."""
        inside = (points >= self.low - ROUNDING) & (points <= self.high + ROUNDING)
        held: Bools = np.all(inside, axis=1)
        return held

    @property
    def volume(self) -> float:
        """As a share of the space as given; above 1 after a widening."""
        return float(np.prod(self.high - self.low))


def as_given(axes: Axes) -> Ranges:
    """Return the ranges of the space as it was given."""
    return Ranges(low=np.zeros(len(axes.options)), high=np.ones(len(axes.options)))


def narrowed(
    axes: Axes, before: Ranges, whole: Ranges, promising: Floats, pace: float = PACE
) -> Ranges:
    """Return ranges round what is `promising` [M, D], at least 1, that follow on `before`.

    They stay in `whole`, and keep the share `pace` of their widths at least. All options of a
    Choice stay open.
    """
    first, last = promising.min(axis=0), promising.max(axis=0)
    margin = MARGIN * np.maximum(last - first, NARROWEST)
    short = pace * (before.high - before.low) - (last - first + 2 * margin)
    margin += np.maximum(short, 0.0) / 2
    low, high = first - margin, last + margin
    low = np.where(first < before.low - SLACK, low, np.maximum(low, before.low))
    high = np.where(last > before.high + SLACK, high, np.minimum(high, before.high))
    numbers = axes.options == 0
    return Ranges(
        low=np.where(numbers, np.maximum(low, whole.low), whole.low),
        high=np.where(numbers, np.minimum(high, whole.high), whole.high),
    )


def widened(axes: Axes, whole: Ranges, best: Floats) -> Ranges:
    """Return the whole space, wider where the `best` [B, D] crowd an end, within the limits.

    A param with few values is crowded at its last one, and gets one more at least.
    """
    width, middle = whole.high - whole.low, np.median(best, axis=0)
    low, high = whole.low.copy(), whole.high.copy()
    for at in np.flatnonzero(axes.options == 0):
        first, last = low[at] + CROWDED * width[at], high[at] - CROWDED * width[at]
        before, after = np.inf, -np.inf
        levels = axes.levels[at]
        if levels is not None:
            inside = np.flatnonzero(
                (levels >= low[at] - ROUNDING) & (levels <= high[at] + ROUNDING)
            )
            first, last = max(first, levels[inside[0]]), min(last, levels[inside[-1]])
            edges = np.concatenate([axes.low[at, None], axes.middles[at], axes.high[at, None]])
            before = edges[max(inside[0] - 1, 0)]
            after = edges[min(inside[-1] + 2, len(levels))]
        if middle[at] < first or (levels is not None and middle[at] == first):
            low[at] = min(low[at] - WIDENING * width[at], before)
        if middle[at] > last or (levels is not None and middle[at] == last):
            high[at] = max(high[at] + WIDENING * width[at], after)
    return Ranges(low=np.maximum(low, axes.low), high=np.minimum(high, axes.high))


def ends(axes: Axes, ranges: Ranges) -> dict[str, tuple[float, float]]:
    """Return the smallest and the largest value of every number in `ranges`, by name."""
    found: dict[str, tuple[float, float]] = {}
    for at, (name, param) in enumerate(axes.space.items()):
        if isinstance(param, Choice):
            continue
        low, high, levels = ranges.low[at], ranges.high[at], axes.levels[at]
        if levels is not None:
            inside = levels[(levels >= low - ROUNDING) & (levels <= high + ROUNDING)]
            low, high = (inside[0], inside[-1]) if len(inside) else (low, high)
        wide = (np.array([low, high]) - axes.low[at]) / (axes.high[at] - axes.low[at])
        first, last = np.clip(wide, 0.0, 1.0).tolist()
        found[name] = (param.value(first), param.value(last))
    return found


def in_words(axes: Axes, before: Ranges, after: Ranges) -> str:
    """Say what became of the ranges, such as "narrowed units to 16 to 64 (was 4 to 256)"."""
    was, now = ends(axes, before), ends(axes, after)
    said: dict[str, list[str]] = {"widened": [], "narrowed": []}
    for name in axes.space:
        if name in now and now[name] != was[name]:
            grew = now[name][0] < was[name][0] or now[name][1] > was[name][1]
            change = f"{name} to {_to(now[name])} (was {_to(was[name])})"
            said["widened" if grew else "narrowed"].append(change)
    told = [f"{verb} {', '.join(changes)}" for verb, changes in said.items() if changes]
    return "; ".join(told) or "the ranges stay as they were"


def _to(pair: tuple[float, float]) -> str:
    return " to ".join(f"{end:.3g}" if isinstance(end, float) else f"{end}" for end in pair)
