"""The PyTorch module as text: what it does in plain Python is run, with a stand-in for torch."""

import ast
import sys
import time
from dataclasses import replace
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from safetensors.numpy import load

from tunesmith.interchange.pytorch import to_pytorch
from tunesmith.table.columns import type_columns
from tunesmith.table.encode import fit_encoder


@pytest.fixture
def run(monkeypatch):
    """Return a function that runs a module's text where torch and safetensors.torch stand in."""
    torch = ModuleType("torch")
    torch.nn = ModuleType("torch.nn")
    torch.nn.Module = object
    torch.nn.functional = SimpleNamespace()
    torch.no_grad = lambda: lambda function: function
    torch.__path__ = torch.nn.__path__ = []
    stand_ins = {"torch": torch, "torch.nn": torch.nn, "torch.nn.functional": torch.nn.functional}
    for name, module in stand_ins.items():
        monkeypatch.setitem(sys.modules, name, module)
    reader = ModuleType("safetensors.torch")
    reader.load_file = None
    monkeypatch.setitem(sys.modules, "safetensors.torch", reader)

    def execute(source):
        names = {"__name__": "exported"}
        exec(compile(source, "exported.py", "exec"), names)
        return SimpleNamespace(**names)

    return execute


def expected(model, table):
    """Return the encoder's numbers, values before marks, and the rows of each category."""
    x = model.encoder.transform(table)
    marked = np.array([name.endswith(" missing") for name in model.encoder.names[: x.shape[1]]])
    width = model.members[0].network.inputs
    numbers, marks = x[:, :width][:, ~marked[:width]], x[:, :width][:, marked[:width]]
    first = np.cumsum((0, *model.members[0].network.categories))[:-1]
    return np.hstack([numbers, marks]), x[:, width:] + first


def test_cells_are_read_as_in_training(run, model, table, frame):
    """Gaps, values never met, far numbers, dates: the same inputs as the model's own."""
    module = run(to_pytorch(model).source)
    numbers, rows = zip(*map(module.encode, frame.to_dicts()), strict=True)
    ours = expected(model, table)
    np.testing.assert_allclose(np.reshape(numbers, ours[0].shape), ours[0], rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(np.reshape(rows, ours[1].shape), ours[1])


def test_cells_may_be_text(run, made, frame):
    """A row of csv.DictReader is read as the row of a frame, whatever blanks it has."""
    module = run(to_pytorch(made()).source)
    for row in frame.head(20).to_dicts():
        text = {name: "NA" if cell is None else f" {cell} " for name, cell in row.items()}
        assert module.encode(text) == module.encode(row)


@pytest.fixture
def _far_away(monkeypatch):
    """Live five hours behind UTC."""
    monkeypatch.setenv("TZ", "FAR+5")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_far_away")
def test_whole_numbers_as_categories(run, made):
    """1.0 is the category "1", as in training; a moment with a zone is taken in UTC."""
    module = run(to_pytorch(made()).source)
    assert [module.text(x) for x in (1.0, 1, "1", 1.5, True)] == ["1", "1", "1", "1.5", "True"]
    parts = [module.part_of("2021-03-01T00:30:00+01:00", part) for part in ("day", "month", "hour")]
    assert parts == pytest.approx([28, 2, 23.5])


def test_the_weights(made):
    """They are the folded layers, and nothing of batch norm; PyTorch's are [units, inputs]."""
    model = made()
    arrays = load(to_pytorch(model).weights)
    shapes = {name: array.shape for name, array in arrays.items()}
    inputs = model.members[0].network.inputs
    assert shapes == {
        "rows": (model.members[0].network.category_rows, 7),
        "weights.0": (7, inputs),
        "weights.1": (5, 7),
        "weights.2": (3, 5),
        "biases.0": (7,),
        "biases.1": (5,),
        "biases.2": (3,),
    }


def test_names_are_text_and_nothing_more(made, frame):
    """No name of a column, a class or the target becomes code, or ends the docstring."""
    hostile = '"""\nimport os\nos.abort()  # \\'
    table = type_columns(frame.rename({"colour": hostile}))
    model = made(names=("label",))
    encoder = fit_encoder(table, [hostile], np.arange(20))
    network = replace(model.members[0].network, categories=encoder.categories)
    weights = np.zeros(network.weight_count, np.float32)
    model = replace(
        model,
        encoder=encoder,
        members=(replace(model.members[0], network=network, weights=weights),),
        target=hostile,
    )
    tree = ast.parse(to_pytorch(model).source)
    assert "os" not in {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert hostile.splitlines()[0] in ast.get_docstring(tree)
