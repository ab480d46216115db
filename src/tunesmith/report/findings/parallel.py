"""Parallel coordinates: configs as lines over all params."""

from math import ceil

from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.findings.section import Section
from tunesmith.report.findings.slices import FEWEST, longest
from tunesmith.report.findings.wording import percent
from tunesmith.text import plural

TOP = 0.2
"""The share of the trials that is drawn, the best."""


def parallel(history: History, _about: About) -> Section:
    """Return how many configs are drawn, and on which rung they were compared."""
    rung = longest(history)
    if rung is None:
        finding = f"It takes {FEWEST} trials of equal length to draw the best of them."
    else:
        best = ceil(TOP * rung.usable)
        low, high = history.study.loss_at(history.trials[int(rung.numbers[0])], rung.epochs), 0.0
        high = history.study.loss_at(history.trials[int(rung.numbers[best - 1])], rung.epochs)
        finding = (
            f"The best {percent(TOP)} after {plural(rung.epochs, 'epoch')} are "
            f"{plural(best, 'config')}, whose scores lie within {high - low:.2g} of each other."
        )
    return Section(
        id="parallel",
        title="Configs side by side",
        what="Each line is a config and crosses every axis at its value, each axis on the scale of "
        "its param, the most important first and the score last. Drag along an axis to keep only "
        "the lines that pass there.",
        finding=finding,
        figures={"epochs": 0 if rung is None else rung.epochs, "top": TOP},
    )
