"""What the page knows of a study, as plain JSON data: all of it, or what is new."""

from typing import Any, Final, NamedTuple

from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.answer import answer
from tunesmith.report.curves import curves, drawn, lines
from tunesmith.report.moments import Moment
from tunesmith.report.pictures import pictures
from tunesmith.report.places import axes
from tunesmith.report.progress import steps
from tunesmith.report.rows import FIELDS, row
from tunesmith.report.rungs import rungs
from tunesmith.report.sections import sections
from tunesmith.report.ticks import ticks
from tunesmith.study import Study

NOTHING: Final = About()

FEWEST: Final = 8
"""Findings and tables look at all trials: they are made anew after so many more endings,"""
GROWTH: Final = 8
"""or after one in so many of those there were; so their cost for each trial stays the same."""
MODELLED_FEWEST: Final = 64
"""What fits models is made anew after so many endings,"""
MODELLED_GROWTH: Final = 8
"""and whenever there are so many times as many: a study must not feel that it is watched."""


class Cursor(NamedTuple):
    """How much of a history a page has seen."""

    trials: int
    endings: int
    steps: int
    moments: int
    rounds: int
    rungs: int
    finished: int
    told: int
    """The endings that the findings it has are of."""

    def __str__(self) -> str:
        return ".".join(map(str, self))

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """Read what `str` wrote; ValueError for anything else."""
        numbers = [int(part) for part in text.split(".") if part.isascii() and part.isdigit()]
        if len(numbers) != len(cls._fields) or ".".join(map(str, numbers)) != text:
            raise ValueError(f"no cursor of a page: {text!r}")
        return cls(*numbers)


def state(study: Study, history: History, about: About = NOTHING) -> dict[str, Any]:
    """Return all that the page shows of a study; `changes` tells what is new since its "at"."""
    return _whole(study, history, about) | {"pictures": pictures(history, about)}


def _whole(study: Study, history: History, about: About) -> dict[str, Any]:
    now = _cursor(study, history, about)
    return {
        "at": str(now),
        "whole": True,
        "name": about.name,
        "metric": study.metric,
        "goal": study.goal.value,
        "epochs": study.epochs,
        "fields": FIELDS,
        "params": [{**axis.to_builtins(), "ticks": ticks(axis)} for axis in axes(history)],
        "rungs": rungs(history),
        "rounds": [opened.to_builtins() for opened in history.rounds],
        "trials": [row(study, trial, rungs(history)) for trial in history.trials],
        "lines": lines(history),
        "curves": curves(history, drawn(history)),
        "steps": [step.to_builtins(study) for step in steps(study, history)],
        "moments": [_rounded(moment) for moment in about.moments],
        "answer": answer(study, history, about),
        "sections": sections(history, about),
    }


def changes(
    study: Study, history: History, since: str, about: About = NOTHING, *, findings: bool = True
) -> dict[str, Any]:
    """Return what is new since `since`, the "at" of what was sent before; all if that says nothing.

    Its cost goes by what is new. What looks at all trials comes only when their number has grown,
    and not without `findings`: "sections" holds those that were made anew.
    """
    now = _cursor(study, history, about)
    try:
        before = Cursor.read(since)
    except ValueError:
        before = None
    if before is None or not _follows(before, now):
        return _whole(study, history, about)
    changed = _changed(history, before)
    # a row has a place for every rung, so that a new one changes them all
    rows = changed if now.rungs == before.rungs else range(len(history.trials))
    told = findings and _due(before.told, now.endings)
    news: dict[str, Any] = {
        "at": str(now if told else now._replace(told=before.told)),
        "whole": False,
        "rungs": rungs(history),
        "trials": [row(study, history.trials[n], rungs(history)) for n in rows],
        "lines": lines(history),
        "curves": curves(history, (history.trials[n] for n in changed)),
        "rounds": [opened.to_builtins() for opened in history.rounds[before.rounds :]],
        "steps": [step.to_builtins(study) for step in steps(study, history)[before.steps :]],
        "moments": [_rounded(moment) for moment in about.moments[before.moments :]],
        "answer": answer(study, history, about),
    }
    if now.rounds > before.rounds:
        news["params"] = [{**axis.to_builtins(), "ticks": ticks(axis)} for axis in axes(history)]
    if told:
        modelled = _modelled_due(before.told, now.endings)
        news["sections"] = sections(history, about, modelled=modelled)
    return news


def owed(history: History, since: str) -> bool:
    """Return whether findings are due to who knows as much as `since` says."""
    try:
        return _due(Cursor.read(since).told, len(history.endings))
    except ValueError:
        return False


def _cursor(study: Study, history: History, about: About) -> Cursor:
    return Cursor(
        trials=len(history.trials),
        endings=len(history.endings),
        steps=len(steps(study, history)),
        moments=len(about.moments),
        rounds=len(history.rounds),
        rungs=len(rungs(history)),
        finished=int(bool(history.finished)),
        told=len(history.endings),
    )


def _follows(before: Cursor, now: Cursor) -> bool:
    """Return whether what is new since `before` is less than all."""
    grown = all(was <= there for was, there in zip(before, now, strict=True))
    return grown and before.finished == now.finished


def _changed(history: History, before: Cursor) -> list[int]:
    """Return the numbers of the trials that are not as they were: new, ended since, or running."""
    ended = {ending.number for ending in history.endings[before.endings :]}
    return sorted({*range(before.trials, len(history.trials)), *ended, *history.running})


def _due(before: int, now: int) -> bool:
    """Return whether a count passed a milestone on its way from `before` to `now`."""
    milestone = FEWEST
    while milestone <= before:
        milestone += max(FEWEST, milestone // GROWTH)
    return milestone <= now


def _modelled_due(before: int, now: int) -> bool:
    milestone = MODELLED_FEWEST
    while milestone <= before:
        milestone *= MODELLED_GROWTH
    return milestone <= now


def _rounded(moment: Moment) -> list[float]:
    return [moment.trial, round(moment.began, 3), round(moment.ended, 3)]
