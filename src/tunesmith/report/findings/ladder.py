"""The zoom ladder: where each round looked."""

import math

from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.findings.section import Section
from tunesmith.report.findings.wording import listed, percent, sentence, span
from tunesmith.space import Choice
from tunesmith.study import Round
from tunesmith.text import plural


def ladder(history: History, _about: About) -> Section:
    """Return how the ranges went from round to round."""
    numbers = [name for name, p in history.study.space.items() if not isinstance(p, Choice)]
    rows = [
        [name, history.study.space[name].scale.name, str(opened.number), str(opened.first), where]  # type: ignore[union-attr]
        for name in numbers
        for opened in history.rounds
        if (where := span(*opened.ranges[name]))
    ]
    return Section(
        id="ladder",
        title="Zoom ladder",
        what="One picture for each param, on the param's own scale over the range it was given. "
        "Each band is a round; its bar is the range that the round looked in, and the trials of "
        "the round are dots in it, from its first to its last. The stronger the colour, "
        "the better within the round; "
        "hollow dots were stopped early, crosses went wrong. Between bands a funnel leads to the "
        "next range. An edge in red is an end that the range lies against; an arrow says that it "
        "was moved outwards. The upright line is the recommended value.",
        finding=finding(history),
        head=("param", "scale", "round", "from trial", "range"),
        rows=rows,
    )


def finding(history: History) -> str:
    """Say how far the ranges closed in, where most, and what was widened."""
    rounds = history.rounds
    if len(rounds) < 2:
        return "Every trial comes from the whole space: there were no rounds that look closer."
    first, last = rounds[0], rounds[-1]
    widths = {
        name: (last.high[at] - last.low[at]) / (first.whole_high[at] - first.whole_low[at])
        for at, (name, param) in enumerate(history.study.space.items())
        if not isinstance(param, Choice)
    }
    volume = math.prod(widths.values())
    said = f"in {plural(len(rounds), 'round')} the ranges came to {percent(volume)} of the space"
    if widths:
        name = min(widths, key=lambda name: widths[name])
        said += (
            f", {name} closest: {span(*last.ranges[name])}, {percent(widths[name])} of its range"
        )
    wider = [name for name in widths if _widened(history, first, last, name)]
    return sentence(f"{said}; beyond its first range went {listed(wider)}" if wider else said)


def _widened(history: History, first: Round, last: Round, name: str) -> bool:
    at = list(history.study.space).index(name)
    return last.whole_low[at] < first.whole_low[at] or last.whole_high[at] > first.whole_high[at]
