"""The rounds of a search, drawn with characters."""

from textwrap import wrap

from tunesmith.history import History
from tunesmith.space import Choice
from tunesmith.study import Round

WIDTH = 80
"""Characters a line may have."""

BAR = 48
"""Characters of a bar, which stands for the whole space."""

INSIDE, OUTSIDE = "█", "·"


def round_lines(history: History) -> tuple[str, ...]:
    """Say when each round began, and why its ranges are what they are."""
    lines: list[str] = []
    for this, last in _spans(history):
        head = f"round {this.number}, trials {this.first} to {last}: "
        lines += wrap(head + this.reason, WIDTH, subsequent_indent="    ")
    return tuple(lines)


def range_lines(history: History) -> tuple[str, ...]:
    """Draw each number's range in every round, from the lowest to the highest end it ever had.

    What lies evenly on the param's own scale lies evenly in the bar.
    """
    lines: list[str] = []
    rounds = history.rounds
    if not rounds:
        return ()
    for at, (name, param) in enumerate(history.study.space.items()):
        if isinstance(param, Choice):
            continue
        lowest = min(this.whole_low[at] for this in rounds)
        highest = max(this.whole_high[at] for this in rounds)
        lines.append(f"{name}, {param.scale.name} scale")
        for this in rounds:
            low, high = this.ranges[name]
            bar = _bar(this.low[at], this.high[at], lowest, highest)
            lines.append(f"  {this.number:3} {bar} {low:.3g} to {high:.3g}")
    return tuple(lines)


def _bar(low: float, high: float, lowest: float, highest: float) -> str:
    """Return BAR characters, of which those between low and high, one at least, are INSIDE."""
    width = highest - lowest
    start = min(BAR - 1, round(BAR * (low - lowest) / width))
    end = max(start + 1, round(BAR * (high - lowest) / width))
    return OUTSIDE * start + INSIDE * (end - start) + OUTSIDE * (BAR - end)


def _spans(history: History) -> list[tuple[Round, int]]:
    """Return every round and the number of its last trial so far."""
    firsts = [*(this.first for this in history.rounds[1:]), len(history.trials)]
    return [(this, after - 1) for this, after in zip(history.rounds, firsts, strict=False)]
