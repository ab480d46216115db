import pytest
from tests.report.conftest import played, study_of

from tunesmith.report.about import About
from tunesmith.report.answer import answer, commands, share

RESULT = {
    "score": 0.97,
    "interval": [0.95, 0.98],
    "rows": 359,
    "baseline": {"linear": 0.9, "constant": float("nan")},
    "model": "folder/my digits.model",
}


def told(history, **more):
    return answer(history.study, history, About(**({"name": "a.study"} | more)))


def test_an_answer_names_the_best_and_its_config():
    """The best trial, its score, and whether higher is better."""
    history = played()
    found = told(history)
    assert found["best"] == history.best.number
    assert found["score"] == history.best.metric("accuracy")
    assert set(found["config"]) == {"rate", "momentum", "units", "kind"}
    assert (found["better"], found["state"], found["share"]) == (
        "higher is better",
        "finished",
        1.0,
    )


def test_an_answer_before_anything_was_found():
    """An empty study has no best, and goes on."""
    found = told(played(0, finished=False))
    assert (found["best"], found["score"], found["share"]) == (None, None, 0.0)
    assert found["commands"][0][1] == "tunesmith resume a.study"


def test_the_test_score_stands_beside_its_baselines():
    """The interval is told, and a baseline that failed in a word."""
    found = told(played(), result=RESULT)["test"]
    assert (found["low"], found["high"], found["rows"]) == (0.95, 0.98, 359)
    assert found["baseline"] == {"linear": 0.9, "constant": "nan"}


def test_commands_may_be_pasted():
    """A name with a blank is quoted; a study without a file has no commands."""
    assert commands("my a.study", RESULT)[0][1] == (
        "tunesmith predict 'my digits.model' NEW.csv -o OUT.csv"
    )
    assert commands("", None) == []


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        ({"trials": 10}, 0.4),
        ({"trials": None, "total_epochs": 40}, 0.3),
        ({"trials": None, "minutes": 3.0}, None),
        ({"trials": 2}, 1.0),
    ],
)
def test_share(budget, expected):
    """The budget that is nearest to its end counts; a limit of time alone says nothing."""
    history = played(4, finished=False, study=study_of(**budget))
    assert share(history.study, history) == expected
