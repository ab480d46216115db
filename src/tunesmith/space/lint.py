"""What looks wrong in a space, and why: ranges on a scale that starves most of their decades."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, final

from tunesmith.space.params import Float, Int, Param
from tunesmith.space.scales import LINEAR, LOG, LOG1M

DECADES: Final = 100.0
"""A linear range is suspicious from this high / low on: it spans two decades."""
LARGE_INT: Final = 1000
"""A whole-number range that ends below is never suspicious: units and layers may be linear."""
NEAR_ONE: Final = 0.99
"""A range that ends here or above, but below 1, holds betas of running averages."""
BETAS: Final = 20.0
"""Betas are suspicious from this (1 - low) / (1 - high) on: there is more than one decade."""
BETAS_FROM: Final = {LINEAR: 0.0, LOG: 0.5}
"""Where a range of betas may start; a log range from lower down means its decades of x."""
NOISE: Final = 1e-9
"""Ratios of floats are compared with this tolerance: 1 - 0.999 is not quite 0.001."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One param that is probably not on the scale that was meant."""

    param: str
    text: str
    """One sentence for the user: what happens, and the remedy."""
    share: float
    """The share of draws, in [0, 1], that falls in the top decade of the range."""


def lint(params: Mapping[str, Param]) -> tuple[Finding, ...]:
    """Return what looks wrong in `params`, at most one finding for each, in their order."""
    findings = (_beta(name, p) or _decades(name, p) for name, p in params.items())
    return tuple(finding for finding in findings if finding is not None)


def _decades(name: str, param: Param) -> Finding | None:
    """Find a linear range that spans decades: 90 % of its draws fall in the top one."""
    if not isinstance(param, Float | Int) or param.scale != LINEAR or param.low <= 0:
        return None
    if param.high / param.low < DECADES * (1 - NOISE):
        return None
    if isinstance(param, Int) and param.high < LARGE_INT:
        return None
    start = param.high / 10
    if isinstance(param, Float):
        share = (param.high - start) / (param.high - param.low)
    else:
        share = (param.high - math.ceil(start) + 1) / (param.high - param.low + 1)
    text = (
        f"{name}: {_percent(share)} of draws from a linear range of {_range(param)} fall in its "
        f"top decade, {start:.12g} to {param.high:.12g}; "
        "use scale=LOG to give every decade its share"
    )
    return Finding(param=name, text=text, share=share)


def _beta(name: str, param: Param) -> Finding | None:
    """Find betas near 1 that are not spread by the decades of 1 - beta."""
    if not isinstance(param, Float) or not NEAR_ONE <= param.high < 1:
        return None
    lowest = BETAS_FROM.get(param.scale)
    if lowest is None or param.low < lowest:
        return None
    if (1 - param.low) / (1 - param.high) < BETAS * (1 - NOISE):
        return None
    start = 1 - 10 * (1 - param.high)
    share = 1 - param.scale.unit(start, param.low, param.high)
    better = 1 - LOG1M.unit(start, param.low, param.high)
    text = (
        f"{name}: {_percent(share)} of draws from a {param.scale.name} range of {_range(param)} "
        f"fall in its top decade, {start:.12g} to {param.high:.12g} "
        f"(averages over {1 / (1 - start):.0f} to {1 / (1 - param.high):.0f} values), "
        f"where LOG1M would put {_percent(better)}; "
        "use scale=LOG1M to give every decade of 1 - beta its share"
    )
    return Finding(param=name, text=text, share=share)


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"


def _range(param: Float | Int) -> str:
    return f"{param.low:.12g} to {param.high:.12g}"
