"""A score beside its baselines, on one line."""

import math
from collections.abc import Mapping
from typing import Any, Final

from tunesmith.report.svg.elements import element, path, picture, words
from tunesmith.report.ticks import marks
from tunesmith.space import LINEAR
from tunesmith.text import figure

WIDTH: Final = 460.0
LEFT: Final = 92.0
RIGHT: Final = 16.0
ROW: Final = 26.0
FOOT: Final = 24.0


def comparison(result: Mapping[str, Any]) -> str:
    """Return the score of a model with its 95 % interval, and a dot for each baseline below it."""
    low, high = result["interval"]
    scores = {"this model": result["score"], **result["baseline"]}
    known = {who: float(score) for who, score in scores.items() if math.isfinite(float(score))}
    start, end = min(low, *known.values()), max(high, *known.values())
    room = 0.04 * (end - start) or 0.5
    ends = start - room, end + room
    height = ROW * len(known) + FOOT

    def across(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * LINEAR.unit(value, *ends)

    parts = []
    for value in marks(LINEAR, *ends, 6):
        x = across(value)
        parts.append(path([(x, 0.0), (x, height - FOOT)], class_="grid"))
        parts.append(words(f"{value:.4g}", x=x, y=height - 6, class_="tick", text_anchor="middle"))
    for row, (who, score) in enumerate(known.items()):
        y = ROW * (row + 0.5)
        first = row == 0
        parts.append(words(who, x=LEFT - 10, y=y + 4, class_="name", text_anchor="end"))
        if first:
            parts.append(path([(across(low), y), (across(high), y)], class_="interval"))
        kind = "model" if first else "baseline"
        parts.append(element("circle", class_=kind, cx=across(score), cy=y, r=5.0))
    label = ", ".join(f"{who} {figure(score)}" for who, score in known.items())
    return picture(WIDTH, height, label, *parts)
