import math

from tests.report.conftest import config, played, study_of

from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.findings.importance import importance
from tunesmith.trial import Measurement, State


def test_the_param_that_matters_comes_first():
    """Scores that follow the rate alone: it is first, beyond doubt, in words and figures."""
    history = History(study_of())
    for number in range(40):
        history.start(config(number), 9)
        score = 0.9 - 0.1 * (math.log10(config(number)["rate"]) + 2) ** 2
        history.end(number, State.DONE, [Measurement(9, {"accuracy": score})])
    section = importance(history, About())
    assert section.rows[0][0] == "rate"
    assert section.finding.startswith("Over the whole space after 9 epochs rate matters most: ")
    assert section.figures["params"][0] == "rate"
    whole = section.figures["regions"][0]
    assert whole["low"][0] <= whole["share"][0] <= whole["high"][0]
    assert whole["share"][0] > 0.8


def test_noise_is_a_permitted_answer():
    """With few trials it says so."""
    section = importance(played(5), About())
    assert section.finding.startswith("It cannot be told from noise")
    assert section.rows == []
