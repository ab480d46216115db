"""A model predicts as the network did when it was trained, one row as many."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import softmax

from tunesmith.engine.network import Activation, Network
from tunesmith.errors import DataError
from tunesmith.model.member import Member
from tunesmith.model.model import ROWS_AT_ONCE, Model, averaged, shares_of
from tunesmith.rng import stream
from tunesmith.table.encode import CategoryColumn, Encoder, NumberColumn
from tunesmith.table.normalize import Normalize
from tunesmith.table.target import TaskKind
from tunesmith.table.target_scale import TargetScale

A = NumberColumn(name="a", normalize=Normalize.STANDARD, center=3.0, spread=2.0, missing=False)


def plain(weights, bias, **changes):
    """Return a model of one layer: logits of `a` are a * weights + bias."""
    return Model(
        members=(
            Member(
                network=Network(inputs=1, hidden=(), outputs=len(weights)),
                weights=np.array([*weights, *bias], np.float32),
                mean=np.empty(0, np.float32),
                variance=np.empty(0, np.float32),
            ),
        ),
        encoder=Encoder((A,)),
        target="answer",
        **{"task": TaskKind.CLASSIFICATION, "classes": tuple("zyxwv"[: len(weights)])} | changes,
    )


def table_of(model, *cells):
    """Return a typed table with the one column `a`."""
    return model.encoder.typed(pl.DataFrame({"a": list(cells)}, schema={"a": pl.String}))


@pytest.mark.parametrize("batch_norm", [True, False], ids=["batch norm", "bias"])
@pytest.mark.parametrize("activation", Activation, ids=lambda a: a.value)
def test_outputs_are_the_engines(trained, activation, batch_norm):
    """Plain NumPy gives what the compiled network gives at test time."""
    training, model, x = trained(activation, batch_norm)
    outputs = model.outputs(x)
    assert outputs.dtype == np.float32
    assert np.ptp(outputs) > 0.1
    np.testing.assert_allclose(outputs, training.outputs(x), atol=1e-5)


def test_a_row_knows_nothing_of_the_others(trained):
    """A row's outputs are the same alone, among all, and beside rows far away."""
    _, model, x = trained()
    outputs = model.outputs(x)
    for row in (0, 17, len(x) - 1):
        far = np.concatenate([x[row : row + 1], x[:5]])
        far[1:, : model.members[0].network.inputs] *= 1000
        np.testing.assert_allclose(model.outputs(x[row : row + 1])[0], outputs[row], atol=1e-6)
        np.testing.assert_allclose(model.outputs(far)[0], outputs[row], atol=1e-6)


@pytest.mark.parametrize("rows", [ROWS_AT_ONCE - 1, ROWS_AT_ONCE, ROWS_AT_ONCE + 1])
def test_a_long_table_is_predicted_in_parts(trained, rows):
    """Where one part ends and the next begins no row is lost, doubled or moved."""
    _, model, x = trained()
    outputs = model.outputs(x)
    long = model.outputs(np.resize(x, (rows, x.shape[1])))
    np.testing.assert_allclose(long, np.resize(outputs, (rows, outputs.shape[1])), atol=1e-6)


@pytest.mark.parametrize("task", TaskKind)
def test_no_rows_give_no_predictions(trained, text, task):
    """A table without rows has predictions without rows, of the same columns and types."""
    _, model, x = trained(task=task)
    assert model.outputs(x[:0]).shape == (0, model.members[0].network.outputs)
    some = model.predict(model.encoder.typed(text))
    none = model.predict(model.encoder.typed(text.head(0)))
    assert none.height == 0
    assert none.schema == some.schema


def test_shares_are_the_softmax_of_the_outputs(trained, text):
    """Each class's probability, in the order of the classes."""
    _, model, x = trained()
    shares = model.shares(model.encoder.typed(text))
    np.testing.assert_allclose(shares, softmax(model.outputs(x).astype(float), axis=1), rtol=1e-12)


@given(bias=st.lists(st.floats(-(2.0**127), 2.0**127, width=32), min_size=2, max_size=5))
def test_shares_sum_to_1(bias):
    """However large the logits: no overflow, no NaN."""
    model = plain([0.0] * len(bias), bias)
    shares = model.shares(table_of(model, "5", "-7.5"))
    assert ((shares >= 0) & (shares <= 1)).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-12)
    assert (shares[:, int(np.argmax(bias))] == shares.max(axis=1)).all()


def test_predictions_drawn_by_hand():
    """The class of the largest logit, and a column for each class, in the order of `classes`."""
    model = plain([0.0, 1.0, -1.0], [0.5, 0.0, 0.0])  # a is (cell - 3) / 2: -1, 0, 2.25
    predictions = model.predict(table_of(model, "1", "3", "7.5"))
    assert predictions["answer"].to_list() == ["x", "z", "y"]
    expected = softmax([[0.5, -1, 1], [0.5, 0, 0], [0.5, 2.25, -2.25]], axis=1)
    assert predictions.columns[1:] == [f"probability of {name}" for name in "zyx"]
    np.testing.assert_allclose(predictions.drop("answer").to_numpy(), expected, rtol=1e-6)


