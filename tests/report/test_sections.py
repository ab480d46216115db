from tests.report.conftest import played

from tunesmith.report.sections import ADVICE, sections


def test_no_more_advice_than_anybody_reads():
    """Five pieces at most, in the order of the history."""
    history = played()
    (advice, *_) = sections(history.study, history)
    assert advice["id"] == "advice"
    assert advice["points"] == [piece.text for piece in history.advice[:ADVICE]]
