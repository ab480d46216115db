"""Rounds: when the ranges are looked at again, and what they are derived from."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, takewhile
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from tunesmith.amendment import Amendment
from tunesmith.search.propose.acquisition import log_improvement
from tunesmith.search.propose.axes import Axes
from tunesmith.search.propose.candidates import anywhere, near
from tunesmith.search.propose.ranges import (
    CAREFUL,
    PACE,
    Ranges,
    as_given,
    in_words,
    narrowed,
    widened,
)
from tunesmith.search.propose.surrogate import Surrogate

Floats = NDArray[np.float64]

FIRST: Final = 8
"""Trials of the first round, over the whole space."""
LOOKED_AT: Final = 512
"""Places that are looked at for what is promising; half of them near the best."""
PROMISING: Final = 0.3
"""The share of these places that the next ranges hold. With less, searches get stuck."""
ELITES: Final = 0.15
"""The share of the trials that count as the best; three at least."""


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stage:
    """Where a round looks: its ranges, the whole space at that time, and why."""

    ranges: Ranges
    whole: Ranges
    reason: str


def opening(number: int) -> int:
    """Return at how many trials round `number` opens: 0, 8, 16, 24, 32, 48, 64, 96, 128, ..."""
    if number < 2:
        return FIRST * number
    doublings, half = divmod(number - 2, 2)
    return int(FIRST * (3 if half else 2) * 2**doublings)


def round_at(trials: int) -> int:
    """Return the number of the round that trial number `trials` belongs to."""
    return len(list(takewhile(lambda n: opening(n) <= trials, count(1))))


def first_stage(axes: Axes) -> Stage:
    """Return the first round's: the whole space as given."""
    whole = as_given(axes)
    return Stage(ranges=whole, whole=whole, reason="the whole space as given")


def amended_stage(axes: Axes, before: Stage, amended: Sequence[Amendment]) -> Stage:
    """Return the first round's after ranges were amended: these as they are given now."""
    names = {name for change in amended for name in change.moved}
    new = np.array([name in names for name in axes.space])
    given = as_given(axes)

    def taken(ranges: Ranges) -> Ranges:
        return Ranges(
            low=np.where(new, given.low, ranges.low), high=np.where(new, given.high, ranges.high)
        )

    reason = f"amended: {'; '.join(change.reason for change in amended)}"
    return Stage(ranges=taken(before.ranges), whole=taken(before.whole), reason=reason)


def next_stage(
    axes: Axes, before: Stage, best: Floats, model: Surrogate | None, chance: np.random.Generator
) -> Stage:
    """Return where the next round looks, given the `best` trials [B, D], the very best first.

    With a model, its ranges hold what the model finds promising; without, the best trials.
    """
    whole = widened(axes, before.whole, best)
    held = best if model is None else promising(axes, whole, best, model, chance)
    further_low, further_high = whole.low < before.whole.low, whole.high > before.whole.high
    opened = Ranges(
        low=np.where(further_low, whole.low, before.ranges.low),
        high=np.where(further_high, whole.high, before.ranges.high),
    )
    ranges = narrowed(axes, opened, whole, held, CAREFUL if model is None else PACE)
    reason = in_words(axes, before.ranges, ranges)
    if (ranges.low < opened.low).any() or (ranges.high > opened.high).any():
        reason += "; something promising lies outside the ranges before"
    if further_low.any() or further_high.any():
        reason += f"; the best crowd an end: {in_words(axes, before.whole, whole)} in all"
    return Stage(ranges=ranges, whole=whole, reason=reason)


def promising(
    axes: Axes, whole: Ranges, best: Floats, model: Surrogate, chance: np.random.Generator
) -> Floats:
    """Return the places [M, D] where most improvement is to be expected, and the best trials."""
    half = LOOKED_AT // 2
    places = np.concatenate(
        [anywhere(axes, whole, half, chance), near(axes, whole, best, half, chance)]
    )
    smallest = float(model.mean(best).min())
    worth = log_improvement(*model.predict(places), smallest)
    most = np.argsort(-worth, kind="stable")[: int(PROMISING * len(places))]
    return np.concatenate([best[:3], places[most]])


def elites(points: Floats, losses: Floats) -> Floats:
    """Return the best of `points` [N, D] by `losses` [N], the very best first, each once."""
    order = np.argsort(losses, kind="stable")[: max(3, int(np.ceil(ELITES * len(losses))))]
    _, first = np.unique(points[order], axis=0, return_index=True)
    return points[order][np.sort(first)]
