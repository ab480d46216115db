from tests.report.conftest import played

from tunesmith.report.about import About
from tunesmith.report.findings.workers import failures, workers
from tunesmith.report.moments import Moment


def test_two_workers_and_their_pauses():
    """Two lanes over four seconds, busy for six of the eight."""
    seen = [Moment(0, 0.0, 2.0), Moment(1, 0.0, 1.0), Moment(2, 1.5, 2.5), Moment(3, 2.0, 4.0)]
    section = workers(played(4), About(moments=seen))
    assert section.rows == [["1", "2", "4.0"], ["2", "2", "2.0"]]
    assert section.finding == "2 workers were busy 75 % of 4 seconds."
    assert section.figures == {"lanes": [0, 1, 1, 0]}


def test_the_memory_of_the_largest():
    """Of two processes the one that held more is told of."""
    seen = [Moment(0, 0.0, 2.0, 250_000_000), Moment(1, 0.0, 2.0, 300_000_000)]
    finding = workers(played(4), About(moments=seen)).finding
    assert finding.endswith(" A process that trains held 300 MB of memory at most.")


def test_nothing_is_known_without_moments():
    """A study in memory has no clock."""
    assert workers(played(4), About()).finding.startswith("Nothing is known")


def test_failures_are_counted_by_reason():
    """Trials 5, 12 and 19 diverged, all in the same way."""
    section = failures(played(), About())
    assert section.rows == [["diverged", "accuracy is nan after 1 epoch", "3", "5"]]
    assert section.finding == "3 of 23 trials went wrong, most often diverged (3)."


def test_nothing_went_wrong():
    """That too is said."""
    assert failures(played(4), About()).finding == "Nothing went wrong in 4 trials."


def test_tracebacks_are_folded():
    """Each under the number of its trial, in order."""
    section = failures(played(), About(traces={12: "later", 5: "first"}))
    assert section.folds == [("Traceback of trial 5", "first"), ("Traceback of trial 12", "later")]
