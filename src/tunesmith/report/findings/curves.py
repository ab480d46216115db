"""Learning curves: how far trials were trained, and what that saved."""

from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.findings.section import Section
from tunesmith.report.findings.wording import number as written
from tunesmith.report.findings.wording import percent
from tunesmith.report.rows import score_of
from tunesmith.search.advise.judged import judged
from tunesmith.text import plural


def curves(history: History, _about: About) -> Section:
    """Return how many trials came to each rung, and went on."""
    study, rows = history.study, []
    for rung in judged(study, history):
        on = sum(history.trials[number].epochs > rung.epochs for number in rung.numbers.tolist())
        score = written(score_of(study, float(rung.losses[0]))) if rung.usable else "none"
        rows.append([str(rung.epochs), str(len(rung)), str(on), score])
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
    if not full:
        most = plural(max(trial.epochs_trained for trial in ended), "epoch")
        return f"No trial has been trained for all {study.epochs} epochs; one came to {most}."
    saved = 1.0 - epochs / (study.epochs * len(ended))
    return f"{said}; ending the others sooner saved {percent(saved)} of what all would have taken."
