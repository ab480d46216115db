"""ONNX files where there is no onnx; what is in them is tested among the integrations."""

import json
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from tests.interchange.written_cells import CASES, model_for

from tunesmith.errors import ExportError
from tunesmith.interchange.onnx import about_text, to_onnx
from tunesmith.interchange.onnx_graph import graph_of


def test_without_onnx(made, monkeypatch):
    """It is said what is missing."""
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ExportError) as caught:
        to_onnx(made())
    assert str(caught.value).startswith(
        "ONNX files need the package onnx, which cannot be loaded ("
    )
    assert str(caught.value).endswith("): pip install 'tunesmith[onnx]'")


def test_what_is_told(made):
    """Texts stay as they are; all else is JSON."""
    told = about_text(made())
    assert (told["target"], told["task"], told["digest"]) == ("y", "classification", "größe")
    assert json.loads(told["score"]) == {"value": 0.5}
    assert "NA" in json.loads(told["missing"])


def test_how_columns_are_written():
    """A caller can parse cells by it: kind, notation, unit, and truth values."""
    columns = {
        name: json.loads(about_text(model_for(CASES[name]))["columns"])["x"]
        for name in ("decimal comma", "$, decimal point", "truth as numbers", "day first", "words")
    }
    assert columns == {
        "decimal comma": {"kind": "number", "notation": "decimal comma"},
        "$, decimal point": {"kind": "number", "notation": "decimal point", "unit": "$"},
        "truth as numbers": {"kind": "number", "notation": "decimal point", "truth": True},
        "day first": {"kind": "date", "notation": "day first"},
        "words": {"kind": "category"},
    }


def noted(name):
    """Return a function that gives back what it was called with."""
    return lambda *given, **more: SimpleNamespace(name=name, given=given, **more)


@pytest.fixture
def onnx(monkeypatch):
    """Put a stand-in for the package in its place, whose helpers keep what they are given."""
    onnx = ModuleType("onnx")
    names = ("make_node", "make_graph", "make_tensor", "make_tensor_value_info", "make_opsetid")
    onnx.helper = SimpleNamespace(**{name: noted(name) for name in names})
    made = SimpleNamespace(checked=0)

    def make_model(graph, **more):
        made.graph, made.more = graph, more
        return SimpleNamespace(SerializeToString=lambda: b"serialised")

    def check_model(model, full_check):
        made.checked += full_check

    onnx.helper.make_model = make_model
    onnx.helper.set_model_props = lambda model, told: setattr(made, "told", told)
    onnx.checker = SimpleNamespace(check_model=check_model)
    onnx.numpy_helper = SimpleNamespace(from_array=lambda array, name: (name, array))
    onnx.TensorProto = SimpleNamespace(STRING=8, INT64=7, FLOAT=1, DOUBLE=11)
    monkeypatch.setitem(sys.modules, "onnx", onnx)
    return made


def test_what_the_package_is_given(made, onnx):
    """Every node, port and constant of the graph, the types as the package numbers them."""
    model = made()
    graph = graph_of(model)
    assert to_onnx(model) == b"serialised"
    assert onnx.checked == 1
    assert onnx.told["target"] == "y"
    nodes, _, inputs, outputs = onnx.graph.given
    assert [node.given for node in nodes] == [
        (node.op, list(node.inputs), [node.output]) for node in graph.nodes
    ]
    assert {node.domain for node in nodes} == {"", "ai.onnx.ml"}
    assert {node.to for node in nodes if node.given[0] == "Cast"} == {1, 7, 11}
    assert [port.given for port in inputs][2:4] == [
        ("still", 11, ["rows", 1]),
        ("colour", 8, ["rows", 1]),
    ]
    assert inputs[5].doc_string == graph.inputs[5].doc
    assert [port.given[1:] for port in outputs] == [(8, ["rows"]), (1, ["rows", 3])]
    arrays = dict(constant for constant in onnx.graph.initializer if isinstance(constant, tuple))
    texts = [constant for constant in onnx.graph.initializer if not isinstance(constant, tuple)]
    assert [text.given[1:3] for text in texts] == [(8, (4,))]
    assert texts[0].given[3] == [name.encode() for name in (*model.classes, "")]
    assert {text.given[0] for text in texts} | set(arrays) == set(graph.constants)
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, graph.constants[name])
