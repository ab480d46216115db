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

OPSETS = {"": 17, "ai.onnx.ml": 3}
"""Version of each domain's operators; runtimes since 2022 know them."""

IR_VERSION = 8
"""Of the file; the one that came with opset 17."""


def to_onnx(model: Model) -> bytes:
    """Return the model as an ONNX file, with all that turns a table's cells into predictions.

    Its inputs are the columns, [N, 1] each, see `onnx_graph.INPUT_TYPES`. Its outputs are "label"
    and "probabilities" for classes, "prediction" for a number in its own units.
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
        proto, opset_imports=opsets, ir_version=IR_VERSION, producer_name="tunesmith"
    )
    helper.set_model_props(whole, about_text(model))
    onnx.checker.check_model(whole, full_check=True)
    content: bytes = whole.SerializeToString()
    return content


def about_text(model: Model) -> dict[str, str]:
    """Return what is known of a model as texts."""
    about: Mapping[str, Any] = {"target": model.target, "task": model.task.value, **model.about}
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in about.items()
    }


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
    return onnx.helper.make_tensor_value_info(port.name, _dtype(onnx, port.dtype), shape)


def _constants(onnx: Any, graph: Graph) -> list[Any]:
    return [_constant(onnx, name, array) for name, array in graph.constants.items()]


def _constant(onnx: Any, name: str, array: NDArray[Any]) -> Any:
    if array.dtype == object:
        texts = [text.encode() for text in array]
        return onnx.helper.make_tensor(name, onnx.TensorProto.STRING, array.shape, texts)
    return onnx.numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), name)
