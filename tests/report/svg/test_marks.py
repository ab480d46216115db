from tests.report.conftest import played

from tunesmith.report.svg.marks import SHADES, few, mark, order, shades


def test_a_shape_says_how_a_trial_ended():
    """Done is full, stopped is hollow, what went wrong is a cross: colour is not needed."""
    history = played()
    drawn = {n: mark(history.trials[n], 10.0, 20.0, 2) for n in (0, 1, 5)}
    assert 'class="hollow shade2"' in drawn[0]
    assert 'class="full shade2"' in drawn[1]
    assert 'class="cross"' in drawn[5]


def test_shades_follow_ranks():
    """The best has the first shade, what went wrong the last."""
    history = played()
    found = shades(order(history.study, history.trials))
    assert found[history.best.number] == 0
    assert {found[n] for n in (5, 12, 19)} == {SHADES - 1}
    assert set(found.values()) == set(range(SHADES))


def test_few_keeps_the_best():
    """Of 23 trials seven, the best among them; all of them where there is room."""
    history = played()
    ordered = order(history.study, history.trials)
    some = few(ordered, 7)
    assert len({trial.number for trial in some}) == 7
    assert history.best in some
    assert few(ordered, 23) == ordered
