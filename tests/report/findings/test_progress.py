from tests.report.conftest import config, played, study_of

from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.findings.progress import finding, progress
from tunesmith.trial import Measurement, State


def trained(*scores):
    """Return a study whose trials were trained for nine epochs each."""
    history = History(study_of())
    for number, score in enumerate(scores):
        history.start(config(number), 9)
        history.end(number, State.DONE, [Measurement(9, {"accuracy": score})])
    return history


def test_when_the_best_came_and_what_the_end_gained():
    """Five trials of nine epochs: the fourth is best, 0.25 above the best of the first 60 %."""
    assert finding(trained(0.5, 0.25, 0.375, 0.75, 0.625)) == (
        "The best came after 36 of 45 epochs, 80 % of the work; the last 40 % of it gained 0.25."
    )


def test_an_end_that_gained_nothing():
    """The first trial stays the best."""
    assert finding(trained(0.75, 0.25, 0.375)).endswith("the last 40 % of it gained nothing.")


def test_a_gain_that_no_float_holds():
    """From one end of the range of floats to the other."""
    assert finding(trained(-1.6e308, -1.7e308, 1.5e308)).endswith(
        "the last 40 % of it gained more than a float can hold."
    )


def test_an_empty_study():
    """Nothing measured, nothing said, no rows."""
    section = progress(played(0, finished=False), About())
    assert (section.finding, section.rows) == ("Nothing has been measured yet.", [])


def test_the_table_is_of_the_longest_rung():
    """Improvements after one epoch are not those after nine."""
    rows = progress(played(), About()).rows
    assert rows == sorted(rows, key=lambda row: float(row[2]))
    assert rows[0][1] == "1"


def test_random_search_is_estimated():
    """Ten trials of nine epochs, all from the whole space: at their end it has their best."""
    history = trained(*[0.5 + 0.03125 * number for number in range(10)])
    section = progress(history, About())
    assert section.finding.endswith(
        "; random search without stopping would have 0.7812 after 90 epochs, by an estimate from "
        "10 trials."
    )
    assert section.figures["random"][-1] == [90, 0.78125]
    assert progress(trained(0.5), About()).figures == {"random": []}
