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


def test_a_column_of_strangers_is_warned_of():
    """Where no value of a category was there in training, it was probably written otherwise."""
    frame = pl.DataFrame({"c": ["u", "v"] * 20, "n": range(40)})
    inputs = Inputs.fit(table_of(frame), np.arange(40))
    some = frame.with_columns(c=pl.Series(["U", "v"] * 20))
    inputs.encode(some)
    inputs.encode(frame.with_columns(c=pl.lit(None, dtype=pl.String)))
    with pytest.warns(UserWarning, match="^column 'c' has no value that training had") as caught:
        inputs.encode(some[::2])
    (warning,) = caught
    assert str(warning.message).endswith(
        ": it holds 'U', where training had 'u', 'v'; check how it is written"
    )


def test_truth_values_are_one_type():
    """Trained on truth values or on 0 and 1, of any numeric type, a frame of the other is equal."""
    truth = pl.Series("b", [True, False, False, True] * 10)
    ways = [truth, *(truth.cast(dtype) for dtype in (pl.UInt8, pl.Int64, pl.Float32))]
    ways.append(truth.cast(pl.String))
    for fitted in ways:
        inputs = Inputs.fit(table_of(fitted.to_frame()), np.arange(40))
        expected = inputs.encode(fitted.to_frame())
        assert len(np.unique(expected)) == 2
        for other in ways:
            np.testing.assert_array_equal(inputs.encode(other.to_frame()), expected)


@pytest.mark.parametrize("model", [ts.DenseClassifier(epochs=1), ts.TunedClassifier(trials=1)])
def test_a_lazy_frame_is_refused(model, array):
    """In every place that takes a frame, in one sentence that says what to do."""
    x, y = array
    frame = pl.DataFrame(x, schema=["a", "b", "c", "d", "e"])
    sentence = r"^a LazyFrame has no rows until it is collected; give what its \.collect\(\) ret"
    with pytest.raises(DataError, match=sentence):
        model.fit(frame.lazy(), y)
    with pytest.raises(DataError, match=sentence):
        model.fit(frame, pl.LazyFrame({"y": y}))
    with pytest.raises(DataError, match=sentence):
        model.fit(frame, y, X_val=frame.lazy(), y_val=y)
    fitted = ts.DenseClassifier(epochs=1).fit(frame, y > np.median(y))
    with pytest.raises(DataError, match=sentence):
        fitted.predict(frame.lazy())


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
