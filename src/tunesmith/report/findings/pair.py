"""A pair: what a model expects over the two params that matter most together."""

from typing import Any, Final

import numpy as np

from tunesmith.blas import briefly_one_blas_thread
from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.findings.section import Section
from tunesmith.search.advise.importance import regions
from tunesmith.search.advise.judged import ENOUGH, highest, judged
from tunesmith.search.advise.modelled import MODELLED, modelled
from tunesmith.search.advise.region import whole_space
from tunesmith.search.propose.axes import axes_of
from tunesmith.text import plural

CELLS: Final = 24
"""On each side of the map."""


def pair(history: History, _about: About) -> Section:
    """Return a map of what is expected over two params, the others as in the best config."""
    with briefly_one_blas_thread():
        figures = _map(history)
    if figures:
        x, y = figures["params"]
        finding = (
            f"The stronger the colour, the better the score that a model of "
            f"{plural(figures['trials'], 'trial')} after {plural(figures['epochs'], 'epoch')} "
            f"expects, over {x} and {y}."
        )
    else:
        finding = f"It takes two params and {ENOUGH} trials of equal length to draw a map."
    return Section(
        id="pair",
        title="The two that matter most, together",
        what="A map over two params, each on its own scale, the others held as in the best config. "
        "The colour is the rank that a model of the trials expects. Dots are trials.",
        finding=finding,
        figures=figures,
    )


def _map(history: History) -> dict[str, Any]:
    study = history.study
    rung = highest(judged(study, history), ENOUGH)
    axes = axes_of(study.space)
    searched = np.flatnonzero(axes.options == 0)
    if rung is None or len(searched) < 2:
        return {}
    found = regions(study, history)
    weight = np.max([region.shares.share for region in found], axis=0) if found else axes.low * 0
    x, y = (int(at) for at in searched[np.argsort(-weight[searched], kind="stable")][:2])
    seen, whole = rung.thinned(MODELLED), whole_space(axes, history)
    steps = (np.arange(CELLS) + 0.5) / CELLS
    points = np.tile(axes.encode(history.best.config), (CELLS * CELLS, 1))
    for at, spread in ((x, np.tile(steps, CELLS)), (y, np.repeat(steps, CELLS))):
        points[:, at] = whole.low[at] + spread * (whole.high[at] - whole.low[at])
    mean = modelled(axes, seen.points, seen.marks).mean(axes.rounded(points))
    names = list(study.space)
    return {
        "params": [names[x], names[y]],
        "cells": CELLS,
        "epochs": rung.epochs,
        "trials": len(seen),
        "expected": [round(float(-value), 3) for value in mean],
    }
