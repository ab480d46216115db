import math

import pytest
from tests.report.conftest import config, played, study_of

from tunesmith.report.rows import FIELDS, plain, row, score_at, score_of
from tunesmith.study import Goal


def test_a_row_holds_what_its_fields_say():
    """A trial of the third rung, as the page's script reads it."""
    history = played()
    found = dict(zip(FIELDS, row(history.study, history.trials[4], (1, 3, 9)), strict=True))
    assert found["values"] == list(config(4).values())
    quality = 0.6 + 0.39 * (0.37 * 4 % 1)
    assert found["scores"] == pytest.approx([quality - 0.3, quality - 0.1, quality - 0.3 / 9])
    assert (found["state"], found["round"], found["trained"]) == ("done", 0, 9)
    assert found["seconds"] == pytest.approx(0.11 * 13)


def test_a_number_that_is_not_finite_is_text():
    """JSON has no NaN: a trial that diverged says it in a word, and has no score at its level."""
    history = played()
    found = dict(zip(FIELDS, row(history.study, history.trials[5], (1, 3)), strict=True))
    assert (found["state"], found["score"], found["scores"]) == ("diverged", "nan", [None, None])


def test_score_at_a_level_that_was_not_reached():
    """A score is told only where it was measured."""
    history = played()
    assert score_at(history.study, history.trials[0], 3) is None


@pytest.mark.parametrize(("goal", "expected"), [(Goal.MAX, -0.7), (Goal.MIN, 0.7)])
def test_score_of(goal, expected):
    """A loss is the metric again, whichever way is better."""
    assert score_of(study_of(goal=goal), 0.7) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(3, 3.0), (math.inf, "inf"), (-math.inf, "-inf"), (0.25, 0.25)]
)
def test_plain(value, expected):
    """Finite numbers stay numbers."""
    assert plain(value) == expected
