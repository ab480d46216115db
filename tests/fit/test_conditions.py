"""What is said of the conditions of a study of a table."""

import platform
from types import SimpleNamespace

import numpy as np

from tunesmith import __version__
from tunesmith.fit.conditions import conditions, processor, split_in_words


def made(*weights):
    """Return what stands for a model of networks with so many weights."""
    return SimpleNamespace(members=[SimpleNamespace(weights=np.zeros(n)) for n in weights])


def test_conditions_drawn_by_hand(datas):
    """Types of columns, rows, size, machine and versions."""
    data = datas["fruit"]
    found = dict(conditions(data, made(1234)))
    split = data.split
    assert (
        found["split"]
        == split_in_words(data)
        == (
            f"{len(split.train)} rows train, {len(split.valid)} choose between networks, "
            f"{len(split.test)} test"
        )
    )
    assert found["model"] == "1,234 weights"
    named = " ".join(value for key, value in found.items() if key.startswith("taken for "))
    assert all(f"'{name}'" in named for name in data.table.features("fruit"))
    assert "'fruit'" not in named
    assert f"Python {platform.python_version()}, tunesmith {__version__}" in found["versions"]
    assert found["processor"].endswith(" cores")


def test_several_networks_are_counted(datas):
    """Their weights are summed."""
    assert conditions(datas["fruit"], made(900, 600))["model"] == "1,500 weights in 2 networks"


def test_folds_are_said(few):
    """No row is said to be kept for choosing where all choose in turn."""
    assert " rows train and, in 5 folds, choose between networks, " in split_in_words(few["fruit"])


def test_a_processor_has_a_name(tmp_path):
    """The system's own for it, or else the kind of machine."""
    described = tmp_path / "cpuinfo"
    described.write_text("processor : 0\nmodel name\t: Abacus 3000\nmodel name : another\n")
    assert processor(described) == "Abacus 3000"
    assert processor(tmp_path / "none") == (platform.processor() or platform.machine())
