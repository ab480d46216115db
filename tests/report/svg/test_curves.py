from xml.etree import ElementTree

from tests.report.conftest import played

from tunesmith.report.svg.curves import curves


def test_curves_and_rungs():
    """Seven trials have curves; three rungs say how many were compared and went on."""
    drawn = curves(played())
    assert ElementTree.fromstring(drawn) is not None
    assert drawn.count('class="curve depth0"') == 7
    assert drawn.count('class="rung"') == 3
    assert "23 → 7" in drawn


def test_no_curves_where_nothing_was_measured():
    """An empty study has no picture."""
    assert curves(played(0, finished=False)) == ""
