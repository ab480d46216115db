"""Where values lie on the axes of pictures, in units of a param's range as given."""

from dataclasses import dataclass
from typing import Any, final

from tunesmith.history import History
from tunesmith.space import Choice, Param


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A param as pictures show it."""

    name: str
    param: Param
    lowest: float
    """The lowest and highest place that the search ever looked at: 0 and 1 unless it widened."""
    highest: float
    searched: bool
    """Whether there was anything to choose."""

    def to_builtins(self) -> dict[str, Any]:
        """Return it as plain JSON data."""
        plain: dict[str, Any] = {
            "name": self.name,
            "kind": type(self.param).__name__.lower(),
            "scale": "choice" if isinstance(self.param, Choice) else self.param.scale.name,
            "ends": [0.0, 1.0] if isinstance(self.param, Choice) else list(self.param.ends),
            "lowest": self.lowest,
            "highest": self.highest,
            "searched": self.searched,
        }
        if isinstance(self.param, Choice):
            return plain | {"options": list(self.param.options)}
        return plain | {"low": self.param.low, "high": self.param.high}


def axes(history: History) -> tuple[Axis, ...]:
    """Return every param as pictures show it, in the order of the space."""
    space = history.study.space
    held = space.held()
    return tuple(
        Axis(
            name=name,
            param=param,
            searched=name not in held,
            lowest=min((opened.whole_low[at] for opened in history.rounds), default=0.0),
            highest=max((opened.whole_high[at] for opened in history.rounds), default=1.0),
        )
        for at, (name, param) in enumerate(space.items())
    )
