"""What will be spent, and how it is said."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.errors import StudyError
from tunesmith.fit.data import Source
from tunesmith.fit.plan import DEFAULT_MINUTES, EPOCHS, epochs_for, make_study, plan_lines
from tunesmith.fit.space import table_space
from tunesmith.space import Float, Space
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
        f"'price' is 17.5 in all {len(rows)} rows of a part that judges networks, and R2 needs "
        "rows that differ: add rows, or choose another target"
    )
    y[rows[0]] = 17.25
    assert study_of(replace(data, y=y), sources["price"]).metric == "r2"


def test_a_plan_drawn_by_hand(datas, sources):
    """Budget, workers, seed, rows and what is searched, before anything is spent."""
    data = datas["fruit"]
    study = study_of(data, sources["fruit"], trials=50, minutes=1.5)
    text = " ".join(" ".join(plan_lines(study, data, workers=2)).split())
    train, valid, test = (len(getattr(data.split, part)) for part in ("train", "valid", "test"))
    assert text == (
        f"plan: 50 trials or 1.5 minutes of 300 epochs, 2 at a time, seed 3; {train} rows train, "
        f"{valid} choose between networks, {test} are kept apart for the final score; 4 inputs; "
        "searched: learning_rate, units, batch_size, layers, decay, beta2"
    )


@given(
    names=st.lists(st.from_regex(r"[a-z][a-z_]{0,60}", fullmatch=True), min_size=1, unique=True),
    rows=st.integers(2, 10**9),
)
def test_a_plan_fits_80_columns(datas, sources, names, rows):
    """However many params a space has and however long their names are, none is cut off."""
    data = datas["fruit"]
    space = Space(**dict.fromkeys(names, Float(0.3, 0.7)))
    study = replace(study_of(data, sources["fruit"], trials=rows), space=space)
    lines = plan_lines(study, data, workers=2)
    assert all(len(line) <= 80 for line in lines)
    assert [line[:6] for line in lines] == ["plan: "] + ["      "] * (len(lines) - 1)
    searched = " ".join(line.strip() for line in lines).split("searched: ")[1]
    assert searched == ", ".join(names)


def test_a_plan_groups_its_thousands(datas, sources):
    """Rows are written as people read them."""
    data = datas["fruit"]
    rows = np.arange(1_234_567)
    large = replace(data, split=Split(train=rows, valid=rows[:17], test=rows[:19]))
    assert "1,234,567 rows train" in " ".join(
        plan_lines(study_of(data, sources["fruit"]), large, workers=2)
    )
