"""pandas data frames as tables."""

from datetime import datetime

import numpy as np
import polars as pl
import pytest

import tunesmith as ts
from tunesmith.errors import DataError
from tunesmith.table.columns import type_columns
from tunesmith.table.frames import NO_VALUES, from_frame
from tunesmith.table.guess import Kind

pd = pytest.importorskip("pandas")

FRAME = pd.DataFrame(
    {
        "whole": [1, 2, -7],
        "gaps": pd.array([1, None, 3], dtype="Int64"),
        "float": [0.5, np.nan, 2.0],
        "truth": [True, False, True],
        "maybe": pd.array([True, None, False], dtype="boolean"),
        "text": ["a", None, "c"],
        "object": np.array(["a", 3, np.nan], dtype=object),
        "kind": pd.Categorical(["u", None, "u"]),
        "moment": pd.to_datetime(["2021-02-03 12:00", None, "2021-02-04 00:00"]),
        "zoned": pd.to_datetime(["2021-02-03 12:00"] * 3).tz_localize("Europe/Athens"),
        "span": pd.to_timedelta(["1min", None, "-1D"]),
        "list": [[1], [2], None],
        7: [1.5, 2.5, 3.5],
    },
    index=[30, 10, 20],
)


def test_a_pandas_frame():
    """Each of its types is what it is in a polars frame; the index is left out."""
    raw = from_frame(FRAME)
    assert raw.frame.to_dict(as_series=False) == {
        "whole": [1, 2, -7],
        "gaps": [1.0, None, 3.0],
        "float": [0.5, None, 2.0],
        "truth": ["True", "False", "True"],
        "maybe": ["True", None, "False"],
        "text": ["a", None, "c"],
        "object": ["a", "3", None],
        "kind": ["u", None, "u"],
        "moment": [datetime(2021, 2, 3, 12), None, datetime(2021, 2, 4)],
        "zoned": [datetime(2021, 2, 3, 10)] * 3,
        "span": [60.0, None, -86_400.0],
        "list": [None] * 3,
        "7": [1.5, 2.5, 3.5],
    }
    assert raw.frame["list"].dtype == NO_VALUES
    assert raw.frame["text"].dtype == pl.String


def test_two_columns_of_one_name():
    """One sentence, whoever finds them."""
    frame = pd.DataFrame(np.arange(80.0).reshape(40, 2), columns=["a", "a"])
    y = np.arange(40) % 2
    sentence = r"names .*more than once; give each column its own name$"
    with pytest.raises(DataError, match=sentence):
        from_frame(frame)
    for model in (ts.DenseClassifier(epochs=1), ts.TunedClassifier(trials=1)):
        with pytest.raises(DataError, match=sentence):
            model.fit(frame, y)
    fitted = ts.DenseClassifier(epochs=1).fit(frame.set_axis(["a", "b"], axis=1), y)
    with pytest.raises(DataError, match=sentence):
        fitted.predict(frame)


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ([3, 1, 3, None], ["3", "1", "3", None]),
        ([1.0, 2.5, 1.0, None], ["1", "2.5", "1", None]),
        (["07", "8", "07", None], ["07", "8", "07", None]),
        ([True, False, True, None], ["True", "False", "True", None]),
        (["2021-02-03", "2021-02-04", None, None], ["2021-02-03", "2021-02-04", None, None]),
    ],
    ids=str,
)
@pytest.mark.parametrize("ordered", [False, True])
def test_a_declared_category_is_one(labels, names, ordered):
    """Labels of any type name categories; they are not taken for numbers or dates."""
    frame = pd.DataFrame({"x": pd.Categorical(labels, ordered=ordered)})
    table = type_columns(from_frame(frame))
    assert table.columns[0].kind is Kind.CATEGORY
    assert table.frame["x"].to_list() == names


@pytest.mark.parametrize(
    "dtype", ["uint8", "int64", "float32", "Int64", "boolean", "object", "str"]
)
def test_truth_values_of_any_type(dtype):
    """A model trained on bool answers the same for 0 and 1, and the other way round."""
    rng = np.random.default_rng(3)
    truth = pd.DataFrame({"b": rng.random(120) < 0.5, "z": rng.normal(size=120)})
    other = truth.astype({"b": "int64"}) if dtype == "object" else truth
    other = other.astype({"b": dtype})
    for fitted, asked in ((truth, other), (other, truth)):
        model = ts.DenseClassifier(epochs=3, random_state=0).fit(fitted, truth.b)
        np.testing.assert_array_equal(model.predict_proba(asked), model.predict_proba(fitted))


def test_a_series_is_no_frame():
    """It has no columns."""
    with pytest.raises(DataError, match=r"^a Series is no data frame; give a pandas or polars one"):
        from_frame(FRAME["whole"])


@pytest.mark.parametrize("dtype", ["int64", "uint64", "Int64", "int64[pyarrow]"])
def test_long_whole_numbers_stay_exact(dtype):
    """Each of pandas' types of whole numbers gives text where float64 would round one of them."""
    ids = [2**53 + 1, 2**60 + 3, 5]
    frame = pd.DataFrame(
        {"id": pd.Series(ids, dtype=dtype), "n": pd.Series([1, 2, 3], dtype=dtype)}
    )
    raw = from_frame(frame).frame
    assert raw["id"].to_list() == [str(number) for number in ids]
    assert raw["n"].to_list() == [1, 2, 3]


@pytest.mark.parametrize("dtype", ["Int64", "UInt64", "int64[pyarrow]"])
def test_long_whole_numbers_beside_a_gap_stay_exact(dtype):
    """A missing cell does not make floats of the others."""
    frame = pd.DataFrame({"id": pd.Series([2**53 + 1, None, 5], dtype=dtype)})
    assert from_frame(frame).frame["id"].to_list() == [str(2**53 + 1), None, "5"]
