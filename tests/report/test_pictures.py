from tests.report.conftest import played

from tunesmith.report.about import About
from tunesmith.report.pictures import pictures

RESULT = {"score": 0.75, "interval": [0.5, 1.0], "baseline": {"linear": 0.25}}


def test_pictures_by_section():
    """A ladder of four panels, curves, progress; scores side by side where there are some."""
    found = pictures(played(), About(result=RESULT))
    assert len(found["ladder"]) == 4
    assert all(found[name].startswith("<svg") for name in ("answer", "curves", "progress"))
    assert pictures(played(), About())["answer"] == ""
