"""Advice: what the results say, the most useful first."""

from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.findings.section import Section
from tunesmith.report.findings.wording import sentence
from tunesmith.search.advise.advise import FEWEST, advise
from tunesmith.study import Advice
from tunesmith.text import plural

MOST = 5
"""Pieces of advice that are shown."""


def advice(history: History, _about: About) -> Section:
    """Return the first pieces of advice, and how many more there are."""
    said = history.advice if history.finished else advise(history.study, history)
    more = len(said) - MOST
    if more > 0:
        finding = f"The {MOST} most useful of {len(said)} things that the results say."
    elif said:
        finding = f"The results say {plural(len(said), 'thing')} worth knowing."
    elif history.finished and len(history.endings) >= FEWEST:
        finding = "The search ended without advice."
    else:
        finding = f"Nothing can be said yet: it takes {FEWEST} trials that have ended."
    return Section(
        id="advice",
        title="Advice",
        what="What the results say, the most useful first, each with its number and how sure it "
        "is. What cannot be told yet comes last.",
        finding=finding,
        points=[point(piece) for piece in said[:MOST]],
    )


def point(piece: Advice) -> str:
    """Return a piece of advice as a sentence; a param's name at its start stays as it is."""
    if piece.param and piece.text.startswith(piece.param):
        return f"{piece.text}."
    return sentence(piece.text)
