import math

from tests.report.conftest import config, played, study_of

from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.findings.pair import CELLS, pair
from tunesmith.trial import Measurement, State


def test_the_map_is_darkest_where_scores_are_best():
    """Scores peak at a rate of 0.01: so does the map, whatever the other param."""
    history = History(study_of())
    for number in range(40):
        history.start(config(number), 9)
        score = 0.9 - 0.1 * (math.log10(config(number)["rate"]) + 2) ** 2
        history.end(number, State.DONE, [Measurement(9, {"accuracy": score})])
    figures = pair(history, About()).figures
    assert figures["params"][0] == "rate"
    expected = figures["expected"]
    columns = [math.fsum(expected[x::CELLS]) for x in range(CELLS)]
    best = (columns.index(max(columns)) + 0.5) / CELLS
    assert abs(best - 2 / (4 + math.log10(0.3))) < 0.08


def test_few_trials_make_no_map():
    """There is a sentence instead."""
    section = pair(played(5), About())
    assert section.figures == {}
    assert section.finding.startswith("It takes two params and 20 trials")
