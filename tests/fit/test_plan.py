"""What will be spent, and how it is said."""

from dataclasses import replace
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.errors import SpaceError, StudyError
from tunesmith.fit.data import Source
from tunesmith.fit.plan import (
    DEFAULT_MINUTES,
    EPOCHS,
    anchors,
    epochs_for,
    make_study,
    plan_lines,
    read_values,
    table_plan,
)
from tunesmith.fit.portfolio import PORTFOLIO, portfolio
from tunesmith.fit.space import table_space
from tunesmith.rng import stream
from tunesmith.space import Choice, Float, Int, Space
from tunesmith.study import Goal, Study
from tunesmith.table.split import Split


def study_of(data, source, **budget):
    """Ask the question of a table."""
    budget = {"trials": None, "minutes": None, "seed": 3} | budget
    return make_study(data, msgspec.to_builtins(source), **budget)


@pytest.mark.parametrize(
    ("rows", "epochs"),
    [
        (1, 300),
        (90, 300),
        (91, 296),
        (500, 54),
        (999, 27),
        (1000, 27),
        (17_893, 27),
        (60_000, 27),
        (120_000, 13),
        (324_000, 5),
        (10**9, 5),
    ],
)
def test_epochs_drawn_by_hand(rows, epochs):
    """27 on a table of middling size; as many steps on a small one, as much work on a large one."""
    assert epochs_for(rows) == epochs


@given(rows=st.integers(1, 10**7), more=st.integers(0, 10**6))
def test_more_rows_are_never_more_epochs(rows, more):
    """Epochs fall with the rows, and stay from 5 to 300."""
    assert 5 <= epochs_for(rows + more) <= epochs_for(rows) <= 300


@given(rows=st.integers(1000, 60_000))
def test_a_middling_table_has_the_usual_epochs(rows):
    """Between the two bounds nothing changes."""
    assert epochs_for(rows) == EPOCHS


@pytest.mark.parametrize(
    ("asked", "trials", "minutes"),
    [
        ({}, None, DEFAULT_MINUTES),
        ({"trials": 17}, 17, None),
        ({"minutes": 0.7}, None, 0.7),
        ({"trials": 17, "minutes": 0.7}, 17, 0.7),
    ],
)
def test_budgets(datas, sources, asked, trials, minutes):
    """What was asked for is kept; only where nothing was, it is 2 minutes."""
    study = study_of(datas["fruit"], sources["fruit"], **asked)
    assert (study.trials, study.minutes, study.total_epochs) == (trials, minutes, None)


@pytest.mark.parametrize(("name", "metric"), [("fruit", "accuracy"), ("price", "r2")])
def test_the_question_of_a_table(datas, sources, name, metric):
    """The metric is the task's, the larger the better; all else that `resume` needs is in it."""
    study = study_of(datas[name], sources[name], trials=5)
    assert (study.metric, study.goal, study.seed) == (metric, Goal.MAX, 3)
    assert study.space == table_space()
    assert study.epochs == epochs_for(len(datas[name].split.train))
    assert Source.of(study.source) == sources[name]
    again = msgspec.json.decode(msgspec.json.encode(study.to_builtins()))
    assert Study.from_builtins(again) == study


@pytest.mark.parametrize("budget", [{"trials": 0}, {"minutes": 0.0}, {"minutes": -3.0}], ids=str)
def test_no_budget_at_all_is_refused(datas, sources, budget):
    """0 is not the same as nothing asked."""
    ((name, value),) = budget.items()
    with pytest.raises(StudyError, match=f"^{name} must be .*, got {value}$"):
        study_of(datas["fruit"], sources["fruit"], **budget)


@pytest.mark.parametrize("part", ["train", "valid", "test"])
def test_too_few_rows_are_refused(datas, sources, part):
    """Every part needs two rows."""
    data = datas["fruit"]
    parts = {name: getattr(data.split, name) for name in ("train", "valid", "test")}
    few = Split(**parts | {part: parts[part][:1]})
    with pytest.raises(StudyError) as caught:
        study_of(replace(data, split=few), sources["fruit"])
    assert str(caught.value) == "148 rows are too few to split into three parts: add rows"


