from tests.report.conftest import config, played, study_of

from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.findings.parallel import parallel
from tunesmith.trial import Measurement, State


def test_the_best_fifth_is_counted():
    """Of 11 trials three are drawn, 0.02 apart."""
    history = History(study_of())
    for number in range(11):
        history.start(config(number), 9)
        history.end(number, State.DONE, [Measurement(9, {"accuracy": 0.9 - number / 100})])
    section = parallel(history, About())
    assert section.finding == (
        "The best 20 % after 9 epochs are 3 configs, whose scores lie within 0.02 of each other."
    )
    assert section.figures == {"epochs": 9, "top": 0.2}


def test_few_trials_make_no_picture():
    """There is a sentence instead."""
    assert parallel(played(2), About()).finding.startswith("It takes 8 trials")
