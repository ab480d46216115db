from tests.report.conftest import config, measured, played, study_of

from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.findings.fairness import fairness
from tunesmith.trial import State


def test_two_rungs_are_compared():
    """Whoever is best early is best late here: tau is 1 between both pairs of rungs."""
    section = fairness(played(), About())
    assert [row[:4] for row in section.rows] == [["1", "3", "7", "1.00"], ["3", "9", "7", "1.00"]]
    assert section.finding.startswith("Early ranks agree with late ones")


def test_an_audit_comes_first():
    """A stopped trial that was trained to the end is worth more than ranks."""
    history = History(study_of())
    for number in range(2):
        history.start(config(number), 1)
        history.end(number, State.DONE, measured(number, 1, 0.6 + 0.2 * number))
    for number in (1, 0):
        history.promote(number, 9, audit=number == 0)
        history.end(number, State.DONE, measured(number, 9, 0.6 + 0.2 * number))
    assert fairness(history, About()).finding.startswith("Stopping early was fair")


def test_few_trials_tell_nothing():
    """With one trial there is nothing to compare."""
    assert fairness(played(1), About()).finding.startswith("It cannot be told yet")