@pytest.mark.parametrize("part", ["valid", "test"])
def test_numbers_that_do_not_vary_where_it_counts_are_refused(datas, sources, part):
    """R2 has no meaning on rows with one value: better said before the search than after."""
    data = datas["price"]
    y = data.y.copy()
    rows = getattr(data.split, part)
    y[rows] = 17.5
    with pytest.raises(StudyError) as caught:
        study_of(replace(data, y=y), sources["price"])
    assert str(caught.value) == (
        f"'price' is 17.5 in all {len(rows)} rows of a part that judges networks, and r2 needs "
        "rows that differ: add rows, or choose another target or metric"
    )
    y[rows[0]] = 17.25
    assert study_of(replace(data, y=y), sources["price"]).metric == "r2"


@pytest.mark.parametrize("part", ["valid", "test"])
def test_parts_that_a_metric_cannot_judge_by_are_refused(datas, sources, part):
    """The area under a curve needs two classes; accuracy does not."""
    data = datas["fruit"]
    y = data.y.copy()
    rows = getattr(data.split, part)
    y[rows] = 1
    same = replace(data, y=y)
    assert study_of(same, sources["fruit"]).metric == "accuracy"
    with pytest.raises(StudyError) as caught:
        study_of(same, sources["fruit"], metric="auc")
    assert str(caught.value) == (
        f"'fruit' is kiwi in all {len(rows)} rows of a part that judges networks, and auc needs "
        "rows that differ: add rows, or choose another target or metric"
    )


@pytest.mark.parametrize(
    ("name", "metric", "goal"),
    [("fruit", "log_loss", Goal.MIN), ("fruit", "auc", Goal.MAX), ("price", "mae", Goal.MIN)],
)
def test_a_metric_of_ones_own(datas, sources, name, metric, goal):
    """A study has the metric that was named, in the sign that the field knows."""
    study = study_of(datas[name], sources[name], metric=metric)
    assert (study.metric, study.goal) == (metric, goal)


def test_a_metric_of_another_task_is_refused(datas, sources):
    """With what this one may be judged by."""
    with pytest.raises(StudyError) as caught:
        study_of(datas["price"], sources["price"], metric="auc")
    assert str(caught.value) == (
        "auc judges classification, and this is regression: choose r2, rmse, mae"
    )


@pytest.mark.parametrize(
    ("rows", "inputs", "minutes", "epochs"),
    [
        (500, 20, 2.0, 80),  # few rows: as many steps as a thousand have
        (20_000, 20, 2.0, 40),
        (90_000, 100, 2.0, 30),  # 90,000 * 6 * 128 * 228 operations an epoch, 8 s a training
        (90_000, 100, 1.0, 15),
        (10**7, 100, 2.0, 5),
    ],
)
def test_minutes_pay_for_epochs(rows, inputs, minutes, epochs):
    """So many as let a minute of one core hold 15 full trainings."""
    assert epochs_for(rows, minutes=minutes, inputs=inputs) == epochs


def test_trials_are_not_minutes(datas, sources):
    """A budget of trials, which may take as long as it will, has the usual epochs."""
    data, rows = datas["fruit"], np.arange(2_000) % 99
    large = replace(data, split=Split(train=rows, valid=data.split.valid, test=data.split.test))
    both = study_of(large, sources["fruit"], trials=5, minutes=2.0)
    assert (both.epochs, study_of(large, sources["fruit"], minutes=2.0).epochs) == (27, 40)


@pytest.mark.parametrize(("numbers", "held"), [(40, {}), (41, {"bins": 1})])
def test_wide_tables_have_no_bins(datas, numbers, held):
    """Numbers that can be spread are counted; who asks for bins has them."""
    data = datas["fruit"]
    x = stream(3, "wide").normal(size=(data.table.rows, numbers + 2)).astype(np.float32)
    x[:, -2] = 0  # a number that never varies has no bins, and the last column is a category
    encoder = SimpleNamespace(numbers=numbers + 1)
    wide = replace(data, x=x, encoder=encoder)
    made = table_plan(trials=300, data=wide)
    assert (made.fixed, made.defaults) == ({}, held)
    assert table_plan(trials=300, data=wide, fix=["bins=7"]).fixed == {"bins": 7}
    assert table_plan(trials=300, data=wide, tune=["bins"]).searched == ("bins",)


