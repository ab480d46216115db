"""Optuna's distributions as params of ours, and their values as ours.

A distribution with a step is a whole number of steps, a categorical one the place of its choice:
so whatever a choice may be, and however a step rounds, each value comes back as it was.
"""

from collections.abc import Mapping
from typing import Any

from tunesmith.space import Space
from tunesmith.space.params import Value


def space_of(distributions: Mapping[str, Any]) -> Space:
    """Return the space of some distributions, none of which may have a single value.

    Raises SpaceError for a range that no param can have, such as one wider than floats are.
    """
    return Space.from_builtins(
        {"params": [{"name": name, **_record(d)} for name, d in distributions.items()]}
    )


def to_value(distribution: Any, theirs: Any) -> Value:
    """Return what stands for a value of Optuna's in a config of ours."""
    if _is_choice(distribution):
        return int(distribution.to_internal_repr(theirs))
    step = _step(distribution)
    plain: Value = theirs if step is None else round((theirs - distribution.low) / step)
    return plain


def from_value(distribution: Any, ours: Any) -> Any:
    """Return the value of Optuna's that a value of ours stands for."""
    if _is_choice(distribution):
        return distribution.choices[ours]
    step = _step(distribution)
    return ours if step is None else min(distribution.low + ours * step, distribution.high)


def _record(distribution: Any) -> dict[str, Any]:
    """Return a distribution as a space writes its params."""
    if _is_choice(distribution):
        return {"kind": "choice", "options": list(range(len(distribution.choices)))}
    low, high, step = distribution.low, distribution.high, _step(distribution)
    if step is not None:
        return {"kind": "int", "low": 0, "high": round((high - low) / step)}
    kind = "int" if isinstance(low, int) else "float"
    scale = "log" if distribution.log else "linear"
    return {"kind": kind, "low": low, "high": high, "scale": scale}


def _is_choice(distribution: Any) -> bool:
    return hasattr(distribution, "choices")


def _step(distribution: Any) -> float | None:
    """Return the step, if there is one and it is not the 1 of any whole number."""
    step: float | None = distribution.step
    return None if step is None or (isinstance(step, int) and step == 1) else step
