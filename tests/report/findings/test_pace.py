import numpy as np
import pytest
from tests.report.conftest import config, played, study_of

from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.findings.pace import pace
from tunesmith.trial import Measurement, State


def timed(seconds_of, trials=40):
    """Return a study whose trials took so long for two epochs."""
    history = History(study_of())
    for number in range(trials):
        its = config(number)
        history.start(its, 2)
        both = [Measurement(e, {"accuracy": 0.5}) for e in (1, 2)]
        history.end(number, State.DONE, both, "", 2 * seconds_of(its, number))
    return history


def test_the_param_that_decides_is_named():
    """An epoch takes as long as there are units: a millisecond for each."""
    history = timed(lambda its, _: its["units"] / 1000)
    section = pace(history, About())
    assert section.figures == {"param": "units"}
    assert "; units carries 87 % of the differences." in section.finding
    assert [row[0].startswith("units ") for row in section.rows] == [True] * 5
    middles = [float(row[2]) for row in section.rows]
    assert middles == sorted(middles)
    assert sum(int(row[1]) for row in section.rows) == 40


def test_an_option_may_decide():
    """One kind takes ten times as long."""
    section = pace(timed(lambda its, _: 0.1 if its["kind"] == "tanh" else 0.01), About())
    assert section.finding == (
        "An epoch took 0.055 s at the median, 0.01 to 0.1 s in all; kind carries 100 % of the "
        "differences."
    )
    assert section.rows == [["kind relu", "20", "0.01"], ["kind tanh", "20", "0.1"]]


def test_chance_is_no_reason():
    """Times that have nothing to do with the config."""
    drawn = np.random.default_rng(3).uniform(1, 2, 200)
    section = pace(timed(lambda _, number: drawn[number], trials=200), About())
    assert section.finding.endswith("no param can be said to decide it.")
    assert section.figures == {"param": ""}
    assert [row[:2] for row in section.rows] == [["all", "200"]]


@pytest.mark.parametrize(("trials", "said"), [(0, "Nothing is known"), (1, "An epoch took 0.11 s")])
def test_few_trials(trials, said):
    """What there is, is told."""
    assert pace(played(trials, finished=False), About()).finding.startswith(said)


def test_all_alike():
    """The same time in every trial: nothing to decide."""
    section = pace(timed(lambda *_: 0.5), About())
    assert section.finding == "An epoch took 0.5 s at the median."
