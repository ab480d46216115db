"""The trials, the best first."""

from collections import Counter

from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.findings.section import Section
from tunesmith.report.findings.wording import listed
from tunesmith.report.rows import score_of
from tunesmith.terminal import value_text
from tunesmith.text import figure, plural
from tunesmith.trial import State

BEST = 10
"""So many are listed where the page's script does not run."""


def trials(history: History, _about: About) -> Section:
    """Return the best trials, and how all of them ended."""
    study = history.study
    best = history.ranked()[:BEST]
    return Section(
        id="trials",
        title="Trials",
        what="Every trial. Click a column's name to sort by it, a row to find the trial in all "
        "pictures, and mark two to compare them.",
        finding=_counted(history),
        head=("trial", study.metric, "epochs", *study.space),
        rows=[
            [
                str(t.number),
                figure(score_of(study, study.loss(t))),
                str(t.epochs_trained),
                *(value_text(t.config[name]) if name in t.config else "" for name in study.space),
            ]
            for t in best
        ],
    )


def _counted(history: History) -> str:
    counts = Counter(trial.state for trial in history.trials)
    if not counts:
        return "No trial has been started yet."
    parts = [
        f"{counts[state]:,} {state.value.replace('_', ' ')}" for state in State if counts[state]
    ]
    return f"{plural(len(history.trials), 'trial')}: {listed(parts)}."
