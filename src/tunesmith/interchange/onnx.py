"""A model as the bytes of an ONNX file; calling this needs the package onnx."""

import json
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.errors import ExportError
from tunesmith.interchange.onnx_draft import Node
from tunesmith.interchange.onnx_graph import Graph, Port, graph_of
from tunesmith.model.model import Model
from tunesmith.table.guess import Reading

OPSETS = {"": 17, "ai.onnx.ml": 3}
"""Version of each domain's operators; runtimes since 2022 know them."""

IR_VERSION = 8
"""Of the file; the one that came with opset 17."""


DOC = (
    "Columns of a table to predictions. The caller parses cells of text: the doc_string of an "
    "input says what it takes, and the metadata entry 'columns' how it was written in training."
)


def to_onnx(model: Model) -> bytes:
    """Return the model as an ONNX file, with all that turns a table's columns into predictions.

    Its inputs are the columns, [N, 1] each, see `onnx_graph.INPUT_TYPES`; what a caller gives is
    the doc_string of each, and "columns" in the metadata says how their cells were written. Its
    outputs are "label" and "probabilities" for classes, "prediction" for a number in its own units.
    Raises ExportError where the package onnx is missing.
    """
    onnx = _package("onnx")
    helper = onnx.helper
    graph = graph_of(model)
    proto = helper.make_graph(
        [_node(onnx, node) for node in graph.nodes],
        "tunesmith",
        [_port(onnx, port) for port in graph.inputs],
        [_port(onnx, port) for port in graph.outputs],
        initializer=_constants(onnx, graph),
    )
    opsets = [helper.make_opsetid(domain, version) for domain, version in OPSETS.items()]
    whole = helper.make_model(
        proto,
        opset_imports=opsets,
        ir_version=IR_VERSION,
        producer_name="tunesmith",
        doc_string=DOC,
    )
    helper.set_model_props(whole, about_text(model))
    onnx.checker.check_model(whole, full_check=True)
    content: bytes = whole.SerializeToString()
    return content


def about_text(model: Model) -> dict[str, str]:
    """Return what is known of a model as texts, and how its columns are read."""
    about: Mapping[str, Any] = {
        **model.about,
        "target": model.target,
        "task": model.task.value,
        "columns": {column.name: _written(column.reading) for column in model.encoder.columns},
        "missing": model.encoder.marks,
    }
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in about.items()
    }


def _written(how: Reading) -> dict[str, Any]:
    """Return how a column's cells are written, as plain data; what is not so is left out."""
    notation = how.notation.value if how.notation else ""
    description = {
        "kind": how.kind.value,
        "notation": notation,
        "unit": how.unit,
        "truth": how.truth,
    }
    return {name: value for name, value in description.items() if value}


def _package(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise ExportError(
            f"ONNX files need the package {name}, which cannot be loaded ({error}): "
            "pip install 'tunesmith[onnx]'"
        ) from error


def _dtype(onnx: Any, name: str) -> int:
    return int(getattr(onnx.TensorProto, name.upper()))


def _node(onnx: Any, node: Node) -> Any:
    attributes = dict(node.attributes)
    if "to" in attributes:
        attributes["to"] = _dtype(onnx, attributes["to"])
    return onnx.helper.make_node(
        node.op, list(node.inputs), [node.output], domain=node.domain, **attributes
    )


def _port(onnx: Any, port: Port) -> Any:
    shape = ["rows"] if port.width is None else ["rows", port.width]
    dtype = _dtype(onnx, port.dtype)
    return onnx.helper.make_tensor_value_info(port.name, dtype, shape, doc_string=port.doc)


def _constants(onnx: Any, graph: Graph) -> list[Any]:
    return [_constant(onnx, name, array) for name, array in graph.constants.items()]


def _constant(onnx: Any, name: str, array: NDArray[Any]) -> Any:
    if array.dtype == object:
        texts = [text.encode() for text in array]
        return onnx.helper.make_tensor(name, onnx.TensorProto.STRING, array.shape, texts)
    return onnx.numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), name)
