"""Slices: the score against each param, among trials that can be compared."""

from collections import Counter
from math import ceil

from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.findings.section import Section
from tunesmith.report.findings.wording import percent, sentence, span
from tunesmith.report.places import Axis, axes
from tunesmith.search.advise.judged import Judged, highest, judged
from tunesmith.space import Choice
from tunesmith.text import plural
from tunesmith.trial import Trial

FEWEST = 8
"""With fewer trials on a rung nothing is said of where the best lie."""
GOOD = 0.25
"""So many of them are the best."""


def slices(history: History, _about: About) -> Section:
    """Return where the best of the longest rung lie, param by param."""
    rung = longest(history)
    rows = [] if rung is None else [_row(axis, best(history, rung)) for axis in _searched(history)]
    return Section(
        id="slices",
        title="Slices",
        what="The score against each param on its own scale. Solid dots are trials that were "
        "trained for the same number of epochs, so that they can be compared, with their running "
        "median; faint ones were trained for fewer, and show only where the search has been.",
        finding=finding(history),
        head=("param", f"the best {percent(GOOD)} lie at", "share of its range"),
        rows=rows,
        figures={"epochs": 0 if rung is None else rung.epochs},
    )


def longest(history: History) -> Judged | None:
    """Return the longest rung that has enough trials to compare."""
    return highest(judged(history.study, history), FEWEST)


def best(history: History, rung: Judged) -> list[Trial]:
    """Return the best quarter of a rung."""
    return [history.trials[int(n)] for n in rung.numbers[: ceil(GOOD * rung.usable)]]


def finding(history: History) -> str:
    """Say which param the best agree on most."""
    rung = longest(history)
    if rung is None:
        return f"It takes {FEWEST} trials of equal length to say where the best lie."
    good = best(history, rung)
    widths = {
        axis.name: _width(axis, good)
        for axis in _searched(history)
        if not isinstance(axis.param, Choice)
    }
    said = f"of {plural(rung.usable, 'trial')} after {plural(rung.epochs, 'epoch')}"
    if not widths:
        return sentence(f"{said} the best {percent(GOOD)} differ in their options alone")
    name = min(widths, key=lambda name: widths[name])
    values = [value for t in good if isinstance(value := t.config.get(name), int | float)]
    if not values:
        return sentence(f"{said} none of the best has a {name}")
    if min(values) == max(values):
        return sentence(f"{said} the best {percent(GOOD)} all have {name} {min(values):.4g}")
    return sentence(
        f"{said} the best {percent(GOOD)} lie closest in {name}: "
        f"{span(min(values), max(values))}, {percent(widths[name])} of its range"
    )


def _searched(history: History) -> list[Axis]:
    return [axis for axis in axes(history) if axis.searched]


def _row(axis: Axis, good: list[Trial]) -> list[str]:
    values = [t.config[axis.name] for t in good if axis.name in t.config]
    if isinstance(axis.param, Choice) or not values:
        counts = Counter(map(str, values)).most_common()
        return [axis.name, ", ".join(f"{value} ({n})" for value, n in counts) or "none", ""]
    numbers = [float(value) for value in values if isinstance(value, int | float)]
    return [axis.name, span(min(numbers), max(numbers)), percent(_width(axis, good))]


def _width(axis: Axis, good: list[Trial]) -> float:
    """Return how much of the axis lies between the outermost of the best; 1 for none."""
    places = [axis.param.place(t.config[axis.name]) for t in good if axis.name in t.config]
    if not places:
        return 1.0
    return (max(places) - min(places)) / (axis.highest - axis.lowest)
