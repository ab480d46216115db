"""Learning curves: how far trials were trained, and what that saved."""

from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.findings.section import Section
from tunesmith.report.findings.wording import number, percent, plural
from tunesmith.report.levels import levels
from tunesmith.report.rows import score_of
from tunesmith.rungs import ranked


def curves(history: History, _about: About) -> Section:
    """Return how many trials came to each rung, and went on."""
    study, rows = history.study, []
    for epochs in levels(history):
        here = ranked(study, history.trials, epochs)
        on = sum(trial.epochs > epochs for trial in here)
        best = study.loss_at(here[0], epochs) if here else float("inf")
        score = number(score_of(study, best)) if best < float("inf") else "none"
        rows.append([str(epochs), str(len(here)), str(on), score])
    return Section(
        id="curves",
        title="Learning curves by rung",
        what="Each line is a trial, epoch by epoch; the further it was trained, the "
        "stronger its colour. "
        "The upright lines are the rungs, where trials are compared; the numbers say how many "
        "were, and how many of them went on.",
        finding=finding(history),
        head=("epochs", "trials compared", "went on", f"best {study.metric}"),
        rows=rows,
    )


def finding(history: History) -> str:
    """Say how many were trained in full, and what stopping the others saved."""
    study, ended = history.study, [t for t in history.trials if t.state.ended]
    if not ended:
        return "No trial has ended yet."
    full = sum(trial.epochs_trained >= study.epochs for trial in ended)
    epochs = sum(trial.epochs_trained for trial in ended)
    said = f"{plural(full, 'trial')} of {len(ended):,} trained for all {study.epochs} epochs"
    if study.epochs == 1:
        return "Every trial was trained once and measured at its end: there are no curves."
    saved = 1.0 - epochs / (study.epochs * len(ended))
    return f"{said}; ending the others sooner saved {percent(saved)} of what all would have taken."
