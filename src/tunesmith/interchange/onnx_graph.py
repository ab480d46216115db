"""A model as a graph of ONNX operators, from the cells of a table to its predictions.

It is described in records of our own, so that it can be read, and tested, without the onnx
package. Operators are those of opset 17 and of version 3 of ai.onnx.ml.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from tunesmith.engine.network import Activation
from tunesmith.engine.reference import SELU_ALPHA, SELU_SCALE
from tunesmith.interchange.onnx_dates import MISSING_MOMENT, date_parts
from tunesmith.interchange.onnx_draft import Draft, Node
from tunesmith.interchange.plain import Category, Plain, PlainNetwork, plain_of
from tunesmith.model.model import Model
from tunesmith.table.bins import Ramps
from tunesmith.table.dates import Order
from tunesmith.table.guess import Kind, Reading
from tunesmith.table.target import TaskKind
from tunesmith.table.target_scale import TargetScale
from tunesmith.table.wording import quoted

INPUT_TYPES = {Kind.NUMBER: "double", Kind.CATEGORY: "string", Kind.DATE: "int64"}
"""NaN, the empty string and the smallest int64 (NumPy's NaT) stand for missing values; a date is
its microseconds since 1970."""


@final
@dataclass(frozen=True, slots=True)
class Port:
    """An input or output of the graph, [N] or [N, width]."""

    name: str
    dtype: str
    width: int | None = None
    doc: str = ""
    """What a caller gives."""


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Graph:
    """The whole graph, its nodes in an order in which they can be computed."""

    inputs: tuple[Port, ...]
    """A column of the table each, [N, 1]."""
    outputs: tuple[Port, ...]
    constants: Mapping[str, NDArray[Any]]
    nodes: tuple[Node, ...]


def graph_of(model: Model) -> Graph:
    """Return the graph of a model."""
    plain = plain_of(model)
    inputs = tuple(_input(name, how) for name, how in plain.columns.items())
    draft = Draft(port.name for port in inputs)
    dates = (name for name, how in plain.columns.items() if how.kind is Kind.DATE)
    parts = {name: date_parts(draft, name) for name in dates}
    x = _number_cells(draft, plain, parts) if plain.numbers else ""
    numbers = _normalised(draft, plain, x) if plain.numbers else ""
    slots = _slots(draft, plain, parts) if plain.categories else ""
    outputs = [_network(draft, network, numbers, slots) for network in plain.networks]
    refused = _refused(draft, x) if plain.numbers else ""
    if model.task is TaskKind.CLASSIFICATION:
        ports = _classes(draft, outputs, model.classes, refused)
    else:
        ports = _numbers(draft, outputs, model.scale, refused)
    return Graph(inputs=inputs, outputs=ports, constants=draft.constants, nodes=tuple(draft.nodes))


Parts = Mapping[str, Mapping[str, str]]
"""The names of the values of the parts of each date."""


def _network(draft: Draft, network: PlainNetwork, numbers: str, slots: str) -> str:
    """Add the layers; return the name of the outputs, float [N, K].

    Numbers, float [N, D + M], and slots, int64 [N, C], are "" where there are none.
    """
    terms = []
    if numbers:
        first = draft.constant(network.layers[0][0], np.float32)
        terms.append(draft.add("MatMul", _spread(draft, network.bins, numbers), first))
    if slots:
        rows = draft.add("Gather", draft.constant(network.rows, np.float32), slots, axis=0)
        axes = draft.constant([1], np.int64)
        terms.append(draft.add("ReduceSum", rows, axes, keepdims=0))
    a = draft.add("Sum", *terms, draft.constant(network.layers[0][1], np.float32))
    for weights, bias in network.layers[1:]:
        a = ACTIVATIONS[network.activation](draft, a)
        product = draft.add("MatMul", a, draft.constant(weights, np.float32))
        a = draft.add("Add", product, draft.constant(bias, np.float32))
    return a


def _input(name: str, how: Reading) -> Port:
    """Return the input of a column, with a sentence on what a caller gives."""
    written = f"; training read {how.said} such as {how.example}" if how.notation else ""
    match how.kind:
        case Kind.NUMBER:
            bare = f" without {quoted(how.unit)}" if how.unit else ""
            doc = f"A finite number{bare}, NaN where missing"
            written = "; 1 for True and 0 for False" if how.truth else written
        case Kind.DATE:
            since = "midnight" if how.notation is Order.CLOCK else "1970 in UTC"
            doc = f"Microseconds since {since}, {MISSING_MOMENT} where missing"
        case _:
            doc = "Text without blanks around it, empty where missing"
    return Port(name, INPUT_TYPES[how.kind], 1, f"{doc}{written}.")


def _number_cells(draft: Draft, plain: Plain, parts: Parts) -> str:
    """Return the name of the number columns and parts of dates side by side, double [N, D]."""
    return draft.joined(
        parts[number.column][number.part] if number.part else number.column
        for number in plain.numbers
    )


def _refused(draft: Draft, x: str) -> str:
    """Return the name of NaN for rows with an infinite number, else 0, double [N, 1].

    `predict` refuses such a row; a graph can only give NaN.
    """
    each = draft.add("Where", draft.add("IsInf", x), draft.constant(math.nan), draft.constant(0))
    return draft.add("ReduceSum", each, draft.constant([1], np.int64), keepdims=1)


def _normalised(draft: Draft, plain: Plain, x: str) -> str:
    """Add the number columns x, double [N, D]; return their name, float [N, D + M]."""

    def each(name: str) -> str:
        return draft.constant([[getattr(number, name) for number in plain.numbers]])

    missing = draft.add("IsNaN", x)
    x = draft.add("Where", missing, each("fill"), x)
    # Sum, as onnxruntime takes a double below 1e-45 for 0 and leaves out what adds or subtracts it.
    centered = draft.add("Sum", x, draft.add("Neg", each("center")))
    z = draft.add("Div", centered, each("spread"))
    limit = each("limit")
    z = draft.add("Max", draft.add("Min", z, limit), draft.add("Neg", limit))
    if any(number.bend for number in plain.numbers):
        bent = draft.add("Mul", z, each("bend"))
        square = draft.add("Add", draft.add("Mul", bent, bent), draft.constant(1))
        z = draft.add("Div", z, draft.add("Sqrt", square))
    values = draft.add("Cast", z, to="float")
    if not plain.marked:
        return values
    marks = draft.add("Gather", missing, draft.constant(plain.marked, np.int64), axis=1)
    return draft.joined([values, draft.add("Cast", marks, to="float")])


def _spread(draft: Draft, bins: Ramps, numbers: str) -> str:
    """Add the bins; return the name of the numbers with them behind, float [N, D + M + P]."""
    if not len(bins.source):
        return numbers
    z = draft.add("Gather", numbers, draft.constant(bins.source, np.int64), axis=1)
    z = draft.add("Sub", z, draft.constant([bins.lower], np.float32))
    z = draft.add("Mul", z, draft.constant([bins.share], np.float32))
    z = draft.add("Max", z, draft.constant(0, np.float32))
    return draft.joined([numbers, draft.add("Min", z, draft.constant(1, np.float32))])


def _slots(draft: Draft, plain: Plain, parts: Parts) -> str:
    """Add the categories; return the name of their weight rows' numbers, int64 [N, C]."""
    return draft.joined(_slot(draft, category, plain, parts) for category in plain.categories)


def _slot(draft: Draft, category: Category, plain: Plain, parts: Parts) -> str:
    """Add a look-up; return the name of its weight row's number, int64 [N, 1]."""
    rows: dict[Any, int]
    if category.part is None:
        name, keys = category.column, "keys_strings"
        rows = dict.fromkeys(plain.marks, category.missing) | dict(category.rows)
    else:
        name, keys = parts[category.column][category.part], "keys_int64s"
        rows = {int(text): row for text, row in category.rows.items()}
        rows[MISSING_MOMENT] = category.missing
    more: dict[str, Any] = {
        keys: list(rows),
        "values_int64s": list(rows.values()),
        "default_int64": category.other,
        "domain": "ai.onnx.ml",
    }
    return draft.add("LabelEncoder", name, **more)


def _classes(
    draft: Draft, outputs: Sequence[str], classes: tuple[str, ...], refused: str
) -> tuple[Port, ...]:
    """Add the label, string [N], and each class's probability, float [N, K].

    Where a row is refused the label is empty and the probabilities are NaN.
    """
    label, shares = draft.fresh("label"), draft.fresh("probabilities")
    each = [draft.add("Softmax", one, axis=1) for one in outputs]
    mean = each[0] if len(each) == 1 else draft.add("Mean", *each)
    best = outputs[0] if len(each) == 1 else mean  # logits, not rounded to 0 and 1
    index = draft.add("ArgMax", best, axis=1, keepdims=1)
    if refused:
        last = draft.constant(len(classes), np.int64)
        index = draft.add("Where", draft.add("IsNaN", refused), last, index)
        draft.add("Add", mean, draft.add("Cast", refused, to="float"), output=shares)
    else:
        draft.add("Identity", mean, output=shares)
    names = draft.constant([*classes, ""] if refused else list(classes), np.object_)
    index = draft.add("Reshape", index, draft.constant([-1], np.int64))
    draft.add("Gather", names, index, axis=0, output=label)
    return Port(label, "string"), Port(shares, "float", len(classes))


def _numbers(
    draft: Draft, outputs: Sequence[str], scale: TargetScale, refused: str
) -> tuple[Port, ...]:
    """Add the prediction in its own units, double [N], NaN where a row is refused."""
    mean = outputs[0] if len(outputs) == 1 else draft.add("Mean", *outputs)
    y = draft.add("Mul", draft.add("Cast", mean, to="double"), draft.constant(scale.scale))
    for op, limit in (("Max", scale.low), ("Min", scale.high)):
        if limit is not None:
            y = draft.add(op, y, draft.constant(limit - scale.offset))
    y = draft.add("Sum", y, draft.constant(scale.offset))
    y = draft.add("Add", y, refused) if refused else y
    name = draft.fresh("prediction")
    draft.add("Reshape", y, draft.constant([-1], np.int64), output=name)
    return (Port(name, "double"),)


def _plain(op: str, **more: Any) -> Callable[[Draft, str], str]:
    return lambda draft, y: draft.add(op, y, **more)


def _silu(draft: Draft, y: str) -> str:
    return draft.add("Mul", y, draft.add("Sigmoid", y))


def _gelu(draft: Draft, y: str) -> str:
    share = draft.add("Erf", draft.add("Mul", y, draft.constant(math.sqrt(0.5), np.float32)))
    half = draft.add("Mul", y, draft.constant(0.5, np.float32))
    return draft.add("Mul", half, draft.add("Add", share, draft.constant(1, np.float32)))


def _mish(draft: Draft, y: str) -> str:
    return draft.add("Mul", y, draft.add("Tanh", draft.add("Softplus", y)))


ACTIVATIONS: Mapping[Activation, Callable[[Draft, str], str]] = {
    Activation.SIGMOID: _plain("Sigmoid"),
    Activation.TANH: _plain("Tanh"),
    Activation.RELU: _plain("Relu"),
    Activation.LEAKY_RELU: _plain("LeakyRelu", alpha=0.01),
    Activation.ELU: _plain("Elu", alpha=1.0),
    Activation.SELU: _plain("Selu", alpha=SELU_ALPHA, gamma=SELU_SCALE),
    Activation.SILU: _silu,
    Activation.GELU: _gelu,
    Activation.MISH: _mish,
}
"""Each adds an activation of the value named; it returns the name of what it gives."""
