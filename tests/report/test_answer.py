from types import MappingProxyType

import pytest
from tests.report.conftest import config, played, study_of

from tunesmith.report.about import About
from tunesmith.report.answer import answer, commands, share
from tunesmith.report.moments import Moment
from tunesmith.trial import State

RESULT = {
    "score": 0.97,
    "interval": [0.95, 0.98],
    "rows": 359,
    "baseline": {"linear": 0.9, "constant": float("nan")},
    "seconds": 31.4,
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
    assert (found["better"], found["share"]) == ("higher is better", 1.0)
    assert found["standing"] == "finished: all 23 trials were made"


def test_an_answer_before_anything_was_found():
    """An empty study has no best, and goes on."""
    found = told(played(0, finished=False))
    assert (found["best"], found["score"], found["share"]) == (None, None, 0.0)
    assert found["commands"] == [["See it in a terminal", "tunesmith show a.study"]]


def test_the_test_score_stands_beside_its_baselines():
    """The interval is told, and a baseline that failed in a word."""
    found = told(played(), result=RESULT)["test"]
    assert (found["low"], found["high"], found["rows"]) == (0.95, 0.98, 359)
    assert found["baseline"] == {"linear": 0.9, "constant": "nan"}
    assert told(played(), result=RESULT)["picture"][0] == "svg"
    assert told(played())["picture"] is None


def test_commands_may_be_pasted():
    """A name with a blank is quoted; a study without a file has no commands."""
    history = played(3, study=study_of(source=MappingProxyType({"name": "digits"})))
    told = commands(history.study, history, About(name="my a.study", result=RESULT))
    assert told[0][1] == "tunesmith predict 'my digits.model' NEW.csv -o OUT.csv"
    assert told[-1][1] == "tunesmith show 'my a.study'"
    assert commands(history.study, history, About()) == []


def test_a_table_s_study_can_be_gone_on_with():
    """Until it is over; a function's study is gone on with by the same call, not by a command."""
    study = study_of(source=MappingProxyType({"name": "digits"}))
    going, over = played(3, finished=False, study=study), played(3, study=study)
    about = About(name="my a.study")
    assert commands(study, going, about)[0][1] == "tunesmith resume 'my a.study'"
    assert len(commands(study, over, about)) == 1


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


def test_the_sentence_on_untouched_rows():
    """With a result the answer is the test score beside its baselines, not that of validation."""
    assert told(played(), result=RESULT)["sentence"] == (
        "The best network has accuracy 0.9700 on 359 rows never used before "
        "(95 % interval 0.9500 to 0.9800), beside linear 0.9000, constant nan."
    )


def test_the_page_says_what_a_model_is_worse_than_and_why():
    """In the first sentence the linear model, among the reasons the training that was not used."""
    reason = "the model is the network that the search trained: no time was left"
    more = {"worse_than": ["linear"], "refit": "kept", "refit_reason": reason}
    worse = RESULT | {"score": 0.85, "interval": [0.8, 0.88], "validation": 0.86} | more
    found = told(played(), result=worse)
    assert found["sentence"].startswith(
        "The best network has accuracy 0.8500, worse than linear 0.9000, on 359 rows never used"
    )
    assert reason in found["why"]


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        (played(0, finished=False), "There is no accuracy yet."),
        (played(2, finished=False), "The best so far is trial 1: accuracy 0.7110 after 9 epochs."),
        (played(2), "The best is trial 1: accuracy 0.7110 after 9 epochs."),
    ],
    ids=["empty", "running", "finished"],
)
def test_the_sentence_of_a_study_without_a_test(history, expected):
    """It names the trial, and whether more may come."""
    assert told(history)["sentence"] == expected


def test_what_it_took():
    """Trials, epochs, and the clock of the study where it is known."""
    history = played(2)
    assert told(history)["spent"] == {"trials": "2", "epochs": "10"}
    assert told(history, moments=[Moment(0, 0.0, 61.2)])["spent"]["time"] == "1 min 1 s"
    assert told(history, result=RESULT)["spent"]["time"] == "31 s"


def test_why_it_was_chosen():
    """What it was chosen by, how optimistic that is, and how many networks answer."""
    more = RESULT | {"validation": 0.985, "optimism": 0.0042, "members": 5}
    found = told(played(), result=more)
    assert found["why"] == (
        "Chosen by 0.9850 on the validation rows, which is optimistic by about 0.0042; "
        "the answers of 5 networks are averaged."
    )
    assert found["sentence"].startswith("The best networks have accuracy 0.9700 ")
    assert told(played(), result=RESULT)["why"] == ""


def test_a_study_in_which_all_went_wrong():
    """It says that there is nothing to recommend, and not that it has not begun."""
    history = played(0, finished=False)
    for _ in range(3):
        at = history.start(config(5), 1).number
        history.end(at, State.FAILED, [], "it failed")
    assert told(history)["sentence"] == "None of 3 trials has given a usable accuracy."


def test_the_size_of_the_model_is_told():
    """Where a study stored it; earlier ones did not."""
    more = RESULT | {"conditions": {"model": "1,234 weights", "split": "9 rows train"}}
    assert told(played(), result=more)["spent"]["model"] == "1,234 weights"
    assert "model" not in told(played(), result=RESULT)["spent"]
