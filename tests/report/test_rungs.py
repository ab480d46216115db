from tests.report.conftest import played

from tunesmith.report.rungs import rungs


def test_rungs_grow_with_the_history():
    """Each number of epochs at which a trial ended is there once, as soon as one did."""
    history = played(1, finished=False)
    assert rungs(history) == (1,)
    history.promote(0, 5)
    assert rungs(history) == (1,)
    history.end(0, history.trials[0].state.DONE, [])
    assert rungs(history) == (1, 5)
