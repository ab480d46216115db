"""The graph of ONNX operators, run by NumPy: the model's own predictions."""

from dataclasses import replace

import numpy as np
import polars as pl
from tests.interchange.onnx_in_numpy import cells_of, run_graph

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
