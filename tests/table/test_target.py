"""What is to be predicted."""

import numpy as np
import polars as pl
import pytest

from tunesmith.errors import DataError
from tunesmith.table.columns import type_columns
from tunesmith.table.guess import Kind
from tunesmith.table.raw import RawTable
from tunesmith.table.target import MAX_CLASSES, MIN_ROWS, TaskKind, choose_target, marked_rows


def table_of(cells, **asked):
    other = [str(i) for i in range(len(cells))]
    return type_columns(pl.DataFrame({"other": other, "y": list(cells)}), **asked)


def choose(cells, task=None):
    return choose_target(table_of(cells), "y", task)


@pytest.mark.parametrize(
    ("cells", "task", "classes", "why"),
    [
        (["no", "yes", "no"] * 11, "classification", ("no", "yes"), "because y holds text"),
        (["10", "9", "-1.0"] * 11, "classification", ("-1", "9", "10"), "3 different ones"),
        ([str(i % 20) for i in range(67)], "classification", tuple(map(str, range(20))), "20 diff"),
        ([str(i % 21) for i in range(67)], "regression", (), "holds 21 different numbers"),
        (["0.5", "2", "3"] * 11, "regression", (), "holds numbers with a fraction"),
        (["007", "9", "10"] * 11, "classification", ("007", "10", "9"), "holds text"),
    ],
)
def test_the_task_is_chosen_and_said(cells, task, classes, why):
    """Text and a few whole numbers are classes, other numbers are numbers."""
    target = choose(cells)
    assert (target.task, target.classes) == (task, classes)
    assert why in target.why


def test_the_task_may_be_asked_for():
    """Asking overrules the rule; a fraction then is part of the class's name."""
    assert choose(["1", "2"] * 17, "regression").task is TaskKind.REGRESSION
    target = choose(["0.5", "2", "10"] * 11, "classification")
    assert (target.classes, target.why) == (("0.5", "2", "10"), "as asked")


def test_rows_without_a_target_are_dropped_and_counted():
    """Usable rows keep their place in the table."""
    cells = ["a", "NA", "b", "", "a"] * 13
    target = choose(cells)
    assert target.dropped == 26
    assert target.rows.dtype == np.int64
    assert target.rows.tolist() == [i for i, cell in enumerate(cells) if cell in ("a", "b")]


@pytest.mark.parametrize(
    ("cells", "what"),
    [
        ([*(f"{k}.5" for k in range(60)), "n.b.", "7.25"], "1 of 62 {} numbers, such as 'n.b.'"),
        (
            [*(f"${k},471.62" for k in range(1, 61)), "€5"],
            "1 of 61 {} numbers with '$', such as '€5'",
        ),
    ],
    ids=["a word", "another unit"],
)
def test_a_cell_that_spoils_numbers_is_named(cells, what):
    """Many numbers and a few cells of text are no classes, unless the user says so."""
    hint = f"{what.format('values are not')} at line 62"
    with pytest.raises(DataError) as caught:
        choose(cells)
    assert str(caught.value) == (
        f"target 'y' is mostly numbers, but {hint}; correct or empty the cell, or give --types "
        "y=category"
    )
    with pytest.raises(DataError) as caught:
        choose(cells, "regression")
    assert str(caught.value) == (
        f"target 'y' is text, {hint}, and regression needs numbers; ask for classification"
    )
    asked = choose_target(table_of(cells, types={"y": Kind.CATEGORY}), "y")
    assert len(asked.classes) == len(cells)


def test_a_cell_that_spoils_a_few_numbers_is_said():
    """They may be classes, but the reason says what they are not."""
    target = choose(["1", "2", "x"] + ["1", "2"] * 20)
    assert target.classes == ("1", "2", "x")
    assert target.why == (
        "because y holds text (1 of 43 values are not numbers, such as 'x' at line 4)"
    )


def test_prices_are_numbers():
    """With a currency sign and groups of digits."""
    cells = [f"${1_000 + 37 * k:,}.50" for k in range(60)]
    target = choose(cells)
    assert target.task is TaskKind.REGRESSION
    assert target.values(table_of(cells), np.array([1, 0])).tolist() == [1037.5, 1000.5]