def test_a_plan_says_where_all_rows_judge(few, sources):
    """No row is said to be kept for choosing where all choose in turn."""
    study = study_of(few["fruit"], sources["fruit"], trials=50)
    text = " ".join(" ".join(plan_lines(study, few["fruit"], workers=2)).split())
    test = len(few["fruit"].split.test)
    assert (
        f"; {148 - test} rows train and, in 5 folds, choose between networks, {test} are kept apart"
    ) in text


def test_a_plan_drawn_by_hand(datas, sources):
    """Budget, workers, seed and rows, before anything is spent."""
    data = datas["fruit"]
    study = study_of(data, sources["fruit"], trials=50, minutes=1.5)
    text = " ".join(" ".join(plan_lines(study, data, workers=2)).split())
    train, valid, test = (len(getattr(data.split, part)) for part in ("train", "valid", "test"))
    assert text == (
        f"plan: 50 trials or 1.5 minutes of 300 epochs, 2 at a time, seed 3; {train} rows train, "
        f"{valid} choose between networks, {test} are kept apart for the final score; 4 inputs; "
        "it begins with 5 configs that do well on many tables, trained in full"
    )


@given(trials=st.integers(1, 10**9), rows=st.integers(2, 10**9), workers=st.integers(1, 256))
def test_a_plan_fits_80_columns(datas, sources, trials, rows, workers):
    """However large its numbers are, a plan is one paragraph."""
    data = datas["fruit"]
    study = replace(study_of(data, sources["fruit"], trials=trials), epochs=rows, minutes=1e-7)
    lines = plan_lines(study, data, workers=workers)
    assert all(len(line) <= 80 for line in lines)
    assert [line[:6] for line in lines] == ["plan: "] + ["      "] * (len(lines) - 1)


TIERS = {
    priority: tuple(n for n, param in table_space().items() if param.priority <= priority)
    for priority in (3, 4)
}
"""What is searched where all params of a priority are."""


@pytest.mark.parametrize(
    ("trials", "searched"),
    [
        (7, ("learning_rate",)),
        (15, ("learning_rate", "units", "batch_size")),
        (39, ("learning_rate", "units", "batch_size")),
        (40, TIERS[3]),
        (49, TIERS[3]),
        (50, TIERS[4]),
        (54, TIERS[4]),
        (55, tuple(table_space())),
        (None, tuple(table_space())),
    ],
)
def test_what_a_budget_opens_of_the_space_for_tables(trials, searched):
    """Five trials for each param: the learning rate, then units and batch size, and so on."""
    made = table_plan(trials=trials)
    assert made.searched == searched
    assert all(made.space[name] == table_space()[name] for name in searched)


def test_what_a_user_says_about_the_plan(datas, sources):
    """Names in one text or in several, values as they are typed; the study has the space of it."""
    made = table_plan(
        trials=300,
        tune=("units, decay", "beta2"),
        fix=(" layers = 6 ", "learning_rate=1e-1", "schedule=inverse"),  # beyond their ranges
    )
    assert made.searched == ("units", "decay", "beta2")
    assert made.fixed == {"learning_rate": 0.1, "layers": 6, "schedule": "inverse"}
    assert made.defaults.items() >= {"batch_size": 128, "bins": 16, "dropout": 0.15}.items()
    study = study_of(datas["fruit"], sources["fruit"], trials=300, space=made.space)
    again = msgspec.json.decode(msgspec.json.encode(study.to_builtins()))
    assert Study.from_builtins(again).space == made.space
    assert list(study.space.defaults()) == list(table_space())


