"""The rounds of a search and its ranges, drawn with characters."""

from collections.abc import Sequence
from textwrap import wrap
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from tunesmith.history import History
from tunesmith.space import LOG1M, Choice, Param
from tunesmith.space.params import Value
from tunesmith.study import Round
from tunesmith.trial import Config
from tunesmith.usage import printable

WIDTH = 80
"""Characters a line may have where nobody says otherwise."""

BAR = 48
"""Characters of a bar, which stands for the whole space."""

LEAST_BAR, MOST_BAR = 8, 32
"""Characters of a bar with other things beside it."""

INSIDE, OUTSIDE, BEST = "█", "·", "◆"


class Row(NamedTuple):
    """What is said of a param."""

    name: str
    best: str
    bar: str
    now: str
    start: str


HEAD = Row(name="", best="best", bar="", now="range now", start="at the start")
SHOWN = (
    ("name", "best", "bar", "now", "start"),
    ("name", "best", "bar", "now"),
    ("name", "best", "now"),
    ("name", "best"),
)
"""Which of it, in order of preference: the first for which there is room."""


def round_lines(history: History, width: int = WIDTH) -> tuple[str, ...]:
    """Say when each round began, and why its ranges are what they are."""
    lines: list[str] = []
    for this, last in _spans(history):
        head = f"round {this.number}, trials {this.first} to {last}: "
        lines += wrap(head + printable(this.reason), width, subsequent_indent="    ")
    return tuple(lines)


def range_lines(history: History, width: int = WIDTH) -> tuple[str, ...]:
    """Draw each number's range in every round, from the lowest to the highest end it ever had.

    What lies evenly on the param's own scale lies evenly in the bar.
    """
    lines: list[str] = []
    size = max(LEAST_BAR, min(BAR, width - 32))
    for at, (name, param) in enumerate(history.study.space.items()):
        if isinstance(param, Choice) or not history.rounds:
            continue
        lines += wrap(f"{printable(name)}, {param.scale.name} scale", width)
        for this in history.rounds:
            low, high = (number_text(param, end) for end in this.ranges[name])
            bar = _bar(this, at, *_ends(history.rounds, at), size)
            lines.append(f"  {this.number:3} {bar} {low} to {high}")
    return tuple(lines)


def range_table(history: History, width: int = WIDTH) -> tuple[str, ...]:
    """Say for every param that is searched what is best, where the search looks, where it began.

    A bar is the widest range that the param ever had, evenly on its own scale; INSIDE is what it
    has now. A narrow terminal gets less of it.
    """
    best = history.best.config if history.has_best else Config({})
    space = history.study.space
    held = space.held()
    searched = [at for at, name in enumerate(space) if name not in held]
    if not searched:
        return ()
    rows = [_row(history, at, best, 0) for at in searched]
    sizes = _sizes([HEAD, *rows], width, started_elsewhere=bool(history.rounds))
    drawn = [_row(history, at, best, sizes.get("bar", 0)) for at in searched]
    return tuple(
        "  ".join(set_cell_size(getattr(row, name), size) for name, size in sizes.items()).rstrip()
        for row in (HEAD, *drawn)
    )


def number_text(param: Param, value: Value) -> str:
    """Write a value with three digits; of one near 1 on LOG1M, with two of its distance from 1."""
    if not isinstance(value, float):
        return printable(str(value))
    if not isinstance(param, Choice) and param.scale is LOG1M and value < 1:
        return f"{1 - float(f'{1 - value:.2g}'):.12g}"
    return f"{value:.3g}"


def _row(history: History, at: int, best: Config, size: int) -> Row:
    """Return what is said of param number `at`, with a bar of so many characters."""
    name, param = list(history.study.space.items())[at]
    found = number_text(param, best[name]) if name in best else "-"
    if isinstance(param, Choice):
        count = f"{len(param.options)} options"
        return Row(name=printable(name), best=found, bar="", now=count, start="")
    start = f"{number_text(param, param.low)} to {number_text(param, param.high)}"
    now, bar = start, INSIDE * size
    low, high = _ends(history.rounds, at)
    if history.rounds:
        last = history.rounds[-1]
        now = " to ".join(number_text(param, end) for end in last.ranges[name])
        bar = _bar(last, at, low, high, size)
    if name in best and size:
        there = min(size - 1, max(0, int(size * (param.place(best[name]) - low) / (high - low))))
        bar = bar[:there] + BEST + bar[there + 1 :]
    start += "" if param.scale.name == "linear" else f" ({param.scale.name})"
    return Row(name=printable(name), best=found, bar=bar, now=now, start=start)


def _sizes(rows: Sequence[Row], width: int, *, started_elsewhere: bool) -> dict[str, int]:
    """Return the columns for which there is room, and the cells that each takes."""
    widest = {name: max(cell_len(getattr(row, name)) for row in rows) for name in Row._fields}
    widest["name"] = min(widest["name"], max(LEAST_BAR, width // 4))
    widest["best"] = min(widest["best"], max(LEAST_BAR, width // 6))
    for shown in SHOWN if started_elsewhere else SHOWN[1:]:
        sizes = {name: widest[name] for name in shown}
        rest = width - sum(sizes.values()) - 2 * (len(shown) - 1)
        if "bar" not in shown and rest >= 0:
            return sizes
        if "bar" in shown and rest >= LEAST_BAR:
            return sizes | {"bar": min(MOST_BAR, rest)}
    return {"name": width // 2 - 1, "best": width // 2 - 1}


def _ends(rounds: Sequence[Round], at: int) -> tuple[float, float]:
    """Return the lowest and the highest end that a param's range ever had, in units."""
    lowest = min((this.whole_low[at] for this in rounds), default=0.0)
    return lowest, max((this.whole_high[at] for this in rounds), default=1.0)


def _bar(this: Round, at: int, lowest: float, highest: float, size: int) -> str:
    """Return `size` characters, of which those of the round, one at least, are INSIDE."""
    width = highest - lowest
    start = min(size - 1, round(size * (this.low[at] - lowest) / width))
    end = max(start + 1, round(size * (this.high[at] - lowest) / width))
    return OUTSIDE * start + INSIDE * (end - start) + OUTSIDE * (size - end)


def _spans(history: History) -> list[tuple[Round, int]]:
    """Return every round and the number of its last trial so far."""
    firsts = [*(this.first for this in history.rounds[1:]), len(history.trials)]
    return [(this, after - 1) for this, after in zip(history.rounds, firsts, strict=False)]
