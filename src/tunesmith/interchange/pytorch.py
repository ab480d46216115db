"""A model as a PyTorch module: a file of plain Python, and its weights as safetensors.

Neither needs tunesmith, and neither is made with PyTorch.
"""

from collections.abc import Iterable
from importlib.resources import files
from string import Template
from textwrap import wrap
from typing import Any, NamedTuple

import numpy as np
from safetensors.numpy import save

from tunesmith.engine.network import Activation
from tunesmith.interchange.plain import Category, Number, Plain, plain_of
from tunesmith.model.model import Model
from tunesmith.table.cells import MISSING
from tunesmith.table.target_scale import TargetScale

ACTIVATIONS = {
    Activation.SIGMOID: "torch.sigmoid(a)",
    Activation.TANH: "torch.tanh(a)",
    Activation.RELU: "functional.relu(a)",
    Activation.LEAKY_RELU: "functional.leaky_relu(a, 0.01)",
    Activation.ELU: "functional.elu(a)",
    Activation.SELU: "functional.selu(a)",
    Activation.SILU: "functional.silu(a)",
    Activation.GELU: "functional.gelu(a)",
    Activation.MISH: "functional.mish(a)",
}
"""How PyTorch calls them."""


class Module(NamedTuple):
    """What is written."""

    source: str
    """NAME.py, which looks for NAME.safetensors beside it."""
    weights: bytes
    """NAME.safetensors, the state of the module in it."""


def to_pytorch(model: Model) -> Module:
    """Return the module and its weights, with all that turns a table's cells into predictions."""
    plain = plain_of(model)
    template = files("tunesmith.interchange").joinpath("pytorch_module.txt")
    source = Template(template.read_text(encoding="utf-8")).substitute(
        docstring=_docstring(model, plain),
        numbers=_lines(map(_number, plain.numbers)),
        categories=_lines(map(_category, plain.categories)),
        missing=repr(MISSING),
        target=repr(model.target),
        classes=repr(model.classes),
        widths=repr((*(len(w) for w, _ in plain.layers), model.members[0].network.outputs)),
        rows=len(plain.rows),
        scale=_scale(model.scale),
        activation=ACTIVATIONS[model.members[0].network.activation],
    )
    return Module(source, save(_state(plain)))


def _state(plain: Plain) -> dict[str, Any]:
    """Return the module's arrays by name; PyTorch's weights are [units, inputs]."""
    state = {"rows": np.ascontiguousarray(plain.rows)}
    for place, (weights, bias) in enumerate(plain.layers):
        state[f"weights.{place}"] = np.ascontiguousarray(weights.T)
        state[f"biases.{place}"] = np.ascontiguousarray(bias)
    return state


def _docstring(model: Model, plain: Plain) -> str:
    """Return the module's docstring as a literal, whatever the names in it hold."""
    columns = ", ".join(f"{name} ({kind.value})" for name, kind in plain.columns)
    lines = [
        *wrap(f"A network that predicts {model.target}, from {columns}.", 96),
        "",
        "It needs torch and safetensors. `python THIS.py TABLE.csv` prints a prediction a row; or:",
        "",
        "    network = load()",
        "    predict(network, [{column: cell, ...}, ...])",
        "",
        "Cells may be text: numbers with a decimal point, dates as ISO 8601 writes them.",
    ]
    text = "\n".join(lines).replace("\\", "\\\\").replace('"', '\\"')
    kept = (c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)
    return f'"""{"".join(kept)}\n"""'


def _scale(scale: TargetScale) -> str:
    """Return how an output becomes a number, and between which it lies."""
    low = "-math.inf" if scale.low is None else repr(scale.low)
    high = "math.inf" if scale.high is None else repr(scale.high)
    return f"{scale.offset!r}, {scale.scale!r}, {low}, {high}"


def _lines(rows: Iterable[tuple[Any, ...] | str]) -> str:
    """Return the items of a tuple, one a line."""
    return "".join(f"\n    {row}," for row in rows) + "\n"


def _number(number: Number) -> str:
    return repr(
        (
            *(number.column, number.part, number.fill, number.center, number.spread),
            *(number.limit, number.bend, number.marked),
        )
    )


def _category(category: Category) -> str:
    places = {value: place for place, value in enumerate(category.values)}
    return repr(
        (
            *(category.column, category.part, category.first, category.missing),
            *(category.other, places),
        )
    )
