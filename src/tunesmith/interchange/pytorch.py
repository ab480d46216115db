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
from tunesmith.interchange.plain import Category, Number, Plain, PlainNetwork, plain_of
from tunesmith.interchange.pytorch_cells import cell_constants, cell_functions
from tunesmith.model.model import Model
from tunesmith.model.ownership import MODULE_MARK, WEIGHTS_MARK
from tunesmith.table.guess import Kind
from tunesmith.table.target_scale import TargetScale

ACTIVATIONS = {
    Activation.SIGMOID: "sigmoid",
    Activation.TANH: "tanh",
    Activation.RELU: "relu",
    Activation.LEAKY_RELU: "leaky_relu",
    Activation.ELU: "elu",
    Activation.SELU: "selu",
    Activation.SILU: "silu",
    Activation.GELU: "gelu",
    Activation.MISH: "mish",
}
"""What they are called in torch.nn.functional, where they are ours if nothing else is given."""


class Module(NamedTuple):
    """What is written."""

    source: str
    """NAME.py, which looks for NAME.safetensors beside it."""
    weights: bytes
    """NAME.safetensors, the state of the module in it."""


def to_pytorch(model: Model) -> Module:
    """Return the module and its weights, with all that turns a table's cells into predictions."""
    plain = plain_of(model)
    first, *others = plain.networks
    bare = not others and not len(first.bins.source)
    source = _template("module").substitute(
        mark=MODULE_MARK,
        docstring=_docstring(model, plain),
        numbers=_lines(map(_number, plain.numbers)),
        categories=_lines(map(_category, plain.categories)),
        cell_constants=cell_constants(plain),
        cell_functions=cell_functions(plain),
        own=_own(plain),
        target=repr(model.target),
        classes=repr(model.classes),
        inputs=len(plain.numbers) + len(plain.marked),
        rows=len(first.rows),
        scale=_scale(model.scale),
        shapes=f"WIDTHS = {_widths(first)!r}" if bare else _shapes(plain),
        networks=_bare(first) if bare else _spreading(plain),
        made="Network()" if bare else "Ensemble()" if others else "Network(*NETWORKS[0])",
    )
    arrays = {
        (f"networks.{place}." if others else "") + name: np.ascontiguousarray(array)
        for place, network in enumerate(plain.networks)
        for name, array in (_layers(network) | ({} if bare else network.bins._asdict())).items()
    }
    return Module(source, save(arrays, metadata=dict(WEIGHTS_MARK)))


def _template(name: str) -> Template:
    file = files("tunesmith.interchange").joinpath(f"pytorch_{name}.txt")
    return Template(file.read_text(encoding="utf-8"))


def _bare(network: PlainNetwork) -> str:
    """Return the class of a network that takes numbers as they are."""
    return _template("network").substitute(activation=ACTIVATIONS[network.activation])


def _spreading(plain: Plain) -> str:
    """Return the class of networks with bins, and that of several."""
    parts = ("bins", "ensemble") if len(plain.networks) > 1 else ("bins",)
    return "\n\n".join(_template(name).substitute() for name in parts)


def _shapes(plain: Plain) -> str:
    """Return what tells networks with bins apart."""
    shapes = (
        repr((_widths(network), len(network.bins.source), ACTIVATIONS[network.activation]))
        for network in plain.networks
    )
    says = "# Of each network: units of its layers, the inputs first; its bins; its activation."
    return f"\n{says}\nNETWORKS = ({_lines(shapes)})"


def _widths(network: PlainNetwork) -> tuple[int, ...]:
    """Return the inputs of each layer, and the outputs."""
    _, bias = network.layers[-1]
    return (*(len(weights) for weights, _ in network.layers), len(bias))


def _layers(network: PlainNetwork) -> dict[str, Any]:
    """Return a network's weights by name; PyTorch's are [units, inputs]."""
    layers: dict[str, Any] = {"rows": network.rows}
    for place, (weights, bias) in enumerate(network.layers):
        layers |= {f"weights.{place}": weights.T, f"biases.{place}": bias}
    return layers


def _docstring(model: Model, plain: Plain) -> str:
    """Return the module's docstring as a literal, whatever the names in it hold."""
    count = len(plain.networks)
    what = "A network that predicts" if count == 1 else f"{count} networks that together predict"
    columns = ", ".join(f"{name} ({how.kind.value})" for name, how in plain.columns.items())
    lines = [
        *wrap(f"{what} {model.target}, from {columns}.", 96),
        "",
        "It needs torch and safetensors. `python THIS.py TABLE.csv` prints a prediction a row",
        "(`python THIS.py TABLE.csv ';'` where semicolons separate the cells); or:",
        "",
        "    network = load()",
        "    predict(network, [{column: cell, ...}, ...])",
        "",
        "Cells may be text, written as COLUMNS says, or numbers, dates and moments of Python. What",
        "does not fit raises a ValueError with the column and the cell.",
    ]
    text = "\n".join(lines).replace("\\", "\\\\").replace('"', '\\"')
    kept = (c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)
    return f'"""{"".join(kept)}\n"""'


def _own(plain: Plain) -> str:
    """Return how a module takes a part of a cell; only dates have parts."""
    has_dates = any(how.kind is Kind.DATE for how in plain.columns.values())
    return "part_of(cells[column], part)" if has_dates else "cells[column]"


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
    return repr(
        (
            *(category.column, category.part, category.missing, category.other),
            dict(category.rows),
        )
    )
