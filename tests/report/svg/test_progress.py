from xml.etree import ElementTree

from tests.report.conftest import played

from tunesmith.report.svg.progress import progress


def test_each_rung_has_its_line():
    """Three rungs, three lines, each with its name."""
    drawn = progress(played())
    assert ElementTree.fromstring(drawn) is not None
    assert drawn.count('class="step') == 3
    for name in ("after 1 epoch<", "after 3 epochs<", "after 9 epochs<"):
        assert name in drawn


def test_no_picture_of_an_empty_study():
    """Nothing spent, nothing drawn."""
    assert progress(played(0, finished=False)) == ""
