"""Whether stopping trials early was fair."""

from tunesmith.blas import briefly_one_blas_thread
from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.findings.section import Section
from tunesmith.report.findings.wording import sentence
from tunesmith.search.advise.agreement import agreement
from tunesmith.search.advise.fairness import fairness as audit


def fairness(history: History, _about: About) -> Section:
    """Return how ranks on each rung agree with those on the next, and what an audit found."""
    study = history.study
    with briefly_one_blas_thread():
        agreed = agreement(study, history)
    audited = audit(study, history, history.recommendation)
    rows = [
        [
            f"{piece.figures['early']:.0f}",
            f"{piece.figures['late']:.0f}",
            f"{piece.figures['trials']:.0f}",
            f"{piece.figures['tau']:.2f}",
            f"{piece.figures['low']:.2f} to {piece.figures['high']:.2f}",
        ]
        for piece in agreed
    ]
    if audited:
        finding = sentence(audited[0].text)
    elif agreed:
        finding = sentence(min(agreed, key=lambda piece: piece.figures["tau"]).text)
    else:
        finding = "It cannot be told yet: it takes two rungs with four trials on both."
    return Section(
        id="fairness",
        title="Was stopping early fair?",
        what="Each line is a trial that was promoted; its height is its rank among those that "
        "reached both rungs, the best on top. Lines that do not cross mean that early ranks "
        "agree with late ones, and that little was lost by stopping early. Kendall's tau is 1 "
        "where all agree, and 0 where ranks tell nothing.",
        finding=finding,
        head=("early epochs", "late epochs", "trials on both", "Kendall's tau", "95 % interval"),
        rows=rows,
    )
