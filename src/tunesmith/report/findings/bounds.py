"""Bounds: whether the best trials lie at the ends of their ranges."""

from collections.abc import Sequence

from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.findings.section import Section
from tunesmith.report.findings.wording import listed, span
from tunesmith.report.places import Axis, axes
from tunesmith.search.advise.bounds import bounds as crowded
from tunesmith.space import Choice
from tunesmith.study import Advice, Topic
from tunesmith.trial import Trial

BEST = 10
"""So many of the best are looked at."""
TENTH = 0.1
"""An end's neighbourhood, as a share of the range."""


def bounds(history: History, _about: About) -> Section:
    """Return for each number how many of the best lie near its ends, and what follows."""
    numbers = [axis for axis in axes(history) if not isinstance(axis.param, Choice)]
    said = {piece.param: piece for piece in _crowded(history) if piece.kind is Topic.BOUND}
    best = history.ranked()[:BEST]
    return Section(
        id="bounds",
        title="Where bounds are hit",
        what="How many of the ten best trials lie in the outer tenth of a range as far as the "
        "search could look, and whether a model too expects better scores beyond it; only then "
        "it is advised to move that end.",
        finding=_finding([axis.name for axis in numbers if axis.name in said], len(best)),
        head=(
            "param",
            "range as given",
            "range now",
            "near the low end",
            "near the high end",
            "verdict",
        ),
        rows=[_row(history, axis, best, said.get(axis.name)) for axis in numbers],
    )


def _crowded(history: History) -> Sequence[Advice]:
    return history.advice if history.finished else crowded(history.study, history)


def _finding(names: Sequence[str], best: int) -> str:
    if not best:
        return "No trial has given a score yet."
    if not names:
        return "No range ends too early, as far as the results tell."
    return f"The best lie against an end of {listed(names)}: better ones may lie beyond."


def _row(history: History, axis: Axis, best: Sequence[Trial], said: Advice | None) -> list[str]:
    param = axis.param
    if isinstance(param, Choice):
        return [axis.name, "", "", "", "", ""]
    given = span(param.low, param.high)
    now = span(*history.rounds[-1].ranges[axis.name]) if history.rounds else given
    places = [param.place(t.config[axis.name]) for t in best if axis.name in t.config]
    width = TENTH * (axis.highest - axis.lowest)
    low = sum(at <= axis.lowest + width for at in places)
    high = sum(at >= axis.highest - width for at in places)
    verdict = (
        "ok"
        if said is None
        else f"move the end at {said.figures['end']:.3g} to {said.figures['to']:.3g}"
    )
    return [axis.name, given, now, f"{low} of {len(places)}", f"{high} of {len(places)}", verdict]
