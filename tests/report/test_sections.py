import pytest
from tests.report.conftest import played

from tunesmith.report.about import About
from tunesmith.report.sections import MODELLED, ORDER, sections


@pytest.mark.parametrize("trials", [0, 1, 7, 23])
def test_every_section_has_a_finding(trials):
    """Whatever has happened, each says one thing, in one sentence that ends."""
    found = sections(played(trials, finished=False), About())
    assert len({section["id"] for section in found}) == len(ORDER)
    for section in found:
        assert section["finding"].endswith(".")
        assert section["finding"] == section["finding"].strip()
        assert all(len(row) == len(section["head"]) for row in section["rows"])


def test_what_fits_models_may_be_left_out():
    """A page that is watched is spared what takes long."""
    history = played(5, finished=False)
    assert len(sections(history, About(), modelled=False)) == len(ORDER) - len(MODELLED)
