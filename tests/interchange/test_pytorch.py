"""The PyTorch module as text: what it does in plain Python is run, with a stand-in for torch."""

import ast
import csv
import re
import sys
import time
from dataclasses import replace
from itertools import pairwise
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from safetensors.numpy import load
from tests.interchange.conftest import OTHERS

from tunesmith.errors import DataError
from tunesmith.interchange.pytorch import to_pytorch
from tunesmith.table.columns import type_columns
from tunesmith.table.encode import fit_encoder
from tunesmith.table.read import read_table


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
    width = model.encoder.numbers
    numbers, marks = x[:, :width][:, ~marked[:width]], x[:, :width][:, marked[:width]]
    first = np.cumsum((0, *model.encoder.categories))[:-1]
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


def test_rows_of_a_file(run, made, tmp_path):
    """They are those of `predict`: names and cells, quoted ones too."""
    module = run(to_pytorch(made()).source)
    path = tmp_path / "x.csv"
    path.write_text('\ufeff; a \n0;"1;\n""2"""\n1; b\n\n', encoding="utf-8", newline="")
    assert list(module.read_rows(path, ";")) == [
        {"column 1": "0", "a": '1;\n"2"'},
        {"column 1": "1", "a": " b"},
    ]
    assert list(module.read_rows(path, ";")) == read_table(path).frame.rename(str.strip).to_dicts()
    path.write_text("a\n1\n\n3\n")
    assert list(module.read_rows(path, ",")) == [{"a": "1"}, {"a": ""}, {"a": "3"}]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2\n3\n", "line 3 has 1 cells where line 1 has 2; correct it, or the separator"),
        ("a,b\n1,2,3\n", "line 2 has 3 cells where line 1 has 2; correct it, or the separator"),
        (
            "a,b\n1,2\n\n3,4\n",
            "line 3 has 1 cells where line 1 has 2; correct it, or the separator",
        ),
        ("a,b, a\n1,2,3\n", "line 1 names a column more than once: ['a', 'b', 'a']"),
    ],
)
def test_files_that_are_no_tables(run, made, tmp_path, text, says):
    """A row of another width would shift cells, and a name given twice hide one."""
    module = run(to_pytorch(made()).source)
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(DataError):
        read_table(path)
    with pytest.raises(ValueError, match=f"^{re.escape(says)}$"):
        list(module.read_rows(path, ","))


@pytest.mark.parametrize("cell", ['"5" pipe"', '"a \\" b"', '"a'])
def test_quotes_that_end_no_cell(run, made, tmp_path, cell):
    """Such a cell would swallow the rows after it."""
    module = run(to_pytorch(made()).source)
    path = tmp_path / "x.csv"
    path.write_text(f"a,b\n1,{cell}\n2,{cell}\n")
    with pytest.raises(csv.Error):
        list(module.read_rows(path, ","))


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
    cells = [module.cell({"colour": x}, "colour") for x in (1.0, 1, "1", 1.5, True)]
    assert cells == ["1", "1", "1", "1.5", "True"]
    moment = module.cell({"when": "2021-03-01T00:30:00+01:00"}, "when")
    parts = [module.part_of(moment, part) for part in ("day", "month", "hour")]
    assert parts == pytest.approx([28, 2, 23.5])


def shapes_of(model):
    """Return the shape of each of a module's arrays."""
    return {name: array.shape for name, array in load(to_pytorch(model).weights).items()}


def layers(network):
    """Return the shapes of a network's layers; PyTorch's weights are [units, inputs]."""
    pairs = list(pairwise(network.widths))
    return {
        "rows": (network.category_rows, network.widths[1]),
        **{f"weights.{k}": (units, inputs) for k, (inputs, units) in enumerate(pairs)},
        **{f"biases.{k}": (units,) for k, (_, units) in enumerate(pairs)},
    }


def test_the_weights(made):
    """They are the folded layers, and nothing of batch norm."""
    model = made()
    assert shapes_of(model) == layers(model.members[0].network)
    assert "BatchNorm" not in to_pytorch(model).source


def test_the_weights_of_several_networks(made):
    """Each network's are called by its place, with those of its bins, if only none."""
    model = made(others=OTHERS)
    expected = {}
    for place, member in enumerate(model.members):
        own = layers(member.network)
        own |= dict.fromkeys(("source", "lower", "share"), (member.bins.width,))
        expected |= {f"networks.{place}.{name}": shape for name, shape in own.items()}
    assert shapes_of(model) == expected


@pytest.mark.parametrize(
    ("more", "there", "call"),
    [
        ({}, ["Network"], "Network()"),
        ({"bins": 5}, ["Network"], "Network(*NETWORKS[0])"),
        ({"others": OTHERS}, ["Network", "Ensemble"], "Ensemble()"),
    ],
    ids=["one", "bins", "several"],
)
def test_a_module_holds_what_it_needs(made, more, there, call):
    """A network without bins, alone, comes without a word of either; no name is left open."""
    source = to_pytorch(made(**more)).source
    tree = ast.parse(source)
    assert [node.name for node in tree.body if isinstance(node, ast.ClassDef)] == there
    assert f"    network = {call}\n" in source
    assert ("bins" in source) == bool(more)
    assert not re.search("[$][a-z{]", source)
    assert not re.search("[^\n]\n\n\n\n", source)


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