def test_marks_in_the_target_are_said():
    """How many rows they cost, which they are, and how to keep them, other columns' marks aside."""
    marked = ["None", "Mild", "-", "Severe"] * 10 + [""]
    frame = pl.DataFrame({"x": ["NA", "1", "2", "?"] * 10 + ["3"], "y": marked})
    assert marked_rows(type_columns(frame), "y") == (
        "20 rows are not used: y is '-', 'None' there, which stands for missing; if it is a class, "
        'add --missing "?,NA"'
    )
    raw = RawTable(frame=frame, marks=("", "NA", "?"))
    assert marked_rows(type_columns(raw), "y") == ""
    assert choose_target(type_columns(raw), "y").classes == ("-", "Mild", "None", "Severe")
    assert marked_rows(type_columns(frame), "x") == (
        "20 rows are not used: x is '?', 'NA' there, which stands for missing"
    )
    with pytest.raises(DataError) as caught:
        choose(["None", "ill"] * 40)
    assert str(caught.value) == (
        "target 'y' has one class, 'ill', in all 40 rows; 40 rows are not used: y is 'None' there, "
        'which stands for missing; if it is a class, add --missing ""'
    )


@pytest.mark.parametrize(
    "cells", [["b", "a", "c", "b"] * 9, ["10", "9", "-3", "10"] * 9], ids=["text", "numbers"]
)
def test_labels_are_places_in_the_classes(cells):
    """labels[i] names the class that row i has in the file, in the order of the rows asked."""
    table = table_of(cells)
    target = choose_target(table, "y")
    rows = np.array([5, 2, 11, 0])
    labels = target.labels(table, rows)
    assert labels.dtype == np.int64
    assert [target.classes[label] for label in labels] == [cells[row] for row in rows]


def test_values_are_the_numbers():
    """Values come back in the order of the rows asked, float64."""
    cells = [str(i / 7) for i in range(41)]
    table = table_of(cells)
    values = choose_target(table, "y").values(table, np.array([40, 3]))
    assert values.dtype == np.float64
    assert values.tolist() == [40 / 7, 3 / 7]


def test_a_class_that_was_never_there_is_refused():
    """Labels of another table must be known ones; the line is said."""
    target = choose(["a", "b"] * 17)
    with pytest.raises(DataError, match=r"^target 'y' is 'c' at line 4, which is none of its 2 cl"):
        target.labels(table_of(["a", "b", "c"]), np.array([1, 2]))


REFUSED = {
    "missing": ([""] * 40, None, "target 'y' is missing in every row; choose another column"),
    "few": (
        ["a", "b", "a", "b", "b"],
        None,
        (
            "5 rows are too few: tuning needs at least 30, to train, validate and test on "
            "different ones"
        ),
    ),
    "one": (
        ["a"] + [""] * 39,
        None,
        (
            "1 row is too few (39 more have no 'y'): tuning needs at least 30, to train, "
            "validate and test on different ones"
        ),
    ),
    "one class": (
        ["yes"] * 120,
        None,
        (
            "target 'y' has one class, 'yes', in all 120 rows; choose a target that has two "
            "classes or more"
        ),
    ),
    "constant": (
        ["3.5"] * 31,
        None,
        "target 'y' is 3.5 in all 31 rows; choose one that varies",
    ),
    "many classes": (
        [f"c{i}" for i in range(MAX_CLASSES + 1)],
        None,
        (
            "target 'y' has 1,001 classes (every value different), more than 1,000; choose a "
            "target with fewer, or with numbers only"
        ),
    ),
    "text": (
        ["a", "b"] * 17,
        "regression",
        "target 'y' is text, such as 'a', and regression needs numbers; ask for classification",
    ),
    "task": (
        ["a", "b"] * 17,
        "ranking",
        "no task 'ranking'; choose classification or regression",
    ),
}


@pytest.mark.parametrize(("cells", "task", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_predicted_is_refused(cells, task, sentence):
    """One sentence, with the number that is wrong and the remedy."""
    with pytest.raises(DataError) as caught:
        choose(cells, task)
    assert str(caught.value) == sentence


def test_the_bounds_themselves_are_allowed():
    """MIN_ROWS rows and MAX_CLASSES classes are enough, and not too many."""
    assert len(choose(["a", "b"] * (MIN_ROWS // 2)).rows) == MIN_ROWS
    assert len(choose([f"c{i}" for i in range(MAX_CLASSES)]).classes) == MAX_CLASSES


def test_a_target_that_is_dropped_or_unknown():
    """A wrong name gets the nearest one; a target cannot be dropped as well."""
    table = table_of(["a", "b"] * 17, drop=["y"])
    with pytest.raises(
        DataError, match=r"^target 'y' is to be dropped too; drop other columns onl"
    ):
        choose_target(table, "y")
    with pytest.raises(DataError, match=r"^no column 'othr'; did you mean 'other'\?$"):
        choose_target(table, "othr")
