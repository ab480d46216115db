"""The question and its sentences, and the records between question and answers."""

import math
import pickle
from dataclasses import replace
from types import MappingProxyType

import msgspec
import pytest

from tunesmith.errors import SpaceError, StudyError
from tunesmith.search.settings import read_search
from tunesmith.space import LOG, Choice, Float, Int, Space
from tunesmith.study import Advice, Goal, Recommendation, Round, Study, Topic
from tunesmith.trial import Config, Measurement, Trial

SPACE = Space(rate=Float(1e-3, 0.7, scale=LOG), units=Int(3, 17), kind=Choice(("a", 1, None)))
CONFIG = Config({"rate": 0.1 + 0.2, "units": 5, "kind": None})
STUDY = Study(
    space=SPACE,
    metric="accuracy",
    goal=Goal.MAX,
    search={"name": "sobol", "ladder": {"name": "full"}},
    seed=11,
    epochs=27,
    trials=150,
    total_epochs=3001,
    minutes=2.5,
    slots=3,
    cheaper=("units", "rate"),
    anchors=(CONFIG,),
    source={"path": "data.csv", "columns": ["a", "b"]},
)


def measured(*losses, metric="loss"):
    return tuple(Measurement(n, {metric: loss}) for n, loss in enumerate(losses, 1))


# --- the question -------------------------------------------------------------------------------


def test_a_study_keeps_everything_as_json():
    """To JSON and back it is the same question."""
    back = Study.from_builtins(msgspec.json.decode(msgspec.json.encode(STUDY.to_builtins())))
    assert back == STUDY
    assert STUDY.difference(back) == ""


def test_a_study_without_anchors_is_written_as_before_there_were_any():
    """Files of earlier versions have none, and are read."""
    plain = replace(STUDY, anchors=()).to_builtins()
    assert "anchors" not in plain
    assert Study.from_builtins(plain).anchors == ()


def test_an_anchor_is_a_config_of_the_space():
    """One that is not is refused with what is wrong."""
    with pytest.raises(SpaceError, match=r"^units: .*99"):
        replace(STUDY, anchors=(CONFIG, Config({**CONFIG, "units": 99})))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({}, "a study needs an end: give trials=100, or minutes=5, or total_epochs=1000"),
        ({"trials": 0}, "trials must be a whole number of 1 or more, got 0"),
        ({"trials": 2.5}, "trials must be a whole number of 1 or more, got 2.5"),
        ({"trials": True}, "trials must be a whole number of 1 or more, got True"),
        ({"trials": "7"}, "trials must be a whole number of 1 or more, got '7'"),
        ({"total_epochs": -3}, "total_epochs must be a whole number of 1 or more, got -3"),
        ({"trials": 7, "epochs": 0}, "epochs must be a whole number of 1 or more, got 0"),
        ({"trials": 7, "slots": 0}, "slots must be a whole number of 1 or more, got 0"),
        ({"trials": 7, "seed": -1}, "seed must be a whole number of 0 or more, got -1"),
        ({"trials": 7, "seed": 0.5}, "seed must be a whole number of 0 or more, got 0.5"),
        ({"minutes": 0}, "minutes must be a number above 0, got 0"),
        ({"minutes": math.inf}, "minutes must be a number above 0, got inf"),
        ({"minutes": math.nan}, "minutes must be a number above 0, got nan"),
        ({"minutes": True}, "minutes must be a number above 0, got True"),
        ({"trials": 7, "metric": ""}, "the metric needs a name, such as metric='loss', got ''"),
        ({"trials": 7, "metric": 5}, "the metric needs a name, such as metric='loss', got 5"),
        (
            {"trials": 7, "cheaper": ("depth",)},
            "cheaper names 'depth', which is no param of the space: drop it",
        ),
        (
            {"total_epochs": 10, "epochs": 27},
            (
                "total_epochs=10 is less than one full training of 27 epochs: "
                "give more, or fewer epochs"
            ),
        ),
    ],
)
def test_what_cannot_be_asked(arguments, sentence):
    """The sentence names the argument, its value and what it should be."""
    with pytest.raises(StudyError) as caught:
        Study(space=SPACE, **arguments)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("goal", ["min", "max", None])
