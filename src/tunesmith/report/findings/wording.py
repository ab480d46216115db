"""Numbers and lists in words."""

from collections.abc import Sequence


def number(value: float) -> str:
    """Write a number with four digits, such as "0.9833" or "1,200"."""
    if isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e9):
        return f"{int(value):,}"
    return f"{value:.4g}"


def percent(share: float) -> str:
    """Write a share, such as "12 %"; one that is small but there as "0.3 %" or "below 0.1 %"."""
    if 0 < share < 0.001:
        return "below 0.1 %"
    return f"{100 * share:.{1 if 0 < share < 0.01 else 0}f} %"


def span(low: float, high: float) -> str:
    """Write a range with three digits, such as "0.003 to 0.04"."""
    return f"{low:.3g} to {high:.3g}"


def duration(seconds: float) -> str:
    """Write how long something took, such as "31 s", "3 min 20 s" or "2 h 5 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60} min"


def listed(names: Sequence[str]) -> str:
    """Write names as a list: "a", "a and b", "a, b and c"."""
    *more, last = names
    return f"{', '.join(more)} and {last}" if more else last


def sentence(text: str) -> str:
    """Return text as a sentence: a capital at its start, and a stop."""
    ends = text if text.endswith((".", "!", "?")) else f"{text}."
    return ends[:1].upper() + ends[1:]
