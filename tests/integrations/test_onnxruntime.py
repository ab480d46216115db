"""Our ONNX files in onnxruntime: the model's own predictions, for cells of every kind."""

import json

import numpy as np
import polars as pl
import pytest

onnx = pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")

from tests.interchange.conftest import *  # noqa: E402, F403  the same models
from tests.interchange.onnx_in_numpy import cells_of  # noqa: E402
from tests.interchange.written_cells import (  # noqa: E402
    CASES,
    Case,
    cell_reader,
    model_for,
    onnx_inputs,
    padded,
    text_table,
)

from tunesmith.engine.network import Activation  # noqa: E402
from tunesmith.interchange.onnx import to_onnx  # noqa: E402
from tunesmith.interchange.onnx_graph import graph_of  # noqa: E402
from tunesmith.table.target import TaskKind  # noqa: E402


def answers(content, inputs):
    """Return what onnxruntime gives for inputs by name."""
    return runtime.InferenceSession(content).run(None, inputs)


def test_a_file_is_the_model(model, table):
    """Equal to 1e-5: gaps, values never met, far numbers, dates of three centuries."""
    first, *shares = answers(to_onnx(model), cells_of(graph_of(model), table))
    expected = model.predict(table)
    if model.task is TaskKind.REGRESSION:
        np.testing.assert_allclose(first, expected["y"], rtol=1e-5)
        return
    assert first.tolist() == expected["y"].to_list()
    np.testing.assert_allclose(shares[0], expected.drop("y"), atol=1e-5)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("task", TaskKind)
def test_every_notation(case, task):
    """Numbers, dates, marks and categories however they were written: equal to 1e-5."""
    model = model_for(case, task=task)
    cells = padded(case.good)
    inputs = onnx_inputs(model, cell_reader(model), cells)
    first, *shares = answers(to_onnx(model), inputs)
    expected = model.predict(model.encoder.typed(text_table(cells)))
    if task is TaskKind.REGRESSION:
        np.testing.assert_allclose(first, expected["y"], atol=1e-5)
        return
    assert first.tolist() == expected["y"].to_list()
    np.testing.assert_allclose(shares[0], expected.drop("y"), atol=1e-5)


def test_one_row_and_none(made, table):
    """The number of rows is free."""
    model = made()
    inputs = cells_of(graph_of(model), table)
    content = to_onnx(model)
    _, all_shares = answers(content, inputs)
    _, shares = answers(content, {name: cells[4:5] for name, cells in inputs.items()})
    np.testing.assert_allclose(shares, all_shares[4:5], atol=1e-6)
    _, shares = answers(content, {name: cells[:0] for name, cells in inputs.items()})
    assert shares.shape == (0, 3)


@pytest.mark.parametrize("task", TaskKind)
def test_tiny_numbers(task):
    """The runtime takes a constant below 1e-45 for 0; a column of them is centered even so."""
    case = Case(training=("1e-300", "2e-300", "3e-300"), good=("1e-300", "2.5e-300", "0", "1e308"))
    model = model_for(case, task=task)
    cells = np.array([[float(cell)] for cell in case.good])
    *_, result = answers(to_onnx(model), {"x": cells})
    expected = model.predict(model.encoder.typed(text_table(case.good)))
    np.testing.assert_allclose(
        result.reshape(4, -1), expected.select(pl.exclude(pl.String)), atol=1e-5
    )


@pytest.mark.parametrize("task", TaskKind)
def test_infinite_numbers_are_refused(made, table, task):
    """Their rows have no label and NaN for numbers, through activations that drop NaN too."""
    model = made(task=task, activation=Activation.RELU, names=("seconds", "still", "colour"))
    inputs = cells_of(graph_of(model), table)
    inputs["still"] = inputs["still"].copy()
    inputs["still"][3:5, 0] = np.inf, -np.inf
    first, *shares = answers(to_onnx(model), inputs)
    for result in (first, *shares):
        empty = (
            result == "" if result.dtype == object else np.isnan(result).reshape(len(result), -1)
        )
        assert np.flatnonzero(np.reshape(empty, (len(result), -1)).all(axis=1)).tolist() == [3, 4]


def test_what_a_file_says_of_itself(made):
    """It passes the checker, and tells the target, the seed and the digest of the study."""
    proto = onnx.load_from_string(to_onnx(made()))
    onnx.checker.check_model(proto, full_check=True)
    told = {entry.key: entry.value for entry in proto.metadata_props}
    assert (told["target"], told["task"], told["digest"]) == ("y", "classification", "größe")
    assert (json.loads(told["seed"]), json.loads(told["score"])) == (31, {"value": 0.5})
    assert json.loads(told["columns"])["when"] == {"kind": "date", "notation": "year first"}
    assert proto.producer_name == "tunesmith"
    docs = {port.name: port.doc_string for port in proto.graph.input}
    assert docs["colour"] == "Text without blanks around it, empty where missing."
