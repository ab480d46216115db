"""Progress: what each stretch of the work gained."""

import math

from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.findings.section import Section
from tunesmith.report.findings.wording import number, percent
from tunesmith.report.progress import Step, spent, steps
from tunesmith.report.random_search import Estimate, estimate
from tunesmith.report.rows import score_of
from tunesmith.report.rungs import rungs
from tunesmith.text import plural

LATE = 0.6
"""What was gained after this share of the epochs is told."""


def progress(history: History, _about: About) -> Section:
    """Return the improvements on the longest rung."""
    found, chance = top(history), estimate(history)
    line = () if chance is None else chance.line
    return Section(
        id="progress",
        title="Progress against cost",
        what="The best so far against the epochs that all trials together were trained for, "
        "which is what a search costs; not against the number of trials, of which a long one "
        "counts as much as a short one. Each rung has a line of its own, since a score after one "
        "epoch says little of one after many. The dotted line is an estimate of random search "
        "without stopping: what the best of so many configs would be on average, by the trials "
        "here that were drawn from the whole space; those that were stopped are taken to have "
        "gained what others gained.",
        finding=finding(history, chance),
        head=("epochs spent", "trial", f"best {history.study.metric} so far"),
        rows=[
            [f"{step.spent:,}", str(step.trial), number(score_of(history.study, step.loss))]
            for step in found
        ],
        figures={"random": [[spent, score_of(history.study, loss)] for spent, loss in line]},
    )


def top(history: History) -> list[Step]:
    """Return the improvements on the longest rung on which there are any."""
    found = steps(history.study, history)
    longest = max((step.epochs for step in found), default=0)
    return [step for step in found if step.epochs == longest]


def finding(history: History, chance: Estimate | None = None) -> str:
    """Say when the best came, what the last part of the work gained, and what `chance` would."""
    said = _finding(history)
    if chance is None:
        return said
    epochs, loss = chance.line[-1]
    score = number(score_of(history.study, loss))
    return (
        f"{said[:-1]}; random search without stopping would have {score} after "
        f"{plural(epochs, 'epoch')}, by an estimate from {plural(chance.trials, 'trial')}."
    )


def _finding(history: History) -> str:
    found = top(history)
    if not found:
        return "Nothing has been measured yet."
    best, total = found[-1], spent(history.study, history)
    long = f" at {plural(best.epochs, 'epoch')}" if len(rungs(history)) > 1 else ""
    said = (
        f"The best{long} came after {best.spent:,} of {total:,} epochs, "
        f"{percent(best.spent / total)} of the work"
    )
    before = [step for step in found if step.spent <= LATE * total]
    if not before:
        return f"{said}."
    gained = before[-1].loss - best.loss
    much = number(gained) if gained > 0 else "nothing"
    much = much if math.isfinite(gained) else "more than a float can hold"
    return f"{said}; the last {percent(1 - LATE)} of it gained {much}."