SPOKEN = Space(
    rate=Float(0.25, 8.0),
    depth=Int(2, 9),
    rule=Choice(("sgd", "adam", "a=b")),
    norm=Choice((False, True, None, 3, 0.5)),
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("rate=3", 3.0),
        ("rate=.5e1", 5.0),
        ("depth=3", 3),
        ("rule=adam", "adam"),
        ("rule=a=b", "a=b"),
        ("norm=True", True),
        ("norm=None", None),
        ("norm=3", 3),
        ("norm=0.5", 0.5),
    ],
)
def test_values_as_they_are_typed(text, value):
    """Every value of every kind of param can be written, and gets the param's type."""
    ((name, read),) = read_values(SPOKEN, [text]).items()
    assert (read, type(read)) == (value, type(value))
    assert SPOKEN[name].check(read) == value


@given(config=st.lists(st.floats(0, 1), min_size=4, max_size=4).map(SPOKEN.decode))
def test_what_is_written_is_read_back(config):
    """A config typed as it prints comes back to the bit."""
    assert read_values(SPOKEN, [f"{name}={value}" for name, value in config.items()]) == config


@pytest.mark.parametrize(
    ("fix", "message"),
    [
        (["layers"], "--fix layers: give it as PARAM=VALUE, such as layers=3"),
        (["=3"], "--fix =3: give it as PARAM=VALUE, such as layers=3"),
        (["layers=3", "layers=2"], "--fix names layers twice: drop one of the two"),
        (["layer=3"], "no param 'layer'; did you mean 'layers'?"),
        (["layers="], "layers: a value from 1 to 6 must be a whole number such as 3, got ''"),
        (["layers=2.0"], "layers: a value from 1 to 6 must be a whole number such as 3, got '2.0'"),
        (["layers=9"], "layers: got 9, but the range is 1 to 6; give a value within it"),
        (
            ["decay=nan"],
            "decay: a value from 0.0001 to 10.0 must be a finite number such as 0.1, got nan",
        ),
    ],
)
def test_values_that_cannot_be_meant(fix, message):
    """One sentence, with what was typed and what may be."""
    with pytest.raises(SpaceError) as caught:
        table_plan(trials=200, fix=fix)
    assert str(caught.value) == message


def test_a_plan_groups_its_thousands(datas, sources):
    """Rows are written as people read them."""
    data = datas["fruit"]
    rows = np.arange(1_234_567)
    large = replace(data, split=Split(train=rows, valid=rows[:17], test=rows[:19]))
    assert "1,234,567 rows train" in " ".join(
        plan_lines(study_of(data, sources["fruit"]), large, workers=2)
    )


@pytest.mark.parametrize(
    ("budget", "count"),
    [
        ({"trials": 9}, 0),
        ({"trials": 10}, 1),
        ({"trials": 39}, 3),
        ({"trials": 200}, len(PORTFOLIO)),
        ({"minutes": 2.0}, len(PORTFOLIO)),
        ({"minutes": 2.0, "trials": 20}, 2),
        ({"minutes": 1e-4}, 0),
    ],
)
def test_a_study_begins_with_configs_that_are_known(datas, sources, budget, count):
    """One for ten trials of the budget, and as many as leave most of the minutes to the search."""
    data = datas["fruit"]
    study = study_of(data, sources["fruit"], **budget)
    assert study.anchors == tuple(portfolio(table_space()))[:count]


def test_large_tables_begin_with_fewer(datas, sources):
    """As far as they fit, in order; more minutes have room for more."""
    data = datas["fruit"]
    rows = np.arange(1_000_000) % len(data.x)
    large = replace(data, split=Split(train=rows, valid=data.split.valid, test=data.split.test))
    counts = [
        len(anchors(large, table_space(), trials=None, minutes=minutes, epochs=40))
        for minutes in (1.0, 5.0, 20.0, 600.0)
    ]
    assert counts == sorted(counts)
    assert counts[0] == 0 < counts[1] < counts[-1] == len(PORTFOLIO)


def test_a_value_that_is_fixed_is_in_all_of_them(datas, sources):
    """As it is in every config of the study."""
    space = table_plan(trials=60, fix=["units=17"]).space
    study = study_of(datas["fruit"], sources["fruit"], trials=60, space=space)
    assert {config["units"] for config in study.anchors} == {17}
