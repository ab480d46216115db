"""What a tuned estimator asks."""

import numpy as np
import pytest

import tunesmith as ts
from tunesmith.errors import DataError, SpaceError
from tunesmith.estimators.answers import Amounts, Classes
from tunesmith.estimators.question import space_of, split_of, target_of
from tunesmith.fit.space import table_space
from tunesmith.rng import stream
from tunesmith.table.target import TaskKind

CLASSES, NUMBERS = TaskKind.CLASSIFICATION, TaskKind.REGRESSION


def test_a_fifth_judges():
    """Of each class alike, and of the rows that count alone."""
    labels = np.repeat([0, 1, 2], [900, 450, 150])
    rows = np.flatnonzero(np.arange(1_500) % 50)
    split = split_of(labels, rows, CLASSES, seed=3)
    np.testing.assert_allclose(np.bincount(labels[split.valid]), [176.4, 88.2, 29.4], atol=1)
    assert sorted([*split.train, *split.valid]) == rows.tolist()
    assert (len(split.test), split.folds) == (0, ())
    numbers = split_of(stream(3, "y").normal(size=1_500), rows, NUMBERS, seed=3)
    assert (len(numbers.train), len(numbers.valid)) == (1176, 294)


@pytest.mark.parametrize("task", [CLASSES, NUMBERS])
def test_few_rows_judge_in_turn(task):
    """All that count train, and each judges once."""
    rows = np.flatnonzero(np.arange(100) % 50)
    known = np.arange(100) % 3 if task is CLASSES else stream(3, "y").normal(size=100)
    split = split_of(known, rows, task, seed=3)
    assert (split.train.tolist(), len(split.valid)) == (rows.tolist(), 0)
    assert len(split.folds) == 5
    assert sorted(split.judging) == rows.tolist()


@pytest.mark.parametrize(
    ("known", "task"),
    [([0, 1, 2], CLASSES), ([1.5, 2.5, 2.5], NUMBERS), ([0.0] * 8 + [1.0], NUMBERS)],
)
def test_too_few_to_judge_by(known, task):
    """The rows that train judge too, where a fifth of them is none or does not vary."""
    rows = np.arange(len(known))
    split = split_of(np.array(known), rows, task, seed=0)
    assert split.train.tolist() == split.valid.tolist() == rows.tolist()


def test_numbers_that_are_all_the_same():
    """There is nothing to tune, in the rows that count."""
    with pytest.raises(DataError) as error:
        split_of(np.array([9.0, 3.5, 3.5, 3.5]), np.arange(1, 4), NUMBERS, seed=0)
    assert str(error.value) == (
        "y is 3.5 in all 3 rows, and R2 needs numbers that differ: there is nothing to tune"
    )


def test_y_is_a_target():
    """Every row has it."""
    target = target_of(Classes(np.array([3, 5])), 7)
    assert (target.name, target.task, target.classes) == ("y", CLASSES, ("3", "5"))
    assert target.rows.tolist() == list(range(7))
    assert target_of(Amounts.of(np.array([1.0, 2.0])), 7).task is NUMBERS


@pytest.mark.parametrize(
    ("trials", "searched"),
    [(4, ["learning_rate"]), (15, ["learning_rate", "units", "batch_size"])],
)
def test_the_budget_opens_the_space(trials, searched):
    """As in tunesmith fit."""
    space = space_of(None, trials)
    assert [n for n, param in space.items() if not isinstance(param, ts.Choice)] == searched


def test_a_space_of_ones_own():
    """What it leaves out stays at its default; what it has is searched whatever the budget."""
    own = ts.Space(layers=ts.Int(1, 3), units=ts.Choice((8, 16)))
    space = space_of(own, 3)
    assert (space["layers"], space["units"]) == (own["layers"], own["units"])
    assert space["learning_rate"].options == (4e-3,)
    assert set(space) == {*table_space()} - {"decay"}  # a cosine has none


def test_a_decay_of_ones_own():
    """Who searches a decay means the schedule that has one, unless the space says otherwise."""
    decay = ts.Float(0.1, 1.0)
    assert space_of(ts.Space(decay=decay), 3)["schedule"].options == ("inverse",)
    schedule = ts.Choice(("cosine", "inverse"))
    both = space_of(ts.Space(decay=decay, schedule=schedule), 3)
    assert (both["decay"], both["schedule"]) == (decay, schedule)


@pytest.mark.parametrize(
    ("space", "sentence"),
    [
        (ts.Space(unit=ts.Int(8, 16)), "no param 'unit' in networks for tables; .*units"),
        ({"units": (8, 16)}, "space must be a Space such as .*, got {'units': "),
    ],
)
def test_a_space_that_cannot_be(space, sentence):
    """Each is said in one sentence."""
    with pytest.raises(SpaceError, match=sentence):
        space_of(space, 9)
