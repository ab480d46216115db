"""Bounds: a range that ends too early, where the best crowd its end."""

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from tunesmith.history import History
from tunesmith.search.advise.judged import Judged, highest, judged
from tunesmith.search.advise.modelled import MODELLED, modelled
from tunesmith.search.advise.proportion import Proportion
from tunesmith.search.advise.region import whole_space
from tunesmith.search.propose.axes import Axes, axes_of
from tunesmith.search.propose.ranges import CROWDED, ROUNDING, Ranges, ends
from tunesmith.search.propose.surrogate import Surrogate
from tunesmith.space import LINEAR, LOG1M, Choice, Float, Int
from tunesmith.study import Advice, Study, Topic

Floats = NDArray[np.float64]

BEST: Final = 0.1
"""The share of the trials that count as the best."""
FEWEST: Final = 8
"""So many of them at least."""
CROWD: Final = 0.25
"""They crowd an end where more than this share of them lies in its tenth, beyond doubt."""
INWARD: Final = (0.05, 0.25)
"""The model compares an end with places so far from it, as shares of the range's width."""
FALLS: Final = 1.5
"""Losses fall towards an end by more than so many deviations of what the model expects there."""
WIDER: Final = 0.5
"""The advice is to widen a range by this share of its width on its scale."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One end of a param's range."""

    at: int
    """The param's place in the space."""
    high: bool
    unit: float
    width: float
    """Of the range. Both in units of the range as given."""


def bounds(study: Study, history: History) -> tuple[Advice, ...]:
    """Return the ends that the best crowd, where a model too says that losses fall towards it.

    The best are those of the longest rung with enough trials. That they crowd an end is not enough:
    a search that moves few params at a time hands on the others, whether they matter or not.
    """
    axes, rung = axes_of(study.space), highest(judged(study, history))
    if rung is None:
        return ()
    whole = whole_space(axes, history)
    best = rung.among(np.arange(max(FEWEST, math.ceil(BEST * rung.usable))))
    crowded = [
        (end, crowd)
        for end in _ends(axes, whole)
        if (crowd := crowding(axes, whole, best, end)).low > CROWD
    ]
    if not crowded:
        return ()
    seen = rung.thinned(MODELLED)
    model = modelled(axes, seen.points, seen.marks)
    found = [
        _advice(axes, whole, end, crowd) for end, crowd in crowded if falls(axes, model, best, end)
    ]
    return tuple(sorted(found, key=lambda advice: -advice.figures["share_low"]))


def _ends(axes: Axes, whole: Ranges) -> list[End]:
    """Return every end of a number's range that could be moved."""
    values = ends(axes, whole)
    return [
        End(at=at, high=high, unit=float(unit), width=float(whole.high[at] - whole.low[at]))
        for at, name in enumerate(axes.space)
        if name in values
        for high, unit in ((False, whole.low[at]), (True, whole.high[at]))
        if not _natural(axes.space[name], values[name][high], high=high)
    ]


def _natural(param: object, value: float, *, high: bool) -> bool:
    """Return whether nothing lies beyond an end: below 0 (or no layer at all), above 1."""
    if isinstance(param, Int):
        return not high and value in (0, 1)
    return value == (1.0 if high else 0.0)


def crowding(axes: Axes, whole: Ranges, best: Judged, end: End) -> Proportion:
    """Return how many of the best lie in the outer tenth, or at the last of a few values."""
    levels, places = axes.levels[end.at], best.points[:, end.at]
    tenth = CROWDED * end.width
    if levels is not None:
        inside = levels[
            (levels >= whole.low[end.at] - ROUNDING) & (levels <= whole.high[end.at] + ROUNDING)
        ]
        tenth = max(tenth, abs(float(inside[-1 if end.high else 0]) - end.unit))
    near = np.abs(places - end.unit) <= tenth + ROUNDING
    return Proportion(count=int(near.sum()), of=len(places))


def falls(axes: Axes, model: Surrogate, best: Judged, end: End) -> bool:
    """Return whether losses fall towards an end, as the model has it for the best.

    All the way: from a quarter of the width by more than the model is unsure of; and still in the
    last stretch, which tells an end that cuts off the best from a best that lies near it.
    """
    inward = -end.width if end.high else end.width

    def expected(share: float) -> tuple[float, float]:
        places = best.points.copy()
        places[:, end.at] = end.unit + share * inward
        mean, deviation = model.predict(axes.rounded(places))
        return float(mean.mean()), float(deviation.mean())

    (here, unsure), (near, _), (far, unsure_far) = map(expected, (0.0, *INWARD))
    return here <= near and far - here > FALLS * math.hypot(unsure, unsure_far)


def wider(param: Float | Int, value: float, other: float) -> float:
    """Return where to move the end at `value` of a range whose other end is `other`."""
    scale = param.scale
    start, end = scale.forward(other), scale.forward(value)
    place = float(scale.backward(end + WIDER * (end - start)))
    if isinstance(param, Int):
        return float(
            max(round(place), value + 1) if value > other else min(round(place), value - 1)
        )
    if scale == LINEAR and value > 0:
        place = max(place, 0.0)
    digits = 2 if scale == LINEAR else 1
    short = (
        1.0 - float(f"{1.0 - place:.{digits}g}") if scale == LOG1M else float(f"{place:.{digits}g}")
    )
    return short if (short > value) == (value > other) and short != value else place


def _advice(axes: Axes, whole: Ranges, end: End, crowd: Proportion) -> Advice:
    name = list(axes.space)[end.at]
    param, values = axes.space[name], ends(axes, whole)[name]
    value, other = values[end.high], values[not end.high]
    to = value if isinstance(param, Choice) else wider(param, value, other)
    side, verb = ("high", "raise") if end.high else ("low", "lower")
    return Advice(
        kind=Topic.BOUND,
        param=name,
        text=(
            f"the best crowd the {side} end of {name}, {value:.4g}: "
            f"{crowd} lie within a tenth of the range from it; {verb} it to {to:.4g}"
        ),
        figures=MappingProxyType(
            {
                "end": float(value),
                "to": float(to),
                "share": crowd.share,
                "share_low": crowd.low,
                "share_high": crowd.high,
            }
        ),
    )