def test_a_goal_is_a_goal(goal):
    """A text that looks like one would turn the study round without a word."""
    with pytest.raises(StudyError, match="goal"):
        Study(space=SPACE, trials=7, goal=goal)


@pytest.mark.parametrize("budget", [{"trials": 1}, {"total_epochs": 1}, {"minutes": 0.01}])
def test_one_budget_is_enough(budget):
    """Trials, epochs or minutes: any of them is an end."""
    assert Study(space=SPACE, **budget).difference(Study(space=SPACE, **budget)) == ""


def test_a_study_that_says_nothing_of_its_search_has_one():
    """The default settings are those of a search that exists."""
    study = Study(space=SPACE, trials=7)
    assert read_search(study.search).settings() == dict(study.search)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seed": None}, "seed must be a whole number"),
        ({"goal": "most"}, "'most' is not a valid Goal"),
        ({"space": {"params": []}}, "a space needs at least one param"),
        ({"space": None}, "a space is written as"),
        ({"search": 3}, "not iterable"),
        ({"cheaper": 3}, "not iterable"),
        ({"anchors": 3}, "not iterable"),
        ({"anchors": ["units"]}, "dictionary update sequence"),
        ({"anchors": [{"units": 5}]}, "no value for 'rate'"),
        ({"minutes": "5"}, "minutes|not supported"),
    ],
)
def test_what_is_no_question(change, words):
    """Plain data that is no study is refused, with the reason."""
    with pytest.raises(StudyError, match=rf"^this is not a study's question: .*({words})"):
        Study.from_builtins(STUDY.to_builtins() | change)


def test_a_question_with_missing_or_unknown_parts():
    """Both are named."""
    data = STUDY.to_builtins()
    del data["seed"]
    with pytest.raises(StudyError) as caught:
        Study.from_builtins(data | {"colour": "red"})
    assert str(caught.value) == (
        "this is not a study's question: missing or unknown colour, seed; it may be of another "
        "version: read it with the one that wrote it"
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"trials": 300}, "trials 150, not 300"),
        ({"trials": None}, "trials 150, not None"),
        ({"goal": Goal.MIN}, "goal max, not min"),
        ({"metric": "loss"}, "metric accuracy, not loss"),
        ({"minutes": 7.5}, "minutes 2.5, not 7.5"),
        ({"slots": 4}, "slots 3, not 4"),
        (
            {
                "space": Space(
                    rate=Float(1e-3, 0.8, scale=LOG), units=Int(3, 17), kind=SPACE["kind"]
                )
            },
            "another space",
        ),
        ({"search": {"name": "random", "ladder": {"name": "full"}}}, "another search"),
        ({"source": {}}, "another source"),
        ({"cheaper": ("units",)}, "another cheaper"),
        ({"anchors": ()}, "another anchors"),
    ],
)
def test_a_difference_is_named(change, words):
    """Which part, and where it is one word, both words."""
    assert STUDY.difference(replace(STUDY, **change)) == words


@pytest.mark.parametrize(
    ("goal", "value", "loss"),
    [
        (Goal.MIN, 0.3, 0.3),
        (Goal.MAX, 0.3, -0.3),
        (Goal.MIN, -math.inf, math.inf),
        (Goal.MAX, math.inf, math.inf),
        (Goal.MAX, -math.inf, math.inf),
        (Goal.MIN, math.nan, math.inf),
        (Goal.MAX, math.nan, math.inf),
    ],
)
def test_loss_turns_the_metric_so_that_smaller_is_better(goal, value, loss):
    """What is not finite is the worst, whichever way is up."""
    study = replace(STUDY, goal=goal)
    trial = Trial(number=3, config=CONFIG, epochs=5)
    assert study.loss(trial) == math.inf
    assert study.loss(replace(trial, measurements=measured(0.9, value, metric="accuracy"))) == loss


