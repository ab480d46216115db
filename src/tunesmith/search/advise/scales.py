"""Scales: a param whose losses are explained better on another scale."""

import math
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tunesmith.history import History
from tunesmith.search.advise.judged import highest, judged
from tunesmith.search.advise.modelled import MODELLED
from tunesmith.search.propose.axes import axes_of
from tunesmith.search.propose.surrogate import fit, log_evidence
from tunesmith.space import LINEAR, LOG, LOG1M, Choice, Float, Int
from tunesmith.space.scales import Scale
from tunesmith.study import Advice, Study, Topic

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]

DECISIVE: Final = 5.0
"""Nats by which another scale must be more probable, 150 to 1, and more where many are tried."""
DECADES: Final = 1.0
"""Over fewer decades the scales hardly differ."""


def scales(study: Study, history: History) -> tuple[Advice, ...]:
    """Return the params that another scale suits decisively better, by a model's log evidence.

    Only a change of scale is judged: the same trials, at other places along one axis.
    """
    rung = highest(judged(study, history))
    options = axes_of(study.space).options
    others = [
        (at, name, param, scale)
        for at, (name, param) in enumerate(study.space.items())
        if not isinstance(param, Choice)
        for scale in alternatives(param)
    ]
    if rung is None or not others:
        return ()
    seen = rung.thinned(MODELLED)
    marks = seen.marks
    least = DECISIVE + math.log(len(others))
    now = _evidence(seen.points, marks, options)
    best: dict[str, Advice] = {}
    for at, name, param, scale in others:
        points = seen.points.copy()
        points[:, at] = placed(param, scale, points[:, at])
        gain = _evidence(points, marks, options) - now
        if gain >= least and (name not in best or gain > best[name].figures["nats"]):
            best[name] = _advice(name, param, scale, gain, least)
    return tuple(sorted(best.values(), key=lambda advice: -advice.figures["nats"]))


def alternatives(param: Float | Int) -> list[Scale]:
    """Return the scales that would spread the range of `param` otherwise, limits included."""
    low, high = param.limits or (param.low, param.high)
    decades = {
        LINEAR: np.inf,
        LOG: np.log10(high / low) if low > 0 else 0.0,
        LOG1M: np.log10((1 - low) / (1 - high)) if high < 1 and isinstance(param, Float) else 0.0,
    }
    if decades[param.scale] < DECADES:
        return []
    return [scale for scale, n in decades.items() if scale != param.scale and n >= DECADES]


def placed(param: Float | Int, scale: Scale, units: Floats) -> Floats:
    """Return the units [N] that the values at `units` [N] would have on another scale."""
    moved: Floats = scale.place(param.scale.at(units, *param.ends), *param.ends)
    return moved


def _evidence(points: Floats, marks: Floats, options: Whole) -> float:
    return log_evidence(points, marks, options, fit(points, marks, options))


def _advice(name: str, param: Float | Int, scale: Scale, nats: float, least: float) -> Advice:
    return Advice(
        kind=Topic.SCALE,
        param=name,
        text=(
            f"{name} is better on a {scale.name} scale than on a {param.scale.name} one: "
            f"by {nats:.1f} nats of log evidence, where {least:.1f} are decisive; "
            f"use scale=ts.{scale!r}"
        ),
        figures=MappingProxyType({"nats": nats, "decisive": least}),
    )
