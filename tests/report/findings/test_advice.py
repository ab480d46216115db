from types import MappingProxyType

from tests.report.conftest import played

from tunesmith.report.about import About
from tunesmith.report.findings.advice import MOST, advice
from tunesmith.study import Advice, Topic


def test_the_most_useful_come_and_the_others_are_counted():
    """Of seven pieces five are told, in their order, as sentences."""
    history = played(3, finished=False)
    pieces = tuple(
        Advice(kind=Topic.GAIN, text=f"piece {n}", figures=MappingProxyType({})) for n in range(7)
    )
    history.finish("enough", advice=pieces)
    section = advice(history, About())
    assert section.points == [f"Piece {n}." for n in range(MOST)]
    assert "5 most useful of 7" in section.finding


def test_nothing_can_be_said_of_a_few_trials():
    """An unfinished study of three trials gets no advice, and the reason."""
    section = advice(played(3, finished=False), About())
    assert section.points == []
    assert "it takes 8 trials" in section.finding