@pytest.mark.parametrize(
    ("cheaper", "config", "size"),
    [
        ((), {"units": 7, "layers": 3}, 1),
        (("units",), {"units": 7, "layers": 3}, 7),
        (("units", "layers"), {"units": 7, "layers": 3, "rate": 0.1}, 21),
        (("units", "layers"), {"units": 7}, 7),  # layers is not active
        (("units", "width"), {"units": 7, "width": 0.5}, 3.5),
        (("units", "kind"), {"units": 7, "kind": "large"}, 7),
    ],
    ids=str,
)
def test_the_size_of_a_network(cheaper, config, size):
    """The product of those params that are there and are numbers."""
    space = Space(
        units=Int(3, 17), layers=Int(1, 4), width=Float(0.1, 1.0), kind=Choice(("large", "small"))
    )
    assert replace(STUDY, space=space, cheaper=cheaper, anchors=()).size(Config(config)) == size


# --- the records between question and answers ---------------------------------------------------

ROUND = Round(
    number=3,
    first=24,
    low=(0.1 + 0.2, -0.25, 0.0),
    high=(0.7, 1.25, 1.0),
    whole_low=(0.0, -0.25, 0.0),
    whole_high=(1.0, 1.5, 1.0),
    ranges=MappingProxyType({"rate": (0.007, 0.1), "units": (3, 22)}),
    reason="narrowed rate to 0.007 to 0.1 (was 0.001 to 0.7)",
)
CHOSEN = Recommendation(
    number=7,
    trainings=(7, 31, 33),
    close=(12, 5),
    reason="the best expected loss, over 3 trainings",
)


ADVICE = Advice(
    kind=Topic.BOUND,
    param="rate",
    text="the best crowd the high end of rate",
    figures=MappingProxyType({"share": 0.1 + 0.2, "end": 3.0}),
    certain=False,
)
RECORDS = pytest.mark.parametrize(
    "record", [ROUND, CHOSEN, ADVICE], ids=["round", "recommendation", "advice"]
)


@RECORDS
def test_a_record_keeps_everything_as_json(record):
    """To JSON and back it is the same record, whole numbers whole, every bit of each float."""
    back = type(record).from_builtins(
        msgspec.json.decode(msgspec.json.encode(record.to_builtins()))
    )
    assert back == record
    assert repr(back) == repr(record)


@pytest.mark.parametrize("thing", [STUDY, ROUND, CHOSEN, ADVICE], ids=lambda t: type(t).__name__)
def test_everything_can_be_sent(thing):
    """A pickle holds it whole, though what it maps cannot be changed."""
    assert pickle.loads(pickle.dumps(thing)) == thing


@RECORDS
def test_a_record_is_whole(record):
    """With any part missing, or one too many, it is none."""
    plain = record.to_builtins()
    for name in plain:
        with pytest.raises((TypeError, KeyError)):
            type(record).from_builtins({key: plain[key] for key in plain if key != name})
    with pytest.raises(TypeError):
        type(record).from_builtins(plain | {"colour": "red"})


@pytest.mark.parametrize(
    ("record", "change"),
    [
        (ROUND, {"low": 3}),
        (ROUND, {"high": ["wide"]}),
        (ROUND, {"whole_low": [None]}),
        (ROUND, {"ranges": 3}),
        (ROUND, {"ranges": None}),
        (ROUND, {"ranges": {"rate": 0.3}}),
        (ROUND, {"ranges": {"rate": [0.3]}}),
        (CHOSEN, {"trainings": 3}),
        (CHOSEN, {"trainings": ["seven"]}),
        (CHOSEN, {"close": None}),
        (ADVICE, {"kind": "weather"}),
        (ADVICE, {"figures": 3}),
        (ADVICE, {"figures": {"share": "much"}}),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else type(value).__name__,
)
def test_a_damaged_record(record, change):
    """It is refused in a way that who reads the file expects."""
    with pytest.raises((TypeError, ValueError, KeyError)):
        type(record).from_builtins(record.to_builtins() | change)
