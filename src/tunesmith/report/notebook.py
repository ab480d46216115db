"""A history as a notebook shows it: the answer, advice, and the zoom ladder."""

from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.answer import answer
from tunesmith.report.findings.advice import advice
from tunesmith.report.findings.ladder import ladder as words
from tunesmith.report.page import render
from tunesmith.report.svg.ladder import ladder


def html(history: History) -> str:
    """Return a piece of HTML that needs no script and changes nothing outside itself."""
    about = About()
    return render(
        "notebook.html",
        answer=answer(history.study, history, about),
        advice=advice(history, about),
        words=words(history, about),
        panels=ladder(history),
    )
