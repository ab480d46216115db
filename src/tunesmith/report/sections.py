"""The sections of the page, in the order of a person's questions."""

from collections.abc import Callable
from typing import Any, Final
from weakref import WeakKeyDictionary

from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.findings.advice import advice
from tunesmith.report.findings.bounds import bounds
from tunesmith.report.findings.curves import curves
from tunesmith.report.findings.fairness import fairness
from tunesmith.report.findings.importance import importance
from tunesmith.report.findings.ladder import ladder
from tunesmith.report.findings.pace import pace
from tunesmith.report.findings.pair import pair
from tunesmith.report.findings.parallel import parallel
from tunesmith.report.findings.progress import progress
from tunesmith.report.findings.reproduction import reproduction
from tunesmith.report.findings.section import Section
from tunesmith.report.findings.slices import slices
from tunesmith.report.findings.trials import trials
from tunesmith.report.findings.workers import failures, workers

ORDER: Final[tuple[Callable[[History, About], Section], ...]] = (
    advice,
    ladder,
    curves,
    fairness,
    progress,
    slices,
    importance,
    pair,
    parallel,
    bounds,
    workers,
    pace,
    failures,
    trials,
    reproduction,
)


MODELLED: Final = frozenset({advice, fairness, importance, pair})
"""Those that fit models, and take a hundred times longer than the others."""


Kept = tuple[int, int, bool, list[dict[str, Any]]]

_KEPT: Final[WeakKeyDictionary[History, Kept]] = WeakKeyDictionary()


def sections(history: History, about: About, *, modelled: bool = True) -> list[dict[str, Any]]:
    """Return the sections as plain JSON data, with those that fit models or without.

    All of them are kept as long as nothing changes: a page may be asked for again and again.
    """
    if not modelled:
        return _made(history, about, modelled=False)
    now = history.version, len(about.moments), about.result is None
    kept = _KEPT.get(history)
    if kept is None or kept[:3] != now:
        kept = _KEPT[history] = *now, _made(history, about, modelled=True)
    return kept[3]


def _made(history: History, about: About, *, modelled: bool) -> list[dict[str, Any]]:
    return [
        section(history, about).to_builtins()
        for section in ORDER
        if modelled or section not in MODELLED
    ]
