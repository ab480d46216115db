"""Where values lie on the axes of pictures, in units of a param's range as given."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

from tunesmith.history import History
from tunesmith.space import Choice, Int, Param
from tunesmith.space.params import Value


def place(param: Param, value: Value) -> float:
    """Return where a value lies: 0 at the low end of the range as given, 1 at its high end.

    Values outside that range, where a search may have widened it, lie below 0 or above 1.
    """
    if isinstance(param, Choice):
        return param.unit(value)
    start, end = map(param.scale.forward, edges(param))
    return float((param.scale.forward(value) - start) / (end - start))


def edges(param: Param) -> tuple[float, float]:
    """Return the ends of a number's axis: a whole number has half a step of room on both sides."""
    if isinstance(param, Choice):
        return 0.0, 1.0
    room = 0.5 if isinstance(param, Int) else 0.0
    return param.low - room, param.high + room


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A param as pictures show it."""

    name: str
    param: Param
    lowest: float
    """The lowest and highest place that the search ever looked at: 0 and 1 unless it widened."""
    highest: float

    @property
    def searched(self) -> bool:
        """Whether there was anything to choose."""
        return not isinstance(self.param, Choice) or len(self.param.options) > 1

    def to_builtins(self) -> dict[str, Any]:
        """Return it as plain JSON data."""
        plain: dict[str, Any] = {
            "name": self.name,
            "kind": type(self.param).__name__.lower(),
            "scale": "choice" if isinstance(self.param, Choice) else self.param.scale.name,
            "ends": list(edges(self.param)),
            "lowest": self.lowest,
            "highest": self.highest,
            "searched": self.searched,
        }
        if isinstance(self.param, Choice):
            return plain | {"options": list(self.param.options)}
        return plain | {"low": self.param.low, "high": self.param.high}


def axes(history: History) -> tuple[Axis, ...]:
    """Return every param as pictures show it, in the order of the space."""
    space: Mapping[str, Param] = history.study.space
    return tuple(
        Axis(
            name=name,
            param=param,
            lowest=min((opened.whole_low[at] for opened in history.rounds), default=0.0),
            highest=max((opened.whole_high[at] for opened in history.rounds), default=1.0),
        )
        for at, (name, param) in enumerate(space.items())
    )
