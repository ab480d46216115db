import pytest
from tests.report.conftest import KINDS, played, study_of

from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.findings.slices import slices
from tunesmith.trial import Config, Measurement, State


def trained(rates):
    """Return trials of nine epochs whose score falls with their number."""
    history = History(study_of())
    for number, rate in enumerate(rates):
        config = {"rate": rate, "momentum": 0.9 + number / 300, "units": 5, "kind": KINDS[0]}
        history.start(Config(config), 9)
        history.end(number, State.DONE, [Measurement(9, {"accuracy": 0.9 - number / 100})])
    return history


def test_where_the_best_quarter_lies():
    """The best 2 of 8 trials, by hand; on the log scale 0.01 to 0.03 is a seventh of the range."""
    section = slices(trained([0.01, 0.03, 0.1, 0.2, 0.001, 0.002, 0.003, 0.0002]), About())
    rows = {row[0]: row[1:] for row in section.rows}
    assert rows["rate"] == ["0.01 to 0.03", "14 %"]
    assert rows["kind"] == ["relu (2)", ""]
    assert section.finding == "Of 8 trials after 9 epochs the best 25 % all have units 5."
    assert section.figures == {"epochs": 9}


@pytest.mark.parametrize("trials", [0, 3])
def test_few_trials_tell_nothing(trials):
    """It takes eight trials of equal length."""
    section = slices(played(trials, finished=False), About())
    assert section.finding.startswith("It takes 8 trials")
    assert section.rows == []