def number(weights, bias, scale):
    """Return a model of one layer for a number to predict."""
    return plain(weights, bias, task=TaskKind.REGRESSION, classes=(), scale=scale)


def test_a_number_is_put_back_on_its_scale():
    """A regression's prediction is offset + scale * output, in float64."""
    model = number([3.0], [0.5], TargetScale(offset=1e9, scale=0.25))
    predictions = model.predict(table_of(model, "1", "3", "4"))
    assert predictions.columns == ["answer"]
    # 1e9 as float32 knows no quarters
    assert predictions["answer"].to_list() == [1e9 - 0.625, 1e9 + 0.125, 1e9 + 0.5]


def test_a_number_stays_within_its_limits():
    """What lies beyond the range of the training rows is its end; no limits, no change."""
    cells = ("-17", "1", "3", "4", "7")
    limits = TargetScale(offset=1, scale=2, low=-3.5, high=4.5)
    model = number([3.0], [0.5], limits)
    assert model.predict(table_of(model, *cells))["answer"].to_list() == [-3.5, -3.5, 2, 4.5, 4.5]
    free = number([3.0], [0.5], TargetScale(offset=1, scale=2))
    assert free.predict(table_of(free, *cells))["answer"].to_list() == [-58, -4, 2, 5, 14]


# --- categories -----------------------------------------------------------------------------------

COLOUR = CategoryColumn(name="colour", values=("red", "blue"), rare=0, missing=True)
TOWN = CategoryColumn(name="town", values=("x",), rare=2, missing=False)


def categorical(columns):
    """Return a model of one layer whose one output shows which weights were taken."""
    encoder = Encoder(columns)
    return Model(
        members=(
            Member(
                network=Network(
                    inputs=encoder.numbers, categories=encoder.categories, hidden=(), outputs=1
                ),
                weights=np.array(
                    [1000.0] * encoder.numbers + [0.5, 1, 2, 4, 8, 10, 30], np.float32
                ),
                mean=np.empty(0, np.float32),
                variance=np.empty(0, np.float32),
            ),
        ),
        encoder=encoder,
        target="answer",
        task=TaskKind.REGRESSION,
    )


@pytest.mark.parametrize("columns", [(COLOUR, A, TOWN), (COLOUR, TOWN)], ids=["mixed", "alone"])
def test_categories_drawn_by_hand(columns):
    """Each slot adds its own weight to the numbers' product and the bias."""
    model = categorical(columns)
    cells = {
        "a": ["1", "3", "3", "4"],
        "colour": ["red", "blue", "", "green"],
        "town": ["x", "y", "x", ""],
    }
    table = model.encoder.typed(pl.DataFrame(cells))
    by_slot = np.array([0.5 + 1 + 10, 0.5 + 2 + 30, 0.5 + 4 + 10, 0.5 + 8 + 30])
    by_number = np.array([-1000, 0, 0, 500]) if A in columns else 0
    assert model.predict(table)["answer"].to_list() == (by_slot + by_number).tolist()


def test_unseen_values_are_all_the_same(trained, text):
    """A value never seen is predicted as any other such, and as a row marked with the last slot."""
    training, model, x = trained()
    new = text.with_columns(colour=pl.lit("unseen"))
    predictions = model.predict(model.encoder.typed(new))
    other = text.with_columns(colour=pl.Series([f"new {row}" for row in range(text.height)]))
    assert model.predict(model.encoder.typed(other)).equals(predictions)
    marked = x.copy()
    marked[:, model.encoder.names.index("colour")] = model.members[0].network.categories[0] - 1
    np.testing.assert_array_equal(
        model.outputs(model.encoder.transform(model.encoder.typed(new))), model.outputs(marked)
    )
    np.testing.assert_allclose(model.outputs(marked), training.outputs(marked), atol=1e-5)
    assert not predictions.equals(model.predict(model.encoder.typed(text)))


def test_columns_are_found_by_name(trained, text):
    """Another order and further columns change nothing; a column that is missing is named."""
    _, model, _ = trained()
    names = list(reversed(text.columns))
    other = text.select(pl.Series("further", stream(5).normal(size=61)).cast(pl.String), *names)
    expected = model.predict(model.encoder.typed(text))
    assert model.predict(model.encoder.typed(other)).equals(expected)
    with pytest.raises(DataError, match="lacks 'floor'"):
        model.encoder.typed(text.drop("floor"))


def test_a_changed_copy_is_another_network(trained):
    """What is kept for speed belongs to one model: a copy with other weights gives others."""
    _, model, x = trained()
    before = model.outputs(x)
    other = replace(
        model, members=(replace(model.members[0], weights=2 * model.members[0].weights),)
    )
    assert not np.allclose(other.outputs(x), before)
    np.testing.assert_array_equal(model.outputs(x), before)


