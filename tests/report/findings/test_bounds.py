from types import MappingProxyType

from tests.report.conftest import played

from tunesmith.report.about import About
from tunesmith.report.findings.bounds import bounds
from tunesmith.study import Advice, Topic


def test_each_number_has_its_row():
    """The range as given and as it is now; how many of the best lie near both ends."""
    section = bounds(played(), About())
    assert [row[0] for row in section.rows] == ["rate", "momentum", "units"]
    assert section.rows[0][1:3] == ["0.0001 to 0.3", "4.5e-05 to 0.0055"]
    assert all(row[5] == "ok" for row in section.rows)
    assert section.finding == "No range ends too early, as far as the results tell."


def test_a_crowded_end_is_said():
    """The verdict is that of the advice, with its figures."""
    history = played(12, finished=False)
    piece = Advice(
        kind=Topic.BOUND,
        param="rate",
        text="the best crowd the high end",
        figures=MappingProxyType({"end": 0.3, "to": 0.7}),
    )
    history.finish("enough", advice=(piece,))
    section = bounds(history, About())
    assert section.rows[0][5] == "move the end at 0.3 to 0.7"
    assert section.finding.startswith("The best lie against an end of rate:")


def test_an_empty_study():
    """Nothing is near an end where there is nothing."""
    section = bounds(played(0, finished=False), About())
    assert section.finding == "No trial has given a score yet."
    assert section.rows[0][3:5] == ["0 of 0", "0 of 0"]
