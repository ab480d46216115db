"""The cells of an exported module: read and refused as `predict` reads and refuses them."""

import re
from dataclasses import replace
from datetime import datetime

import numpy as np
import polars as pl
import pytest
from tests.interchange.onnx_in_numpy import run_graph
from tests.interchange.written_cells import (
    CASES,
    VALUES,
    cell_reader,
    model_for,
    model_of,
    onnx_inputs,
    padded,
    refused,
    text_table,
)

from tunesmith.errors import ExportError
from tunesmith.interchange import pytorch_cells
from tunesmith.interchange.onnx_graph import graph_of
from tunesmith.interchange.plain import plain_of
from tunesmith.interchange.pytorch_cells import cell_constants, cell_functions
from tunesmith.rng import stream
from tunesmith.table.columns import type_columns
from tunesmith.table.frames import from_frame


@pytest.fixture(scope="module", params=CASES)
def case(request):
    return CASES[request.param]


@pytest.fixture(scope="module")
def model(case):
    return model_for(case)


def typed(model, raw):
    """Return what `predict` reads in the cells of a table: numbers, microseconds or text."""
    column = model.encoder.typed(raw).frame["x"]
    return (column.to_physical() if column.dtype.is_temporal() else column).to_list()


def test_cells_are_read_as_predict_reads_them(case, model):
    """Every notation, date format, missing mark and blank: the same value, to the last bit."""
    cells = padded(case.good)
    cell = cell_reader(model)
    assert [cell({"x": text}, "x") for text in cells] == typed(model, text_table(cells))


def test_values_of_python(model):
    """A number, moment, truth value or gap is what it is in a data frame, or refused as there."""
    cell = cell_reader(model)
    for value in VALUES:
        raw = from_frame(pl.DataFrame({"x": [value]}, strict=False))
        if refused(model, raw):
            with pytest.raises(ValueError, match=re.escape("column 'x' (")):
                cell({"x": value}, "x")
        else:
            assert cell({"x": value}, "x") == typed(model, raw)[0], value


def test_what_predict_refuses_is_refused(case, model):
    """With the column, its notation and the cell."""
    cell = cell_reader(model)
    for text in (*case.bad, *case.other):
        assert refused(model, text_table([text])), text
        with pytest.raises(ValueError, match=re.escape("column 'x' (")) as caught:
            cell({"x": text}, "x")
        assert repr(text) in str(caught.value)


def test_the_graph_gives_what_predict_gives(case, model):
    """An ONNX file, for cells parsed as the module parses them: equal to 1e-5, cell by cell."""
    cells = padded(case.good)
    graph = graph_of(model)
    label, shares = run_graph(graph, onnx_inputs(model, cell_reader(model), cells)).values()
    expected = model.predict(model.encoder.typed(text_table(cells)))
    assert label.tolist() == expected["y"].to_list()
    np.testing.assert_allclose(shares, expected.drop("y"), atol=1e-5)


def test_every_cell_is_told_apart(case, model):
    """What is compared here depends on the cells: each other value gives other probabilities."""
    table = model.encoder.typed(text_table(padded(case.good)))
    encoded = np.unique(model.encoder.transform(table), axis=0)
    assert len(encoded) > len(case.training) // 2
    assert len(model.predict(table).drop("y").unique()) == len(encoded)


def test_a_row_without_a_column(model):
    """It is said which one is lacking."""
    with pytest.raises(ValueError, match="the row lacks 'x', which training had"):
        cell_reader(model)({"y": 1}, "x")


def test_texts_of_a_data_frame_are_no_marks():
    """A model that was fitted on one has a category NA; its graph, too, tells it from a gap."""
    table = type_columns(from_frame(pl.DataFrame({"x": ["NA", "None", "NA", None, "-"] * 3})))
    model = model_of(table, ["x"])
    asked = ["NA", "None", "-", "?", "", " NA "]
    cell = cell_reader(model)
    assert [cell({"x": text}, "x") for text in asked] == ["NA", "None", "-", "?", None, "NA"]
    _, shares = run_graph(graph_of(model), onnx_inputs(model, cell, asked)).values()
    expected = model.predict(model.encoder.typed(text_table(asked)))
    np.testing.assert_allclose(shares, expected.drop("y"), atol=1e-5)
    assert len(expected.drop("y").unique()) == 5


