"""The zoom ladder: for each param its ranges, round below round, and the trials in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

from tunesmith.history import History
from tunesmith.report.places import Axis, axes
from tunesmith.report.svg.elements import Point, element, path, picture, words
from tunesmith.report.svg.marks import few, mark, order, shades
from tunesmith.report.ticks import ticks
from tunesmith.space import Choice
from tunesmith.space.params import Value
from tunesmith.trial import Trial

WIDTH: Final = 360.0
LEFT: Final = 26.0
RIGHT: Final = 12.0
BAND: Final = 30.0
"""Height of a round's band, where there are many;"""
TALL: Final = 160.0
"""where there are few, they share this height."""
TALLEST: Final = 72.0
GAP: Final = 13.0
FOOT: Final = 24.0
BANDS: Final = 12
"""Rounds of one picture at most: the first, the last, and others evenly."""
MARKS: Final = 600
"""Trials of one picture at most."""
ROUNDING: Final = 1e-9
ARROW: Final = 5.0


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One round of one param: where it looked, and who was in it; in places of the axis."""

    number: int
    low: float
    high: float
    first: int
    """The number of its first trial."""
    trials: Sequence[Trial]
    """The best first."""
    walls: tuple[float, ...] = ()
    """Ends that the range lies against."""
    moved: tuple[float, ...] = ()
    """Ends that were moved outwards."""


def ladder(history: History) -> list[tuple[str, str, str]]:
    """Return a picture for every param that is searched: its name, its scale, and the SVG."""
    groups = rounds(history)
    return [
        (axis.name, axis.to_builtins()["scale"], panel(history, axis, bands(history, at, groups)))
        for at, axis in enumerate(axes(history))
        if axis.searched
    ]


def rounds(history: History) -> list[list[Trial]]:
    """Return the trials of every round, the best first; all of them where there are no rounds.

    What was tried before any round, as anchors are, counts to the first.
    """
    firsts = [0, *(opened.first for opened in history.rounds[1:])]
    ends = [*firsts[1:], len(history.trials)]
    return [
        order(history.study, history.trials[first:end])
        for first, end in zip(firsts, ends, strict=True)
    ]


def bands(history: History, at: int, groups: Sequence[Sequence[Trial]]) -> list[Band]:
    """Return the bands of the param at place `at` of the space, with the trials of each round."""
    if not history.rounds:
        return [Band(number=0, low=0.0, high=1.0, first=0, trials=groups[0])]
    found = []
    for opened, trials in zip(history.rounds, groups, strict=True):
        low, high = opened.low[at], opened.high[at]
        ends = opened.whole_low[at], opened.whole_high[at]
        narrow = high - low < ends[1] - ends[0] - ROUNDING
        before = history.rounds[opened.number - 1] if opened.number else opened
        out = (before.whole_low[at] > ends[0], before.whole_high[at] < ends[1])
        touched = [abs(mine - end) < ROUNDING for mine, end in zip((low, high), ends, strict=True)]
        found.append(
            Band(
                number=opened.number,
                low=low,
                high=high,
                first=opened.first if opened.number else 0,
                trials=trials,
                walls=tuple(end for end, hit in zip(ends, touched, strict=True) if narrow and hit),
                moved=tuple(end for end, grew in zip(ends, out, strict=True) if grew),
            )
        )
    return found


def panel(history: History, axis: Axis, found: Sequence[Band]) -> str:
    """Return the picture of one param."""
    shown = _few_bands(found)
    tall = min(TALLEST, max(BAND, TALL / len(shown)))
    height = len(shown) * (tall + GAP) + FOOT
    parts = [_grid(axis, height)]
    for row, band in enumerate(shown):
        top = row * (tall + GAP)
        if row:
            parts.append(_funnel(axis, shown[row - 1], band, top))
        parts.append(_band(axis, band, top, tall))
        parts.append(_marks(axis, band, top, tall, MARKS // len(shown)))
    if history.has_best and axis.name in history.best.config:
        x = across(axis, axis.param.place(history.best.config[axis.name]))
        parts.append(path([(x, 0.0), (x, height - FOOT)], class_="best"))
    label = f"{axis.name}: ranges and trials of {len(shown)} rounds"
    return picture(WIDTH, height, label, *parts)


def across(axis: Axis, at: float) -> float:
    """Return where a place of the axis lies in the picture."""
    share = (at - axis.lowest) / (axis.highest - axis.lowest)
    return LEFT + (WIDTH - LEFT - RIGHT) * share


def _few_bands(found: Sequence[Band]) -> list[Band]:
    if len(found) <= BANDS:
        return list(found)
    return [found[(len(found) - 1) * at // (BANDS - 1)] for at in range(BANDS)]


def _grid(axis: Axis, height: float) -> str:
    parts = []
    for at, text in ticks(axis, 5):
        x = across(axis, at)
        parts.append(path([(x, 0.0), (x, height - FOOT + 3)], class_="grid"))
        parts.append(words(text, x=x, y=height - 7, class_="tick", text_anchor="middle"))
    return "".join(parts)


def _band(axis: Axis, band: Band, top: float, tall: float) -> str:
    low, high = across(axis, band.low), across(axis, band.high)
    parts = [
        words(str(band.number), x=LEFT - 9, y=top + tall / 2 + 4, class_="tick", text_anchor="end"),
        element(
            "rect", class_="band", x=low, y=top, width=max(high - low, 1.0), height=tall, rx=2.0
        ),
    ]
    for end in band.walls:
        x = across(axis, end)
        parts.append(path([(x, top), (x, top + tall)], class_="wall"))
    for end in band.moved:
        x = across(axis, end)
        out = -ARROW if end < (axis.lowest + axis.highest) / 2 else ARROW
        middle = top + tall / 2
        tip: list[Point] = [
            (x - out, middle - ARROW),
            (x + out / 2, middle),
            (x - out, middle + ARROW),
        ]
        parts.append(path(tip, class_="wall"))
    return "".join(parts)


def _funnel(axis: Axis, above: Band, below: Band, top: float) -> str:
    corners = [
        (across(axis, above.low), top - GAP),
        (across(axis, above.high), top - GAP),
        (across(axis, below.high), top),
        (across(axis, below.low), top),
    ]
    return path(corners, class_="funnel")


def _marks(axis: Axis, band: Band, top: float, tall: float, most: int) -> str:
    """Return the marks of a round: from its first trial on top to its last, the best drawn last."""
    shade, parts = shades(band.trials), []
    for trial in reversed(few(band.trials, most)):
        if axis.name not in trial.config:
            continue
        x = across(axis, spread(axis, trial.config[axis.name], trial.number))
        y = top + 4 + (tall - 8) * (trial.number - band.first + 0.5) / len(band.trials)
        parts.append(mark(trial, x, y, shade[trial.number]))
    return "".join(parts)


def spread(axis: Axis, value: Value, number: int) -> float:
    """Return the place of a value; options are spread over their stretch to be seen."""
    at = axis.param.place(value)
    if isinstance(axis.param, Choice):
        at += (number * 0.618034 % 1 - 0.5) * 0.7 / len(axis.param.options)
    return at
