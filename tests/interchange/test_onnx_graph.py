"""The graph of ONNX operators, run by NumPy: the model's own predictions."""

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from tests.interchange.onnx_in_numpy import cells_of, run_graph
from tests.interchange.written_cells import CASES, model_for

from tunesmith.interchange.onnx_graph import graph_of
from tunesmith.table.columns import type_columns
from tunesmith.table.encode import fit_encoder
from tunesmith.table.target import TaskKind


def test_the_graph_is_the_model(model, table):
    """From cells to labels and probabilities, or to numbers in their own units."""
    graph = graph_of(model)
    first, *shares = run_graph(graph, cells_of(graph, table)).values()
    expected = model.predict(table)
    if model.task is TaskKind.REGRESSION:
        np.testing.assert_allclose(first, expected["y"], rtol=1e-5)
        return
    assert first.tolist() == expected["y"].to_list()
    np.testing.assert_allclose(shares[0], expected.drop("y"), atol=1e-5)


def test_its_ports(made):
    """Each column is an input of its kind, and the outputs say what they hold."""
    graph = graph_of(made())
    assert [(port.name, port.dtype, port.width) for port in graph.inputs] == [
        ("seconds", "double", 1),
        ("it's\nwide", "double", 1),
        ("still", "double", 1),
        ("colour", "string", 1),
        ("label", "string", 1),
        ("when", "int64", 1),
    ]
    assert [(port.name, port.dtype, port.width) for port in graph.outputs] == [
        ("label_", "string", None),  # a column has that name
        ("probabilities", "float", 3),
    ]


NUMBER = "A finite number, NaN where missing"
DOCS = {
    "decimal comma": f"{NUMBER}; training read numbers with a decimal comma such as 1234,5.",
    "%, decimal point": (
        "A finite number without '%', NaN where missing; training read numbers with '%' such as "
        "1234.5%."
    ),
    "truth as numbers": f"{NUMBER}; 1 for True and 0 for False.",
    "month first": (
        "Microseconds since 1970 in UTC, -9223372036854775808 where missing; training read dates, "
        "month first, such as 02/28/2021."
    ),
    "time of day": (
        "Microseconds since midnight, -9223372036854775808 where missing; training read dates, "
        "time of day, such as 14:30."
    ),
    "words": "Text without blanks around it, empty where missing.",
}


@pytest.mark.parametrize(("name", "doc"), DOCS.items(), ids=DOCS)
def test_what_a_caller_gives(name, doc):
    """Each input says it, and how its cells were written."""
    (port,) = graph_of(model_for(CASES[name])).inputs
    assert port.doc == doc


@pytest.mark.parametrize("task", TaskKind)
@pytest.mark.parametrize("normalize", ["standard", "robust", "none"])
def test_an_infinite_number(made, table, task, normalize):
    """`predict` refuses such a row; here it is NaN and without a label, and the others are not."""
    model = made(task=task, normalize=normalize, names=("still", "colour", "when"))
    graph = graph_of(model)
    cells = cells_of(graph, table)
    expected = run_graph(graph, cells)
    infinite = cells["still"].copy()
    infinite[2:4, 0] = math.inf, -math.inf
    outputs = run_graph(graph, cells | {"still": infinite})
    for name, values in outputs.items():
        np.testing.assert_array_equal(values[4:], expected[name][4:])
        bad = values[2:4] == "" if values.dtype == object else np.isnan(values[2:4])
        assert bad.all()


def test_names_that_columns_took(made):
    """Whatever columns are called, every value of the graph has a name of its own."""
    model = made(names=("still",))
    taken = [name for node in graph_of(model).nodes for name in (node.output, *node.inputs)]
    names = list(dict.fromkeys(taken))
    table = type_columns(pl.DataFrame({name: [0.5, k, 2.0] for k, name in enumerate(names)}))
    encoder = fit_encoder(table, names, np.arange(3))
    network = replace(model.members[0].network, inputs=encoder.numbers)
    chance = np.random.default_rng(3)
    weights = chance.normal(size=network.weight_count).astype(np.float32)
    other = replace(
        model,
        members=(replace(model.members[0], network=network, weights=weights),),
        encoder=encoder,
    )
    graph = graph_of(other)
    found = run_graph(graph, cells_of(graph, table))
    shares = found[graph.outputs[1].name]
    np.testing.assert_allclose(shares, other.shares(table), atol=1e-5)