# --- several networks -----------------------------------------------------------------------------

OUTPUTS = arrays(np.float32, (3, 4, 2), elements=st.floats(-80, 80, width=32))
"""What three networks answer for four rows and two classes, or two numbers."""

ANY_FLOAT = st.floats(width=32, allow_nan=False, allow_infinity=False)


def test_numbers_are_averaged():
    """Drawn by hand; the mean of the largest floats is one of them, not infinite."""
    outputs = np.array([[[1.5], [-3.0]], [[2.5], [0.0]], [[-1.0], [9.0]]], np.float32)
    mean = averaged(outputs, TaskKind.REGRESSION)
    np.testing.assert_array_equal(mean, np.array([[1.0], [2.0]], np.float32))
    largest = np.full((3, 1, 1), np.finfo(np.float32).max)
    np.testing.assert_array_equal(averaged(largest, TaskKind.REGRESSION), largest[0])


def test_probabilities_are_averaged():
    """Logits of 1 : 3 and of 9 : 1 are 0.25 and 0.9, on average 0.575; as logits, 1.4 : 1."""
    logits = np.log(np.array([[[1.0, 3.0]], [[9.0, 1.0]]], np.float32))
    mean = averaged(logits, TaskKind.CLASSIFICATION)
    assert mean.dtype == np.float32
    np.testing.assert_allclose(shares_of(mean), [[0.575, 0.425]], rtol=1e-6)


@pytest.mark.parametrize("task", TaskKind)
@given(outputs=OUTPUTS)
def test_one_network_is_itself(task, outputs):
    """Its outputs are not touched, and as many copies of it as one likes say the same."""
    one = outputs[0]
    assert averaged([one], task) is one
    many = averaged([one] * 7, task)
    if task is TaskKind.REGRESSION:
        np.testing.assert_array_equal(many, one)
    else:
        np.testing.assert_allclose(shares_of(many), shares_of(one), rtol=1e-4)


@pytest.mark.parametrize("task", TaskKind)
@given(outputs=OUTPUTS, order=st.permutations(range(3)))
def test_the_order_of_networks_does_not_matter(task, outputs, order):
    """Only rounding differs."""
    mean, other = averaged(outputs, task), averaged(outputs[order], task)
    np.testing.assert_allclose(other, mean, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("task", TaskKind)
@given(outputs=arrays(np.float32, (3, 4, 2), elements=ANY_FLOAT))
def test_finite_outputs_have_a_finite_average(task, outputs):
    """However far apart the networks are: a probability of 0 has a finite logarithm too."""
    mean = averaged(outputs, task)
    assert np.isfinite(mean).all()
    if task is TaskKind.CLASSIFICATION:
        expected = np.mean([shares_of(each) for each in outputs], axis=0)
        np.testing.assert_allclose(shares_of(mean), expected, rtol=1e-4, atol=1e-300)


@pytest.mark.parametrize("wild", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("task", TaskKind)
def test_a_network_that_diverged_shows(task, wild):
    """One output that is not finite spoils its row, and no other row."""
    outputs = stream(3, "outputs").normal(size=(3, 4, 2)).astype(np.float32)
    outputs[1, 2, 0] = wild
    mean = averaged(outputs, task)
    assert np.isfinite(mean).all(axis=1).tolist() == [True, True, False, True]


@pytest.mark.parametrize("task", TaskKind)
def test_an_ensemble_is_the_mean_of_its_networks(trained, joined, text, task):
    """A model of three predicts the mean of what three models of one predict."""
    model = joined(trained(task=task)[1])
    table = model.encoder.typed(text)
    alone = [replace(model, members=(member,)) for member in model.members]
    if task is TaskKind.REGRESSION:
        free = [replace(each, scale=TargetScale()) for each in (model, *alone)]
        whole, *parts = (each.predict(table)["size"].to_numpy() for each in free)
    else:
        whole, *parts = (each.shares(table) for each in (model, *alone))
    assert np.ptp(parts, axis=0).max() > 0.01
    np.testing.assert_allclose(whole, np.mean(parts, axis=0), rtol=1e-5)


def test_a_row_of_an_ensemble_knows_nothing_of_the_others(trained, joined):
    """A row's outputs are the same alone and among all, and across the parts of a long table."""
    _, model, x = trained()
    model = joined(model)
    outputs = model.outputs(x)
    for row in (0, 17, len(x) - 1):
        np.testing.assert_allclose(model.outputs(x[row : row + 1])[0], outputs[row], atol=1e-5)
    rows = ROWS_AT_ONCE + 17
    long = model.outputs(np.resize(x, (rows, x.shape[1])))
    np.testing.assert_allclose(long, np.resize(outputs, (rows, outputs.shape[1])), atol=1e-5)
    assert model.outputs(x[:0]).shape == (0, 3)
