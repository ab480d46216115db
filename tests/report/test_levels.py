from tests.report.conftest import played

from tunesmith.report.levels import levels


def test_levels_grow_with_the_history():
    """Each number of epochs at which a trial ended is there once, as soon as one did."""
    history = played(1, finished=False)
    assert levels(history) == (1,)
    history.promote(0, 5)
    assert levels(history) == (1,)
    history.end(0, history.trials[0].state.DONE, [])
    assert levels(history) == (1, 5)
