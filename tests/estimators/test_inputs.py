"""X as a table and as a network's input."""

import numpy as np
import polars as pl
import pytest

import tunesmith as ts
from tunesmith.errors import DataError
from tunesmith.estimators.inputs import Inputs, checked, checked_x, is_frame, table_of
from tunesmith.table.guess import Kind


def test_what_is_a_frame(frame):
    """Frames are told from arrays and lists."""
    assert [is_frame(x) for x in (frame, frame.to_numpy(), [[1.0]], None)] == [True] + 3 * [False]


def test_an_array_keeps_all_of_its_columns(array):
    """Columns of an array are numbers, the constant one too; NaN is missing."""
    x = np.hstack([array[0], np.full((83, 1), 4.5)])
    columns = table_of(x).columns
    assert [c.name for c in columns] == ["x0", "x1", "x2", "x3", "x4", "x5"]
    assert {c.kind for c in columns} == {Kind.NUMBER}
    assert [c.missing for c in columns] == [2, 0, 0, 0, 0, 0]
    assert (columns[1].distinct, columns[5].distinct) == (83, 1)


def test_an_array_encoded(array):
    """Numbers have mean 0 and deviation 1 on the rows fitted; a missing one is 0 and marked."""
    x, _ = array
    rows = np.arange(50)
    inputs = Inputs.fit(table_of(x), rows)
    z = inputs.encode(x)
    assert inputs.encoder.names == ("x0", "x0 missing", "x1", "x2", "x3", "x4")
    np.testing.assert_allclose(z[:50, 2:].mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(z[:50, 2:].std(axis=0), 1, rtol=1e-6)
    assert z[[3, 60], :2].tolist() == [[0, 1], [0, 1]]
    assert z[:, 1].sum() == 2
    np.testing.assert_array_equal(z, inputs.encoder.transform(table_of(x)))


def test_normalize_is_handed_on(array):
    """Numbers may stay as they are."""
    x = array[0][:, 1:]
    z = Inputs.fit(table_of(x), np.arange(83), normalize="none").encode(x)
    np.testing.assert_array_equal(z, x.astype(np.float32))


def test_a_frame_encoded(frame):
    """Categories are slots, dates their parts; a constant is left out, and a copy is the same."""
    table = table_of(frame)
    assert [c.name for c in table.columns if c.kind is Kind.LEFT_OUT] == ["shop"]
    inputs = Inputs.fit(table, np.arange(100))
    assert inputs.names == ("weight", "colour", "picked", "ripe", "shop")
    assert {"weight missing", "colour", "picked month"} <= set(inputs.encoder.names)
    z = inputs.encode(frame)
    np.testing.assert_array_equal(z, inputs.encoder.transform(table))
    np.testing.assert_array_equal(z[10:30], inputs.encode(frame[10:30]))


def test_columns_go_by_their_place(array):
    """An array fitted, a frame predicted, and the other way round: the same input."""
    x, _ = array
    names = ["a", "b", "c", "d", "e"]
    as_frame = pl.DataFrame(x, schema=names)
    for fitted in (x, as_frame):
        inputs = Inputs.fit(table_of(fitted), np.arange(83))
        np.testing.assert_array_equal(inputs.encode(x), inputs.encode(as_frame))


def test_nothing_to_learn_from():
    """A frame without a column that varies is refused with the reason."""
    with pytest.raises(DataError) as error:
        Inputs.fit(table_of(pl.DataFrame({"a": [1.5, 1.5], "b": ["x", "x"]})), np.arange(2))
    assert str(error.value) == (
        "none of the 2 columns of X can be learned from (the first is the same value in every "
        "row): give one that varies"
    )


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (np.ones((3, 2)), None, "requires y to be passed"),
        (np.ones((3, 2)), [1, 2], "inconsistent numbers of samples"),
        (np.array([[np.inf, 1], [2, 3]]), [1, 2], "infinity"),
        (pl.DataFrame({"a": [1, 2, 3]}), None, "requires y to be passed"),
        (pl.DataFrame({"a": [1, 2, 3]}), [1, 2], "inconsistent numbers of samples"),
        (pl.DataFrame({"a": [1, 2]}), [1.0, np.nan], "contains NaN"),
        (pl.DataFrame({"a": [1]}), [1], r"X has 1 row\(s\), and 2 are the least to train on: add"),
    ],
)
def test_what_cannot_be_learned_from(x, y, words):
    """An array and a frame are refused in the same words."""
    with pytest.raises(ValueError, match=words):
        checked(ts.DenseClassifier(), x, y, reset=True, rows=2)


def test_names_are_learned_and_compared(frame, array):
    """scikit-learn's attributes hold for frames of any library; other columns are refused."""
    model = ts.DenseClassifier()
    checked(model, frame, np.zeros(len(frame)), reset=True)
    assert model.feature_names_in_.tolist() == frame.columns
    assert model.n_features_in_ == 5
    assert checked_x(model, frame) is frame
    with pytest.raises(ValueError, match="Feature names must be in the same order"):
        checked_x(model, frame[:, ::-1])
    with pytest.raises(ValueError, match="Feature names seen at fit time, yet now missing"):
        checked_x(model, frame.drop("ripe"))
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        checked_x(model, array[0])
