from tests.report.conftest import played

from tunesmith.report.about import About
from tunesmith.report.findings.trials import BEST, trials


def test_the_best_ten_and_how_all_ended():
    """The first row is the best trial with all its values."""
    history = played()
    section = trials(history, About())
    assert len(section.rows) == BEST
    assert section.rows[0][0] == str(history.best.number)
    assert len(section.rows[0]) == len(section.head) == 7
    assert section.finding == "23 trials: 13 stopped, 7 done and 3 diverged."


def test_an_empty_study():
    """No trial, no row."""
    section = trials(played(0, finished=False), About())
    assert (section.finding, section.rows) == ("No trial has been started yet.", [])
