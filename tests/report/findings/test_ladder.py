from tests.report.conftest import played

from tunesmith.report.about import About
from tunesmith.report.findings.ladder import finding, ladder


def test_the_finding_tells_how_far_the_ranges_closed_in():
    """Two rounds: the rate keeps 60 % of its range, momentum half, units all: 30 % of the space."""
    said = finding(played())
    assert said == (
        "In 2 rounds the ranges came to 30 % of the space, momentum closest: 0.97 to 0.99, "
        "50 % of its range; beyond its first range went rate."
    )


def test_without_rounds_all_comes_from_the_whole_space():
    """One round is none that looks closer."""
    assert finding(played(5)).startswith("Every trial comes from the whole space")


def test_the_table_has_every_range_of_every_number():
    """Three numbers, two rounds; an option is no number."""
    rows = ladder(played(), About()).rows
    assert [row[0] for row in rows] == ["rate", "rate", "momentum", "momentum", "units", "units"]
    assert rows[1] == ["rate", "log", "1", "11", "4.5e-05 to 0.0055"]
