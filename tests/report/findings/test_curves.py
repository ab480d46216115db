import pytest
from tests.report.conftest import played, study_of

from tunesmith.report.about import About
from tunesmith.report.findings.curves import curves, finding


def test_the_rungs_are_counted():
    """Three of 23 trials diverge; one in three of the others comes to the top."""
    history = played()
    assert [row[:3] for row in curves(history, About()).rows] == [
        ["1", "23", "7"],
        ["3", "7", "7"],
        ["9", "7", "0"],
    ]
    full = sum(trial.epochs_trained == 9 for trial in history.trials)
    assert full == 7
    saved = 1 - (7 * 9 + 16) / (9 * 23)
    assert finding(history) == (
        f"7 trials of 23 trained for all 9 epochs; ending the others sooner saved "
        f"{100 * saved:.0f} % of what all would have taken."
    )


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        (played(0, finished=False), "No trial has ended yet."),
        (played(1, study=study_of(epochs=1)), "Every trial was trained once"),
        (played(1), "No trial has been trained for all 9 epochs; one came to 1 epoch."),
    ],
    ids=["empty", "one epoch", "none in full"],
)
def test_where_there_are_no_curves(history, expected):
    """An empty study, and one without epochs, have none."""
    assert finding(history).startswith(expected)
