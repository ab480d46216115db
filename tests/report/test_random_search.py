from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.conftest import config, measured, played, study_of

from tunesmith.history import History
from tunesmith.report.random_search import estimate, least_expected
from tunesmith.trial import Measurement, Origin, State

LOSSES = st.lists(st.floats(-5, 5), min_size=1, max_size=8)


@given(LOSSES, st.data())
def test_the_mean_over_all_choices(losses, data):
    """Against every choice of so many of them, one by one."""
    count = data.draw(st.integers(1, len(losses)))
    every = [min(chosen) for chosen in combinations(losses, count)]
    expected = least_expected(np.sort(losses), count)
    assert expected == pytest.approx(np.mean(every), abs=1e-9)


def trained(*scores, origin=Origin.ANYWHERE, state=State.DONE):
    """Return a study whose trials were trained for nine epochs each."""
    history = History(study_of())
    for number, score in enumerate(scores):
        history.start(config(number), 9, origin)
        history.end(number, state, [Measurement(9, {"accuracy": score})])
    return history


def test_trials_trained_in_full_are_taken_as_they_are():
    """Ten trainings of nine epochs: one is their mean, ten their best."""
    scores = [0.5, 0.6, 0.55, 0.7, 0.65, 0.8, 0.52, 0.61, 0.58, 0.77]
    found = estimate(trained(*scores))
    assert found.trials == 10
    assert found.line[0] == (9, pytest.approx(-np.mean(scores)))
    assert found.line[-1] == (90, pytest.approx(-0.8))


def test_a_trial_that_was_stopped_gains_as_others_did():
    """Their curves are alike, so that it is known where each would have come to."""
    history = History(study_of())
    qualities = [0.5 + 0.03 * number for number in range(12)]
    for number, quality in enumerate(qualities):
        epochs = 9 if number >= 8 else 1
        history.start(config(number), epochs)
        history.end(number, State.DONE, measured(number, epochs, quality))
    found = estimate(history)
    assert found.trials == 12
    assert found.line[0] == (9, pytest.approx(0.3 / 9 - np.mean(qualities)))
    assert found.line[-1][0] == 9 * (history.epochs // 9)


def test_what_went_wrong_counts_as_the_worst():
    """Nine usable, three that are not."""
    history = trained(*[0.5 + 0.01 * number for number in range(9)])
    for number in range(9, 12):
        history.start(config(number), 9)
        history.end(number, State.FAILED, [], "broken")
    found = estimate(history)
    assert found.trials == 12
    assert found.line[0][1] == pytest.approx(-(sum(0.5 + 0.01 * n for n in range(9)) + 1.5) / 12)


def test_what_the_search_chose_says_nothing_of_chance():
    """Trials drawn from narrow ranges are left out; too few others, and there is no estimate."""
    assert estimate(trained(*([0.5] * 12), origin=Origin.RANGES)) is None
    assert estimate(trained(*([0.5] * 7))) is None


def test_nothing_trained_in_full_and_nothing_at_all():
    """What a full training gains is not known."""
    assert estimate(played(0, finished=False)) is None
    history = History(study_of())
    for number in range(12):
        history.start(config(number), 1)
        history.end(number, State.DONE, measured(number, 1, 0.5))
    assert estimate(history) is None


def test_the_largest_floats():
    """Weights that add up to a little more than 1 do not carry the mean beyond the largest."""
    largest = np.finfo(np.float64).max
    for trials in (8, 13, 77):
        losses = np.full(trials, largest)
        assert all(least_expected(losses, count) == largest for count in range(1, trials + 1))


def test_gains_that_no_float_holds():
    """A curve from the smallest to the largest loss says nothing of what others would gain."""
    history = History(study_of())
    for number in range(12):
        epochs = 9 if number >= 8 else 1
        history.start(config(number), epochs)
        curve = [Measurement(1, {"accuracy": -1.6e308}), Measurement(9, {"accuracy": 1.5e308})]
        history.end(number, State.DONE, curve[: 1 + epochs // 9])
    assert estimate(history) is None
