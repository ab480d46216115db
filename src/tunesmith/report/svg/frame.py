"""The frame of a picture: two axes with ticks, and what lies between them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

from tunesmith.report.svg.elements import path, words
from tunesmith.report.ticks import Tick, marks
from tunesmith.space import LINEAR, LOG, Scale

WIDTH: Final = 720.0
HEIGHT: Final = 300.0
LEFT: Final = 54.0
RIGHT: Final = 14.0
TOP: Final = 22.0
BOTTOM: Final = 40.0
FARTHEST: Final = 1e307
"""An axis ends here at the latest, so that its length is a float."""
ROOM: Final = 0.05
"""Above and below the values, as a share of their range."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """From where to where both axes go; x may be on a log scale."""

    x: tuple[float, float]
    y: tuple[float, float]
    x_scale: Scale = LINEAR

    def across(self, value: float) -> float:
        """Return where a value of x lies in the picture; inside, whatever it is."""
        return LEFT + (WIDTH - LEFT - RIGHT) * self.x_scale.unit(value, *self.x)

    def up(self, value: float) -> float:
        """Return where a value of y lies in the picture; inside, whatever it is."""
        value = value if math.isfinite(value) else self.y[0]
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * LINEAR.unit(value, *self.y)

    def axes(self, x_name: str, y_name: str) -> str:
        """Return both axes, with their names."""
        parts = []
        for value, text in _ticks(self.y, LINEAR, 6):
            y = self.up(value)
            parts.append(path([(LEFT, y), (WIDTH - RIGHT, y)], class_="grid"))
            parts.append(words(text, x=LEFT - 8, y=y + 4, class_="tick", text_anchor="end"))
        for value, text in _ticks(self.x, self.x_scale, 8):
            x, y = self.across(value), HEIGHT - BOTTOM + 16
            parts.append(words(text, x=x, y=y, class_="tick", text_anchor="middle"))
        middle, foot = (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6
        parts.append(words(x_name, x=middle, y=foot, class_="name", text_anchor="middle"))
        parts.append(words(y_name, x=4.0, y=12.0, class_="name"))
        return "".join(parts)


def framed(x: tuple[float, float], scores: Sequence[float], *, x_log: bool = False) -> Frame:
    """Return a frame with room round its scores; an axis is never of no length."""
    inside = [max(-FARTHEST, min(FARTHEST, score)) for score in scores]
    low, high = min(inside, default=0.0), max(inside, default=1.0)
    room = ROOM * (high - low) or 0.5 * abs(high) or 1.0
    end = x[1] if x[1] > x[0] else x[0] + 1.0
    return Frame(
        x=(x[0], end), y=(low - room, high + room), x_scale=LOG if x_log and x[0] > 0 else LINEAR
    )


def _ticks(ends: tuple[float, float], scale: Scale, most: int) -> list[Tick]:
    return [(value, f"{value:,.6g}") for value in marks(scale, *ends, most)]
