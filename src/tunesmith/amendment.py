"""What was changed of a study between two of its runs, on purpose: its budget, ranges, configs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, final

from tunesmith.errors import StudyError
from tunesmith.space import Choice, Param, Space
from tunesmith.study import Round, Study
from tunesmith.trial import Config

BUDGETS: Final = ("trials", "total_epochs", "minutes")
"""What may be changed beside the ranges."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """The question from one trial on, and configs given by hand."""

    first: int
    """How many trials had been begun before."""
    study: Study
    given: tuple[Config, ...] = ()
    """To be tried before any other, in order."""
    moved: tuple[str, ...] = ()
    """The params whose range was changed."""
    reason: str = ""
    """Such as "trials 30, not 20; rate from 0.001 to 0.1, not from 0.0001 to 1"."""

    def to_builtins(self) -> dict[str, Any]:
        """Return it as plain JSON data, without what follows from the studies."""
        return {
            "study": self.study.to_builtins(),
            "given": [dict(config) for config in self.given],
        }


def amendment(before: Study, study: Study, first: int, given: tuple[Config, ...]) -> Amendment:
    """Return what makes one study of another; StudyError where that cannot be changed."""
    other = replace(study, **{name: getattr(before, name) for name in (*BUDGETS, "space")})
    difference = before.difference(other)
    if difference:
        raise StudyError(
            f"a study keeps what it asks ({difference}): only its budget and its ranges can be "
            "amended; give the new one another name"
        )
    budgets = [
        f"{name} {getattr(study, name)}, not {getattr(before, name)}"
        for name in BUDGETS
        if getattr(study, name) != getattr(before, name)
    ]
    moved = tuple(name for name in _moved(before.space, study.space))
    ranges = [
        f"{name} {_range(study.space[name])}, not {_range(before.space[name])}" for name in moved
    ]
    said = f"{len(given)} config{'s' if len(given) > 1 else ''} given by hand"
    return Amendment(
        first=first,
        study=study,
        given=given,
        moved=moved,
        reason="; ".join([*budgets, *ranges, *([said] if given else [])]),
    )


def holds(space: Space, config: Mapping[str, object]) -> bool:
    """Return whether each number of a config lies in its range, or within its limits."""
    for name, value in config.items():
        param = space[name]
        if not isinstance(param, Choice) and isinstance(value, int | float):
            low, high = param.limits or (param.low, param.high)
            if not low <= value <= high:
                return False
    return True


def seen_from(opened: Round, before: Space, after: Space) -> Round:
    """Return a round in the units of `after`, where ranges were those of `before` when it opened.

    Its ranges as values stay as they are.
    """
    pairs = list(zip(before.values(), after.values(), strict=True))

    def turned(units: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(_turned(unit, *pair) for unit, pair in zip(units, pairs, strict=True))

    return replace(
        opened,
        low=turned(opened.low),
        high=turned(opened.high),
        whole_low=turned(opened.whole_low),
        whole_high=turned(opened.whole_high),
    )


def _turned(unit: float, before: Param, after: Param) -> float:
    """Return the unit of `after` at which the value lies that is at a unit of `before`."""
    if before == after or isinstance(before, Choice) or isinstance(after, Choice):
        return unit
    start, end = map(before.scale.forward, before.ends)
    first, last = map(before.scale.forward, after.ends)
    return float((start + unit * (end - start) - first) / (last - first))


def _moved(before: Space, after: Space) -> list[str]:
    """Return the params whose range differs; StudyError where anything else does."""
    if list(before) != list(after):
        raise StudyError(
            f"a study keeps its params ({', '.join(before)}), got {', '.join(after)}: only ranges "
            "can be amended; give the new study another name"
        )
    moved = [name for name, param in before.items() if param != after[name]]
    for name in moved:
        if _question(before[name]) != _question(after[name]):
            raise StudyError(
                f"only the range, the limits and the default of a number can be amended, got "
                f"{name}={after[name]!r} in place of {before[name]!r}: give the new study another "
                "name"
            )
    return moved


def _question(param: Param) -> tuple[object, ...]:
    """Return what of a param cannot be amended."""
    if isinstance(param, Choice):
        return (param,)
    return type(param), param.scale, param.priority, param.when


def _range(param: Param) -> str:
    if isinstance(param, Choice):
        return repr(param.options)
    text = f"from {param.low:.6g} to {param.high:.6g}"
    return (
        f"{text} (limits {param.limits[0]:.6g} and {param.limits[1]:.6g})" if param.limits else text
    )