def test_cells_changed_at_random(case, model):
    """One sign more, less or another in a cell: read alike, or refused by both."""
    rng = stream(3, "changed cells", *case.training)
    cell = cell_reader(model)
    signs = (*"019.,' ()-+eE%$:/TaPm\u20ac\u2212\u202f\x1c\n\u0661", "12", "Feb", " +01:00")
    for text in rng.choice(case.good, 60).tolist():
        index = int(rng.integers(len(text) + 1))
        changed = text[:index] + rng.choice(signs) + text[index + int(rng.integers(2)) :]
        raw = text_table([changed])
        try:
            result = cell({"x": changed}, "x")
        except ValueError:
            assert refused(model, raw), changed
        else:
            assert [result] == typed(model, raw), changed


def test_text_in_a_column_of_moments():
    """A model that was fitted on moments reads text as ISO 8601 writes it, and no other."""
    moments = [datetime(2021, 2, day, 12) for day in (3, 4, 17)]
    model = model_of(type_columns(from_frame(pl.DataFrame({"x": moments}))), ["x"])
    cell = cell_reader(model)
    texts = ["2021-02-03T12:30Z", "2021-02-03", "20210203", "1969-12-31 23:59:59.5-01:00"]
    assert [cell({"x": text}, "x") for text in texts] == typed(model, text_table(texts))
    for text in ("03.02.2021", "02/17/2021", "12:30"):
        assert refused(model, text_table([text]))
        with pytest.raises(ValueError, match=re.escape("column 'x' (date, year first)")):
            cell({"x": text}, "x")


@pytest.mark.parametrize("training", [("1", "2", "-99"), ("red", "plum", "-99"), ("12:30", "9:05")])
def test_marks_that_were_named(training):
    """Where a user says what stands for a missing value, these texts do, and no others."""
    raw = replace(text_table((*training, ".", "")), marks=("", ".", "-99"))
    model = model_of(type_columns(raw), ["x"])
    cell = cell_reader(model)
    assert [cell({"x": text}, "x") for text in (".", " -99\u2009", "")] == [None] * 3
    assert typed(model, text_table([".", " -99", ""])) == [None] * 3
    for text in ("NA", "-", "nan", "-99.0"):
        if refused(model, text_table([text])):
            with pytest.raises(ValueError, match=re.escape("column 'x' (")):
                cell({"x": text}, "x")
        else:
            assert [cell({"x": text}, "x")] == typed(model, text_table([text])) != [None]


def test_values_of_numpy():
    """They are what Python's are: numbers, moments and gaps."""
    cell = cell_reader(model_for(CASES["decimal comma"]))
    values = (np.float32(0.5), np.int64(7), np.float64("nan"), np.datetime64("NaT"))
    assert [cell({"x": value}, "x") for value in values] == [0.5, 7.0, None, None]
    cell = cell_reader(model_for(CASES["day first"]))
    result = [cell({"x": np.datetime64("1970-01-02T00:00:01", unit)}, "x") for unit in ("s", "ns")]
    assert result == [86_401_000_000, 86_401_000_000]
    cell = cell_reader(model_for(CASES["words"]))
    values = (np.float32(2), np.float64(1.5), np.str_(" red "), np.bool_(True))
    assert [cell({"x": value}, "x") for value in values] == ["2", "1.5", "red", "True"]


def test_a_module_has_what_its_columns_need():
    """No pattern and no function for kinds that the model does not have."""
    held = {}
    for name in ("decimal comma", "day first", "words"):
        plain = plain_of(model_for(CASES[name]))
        held[name] = cell_constants(plain) + cell_functions(plain)
    assert {name for name, source in held.items() if "def number" in source} == {"decimal comma"}
    assert {name for name, source in held.items() if "def moment" in source} == {"day first"}
    assert {name for name, source in held.items() if "PATTERNS = " in source} == {
        "decimal comma",
        "day first",
    }
    assert "COMPACT_DATE = " not in held["day first"]
    assert "decimal point" not in held["decimal comma"]


def test_a_notation_that_a_module_cannot_read(monkeypatch):
    """The export is refused with the column and the remedy."""
    plain = plain_of(model_for(CASES["decimal comma"]))
    monkeypatch.setattr(pytorch_cells, "PATTERNS", {})
    with pytest.raises(ExportError) as caught:
        cell_constants(plain)
    assert str(caught.value) == (
        "column 'x' is written with decimal comma, which a PyTorch module cannot read; use "
        "--to onnx, which takes numbers and moments"
    )
