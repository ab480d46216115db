"""Small tables as files, made ready, and the engine compiled."""

import numpy as np
import polars as pl
import pytest

from tunesmith.engine.train import warm_up
from tunesmith.fit.data import load, source_of
from tunesmith.rng import stream
from tunesmith.table import folds

ROWS = 151
NO_TARGET = (5, 77, 78)
"""Rows without a target."""


@pytest.fixture(autouse=True, scope="session")
def _compiled():
    warm_up()


@pytest.fixture(scope="session")
def texts():
    """Return tables as they are read, by the name of their target: "fruit" text, "price" numbers.

    Numbers and categories, some missing; a column that never varies, and names of rows.
    """
    chance = stream(19, "table")
    weight = chance.normal(140, 35, ROWS)
    colour = chance.choice(["red", "yellow", "größer, green"], ROWS)
    sweet = (weight > 150) + 1 * (colour == "red")
    price = 3000 + 20 * weight + 700 * (colour == "red") + chance.normal(0, 90, ROWS)
    columns = {
        "weight": [f"{value:.1f}" for value in weight],
        "colour": colour.tolist(),
        "shelf": chance.integers(1, 7, ROWS).astype(str).tolist(),
        "shop": ["corner"] * ROWS,
        "label": [f"no {row}" for row in range(ROWS)],
    }
    for name, rows in (("weight", (3, 50, 90)), ("colour", (3, 8, 140))):
        for row in rows:
            columns[name][row] = "?"
    targets = {
        "fruit": np.array(["pear", "apple", "kiwi"])[sweet].tolist(),
        "price": [f"{value:.2f}" for value in price],
    }
    for row in NO_TARGET:
        targets["fruit"][row] = targets["price"][row] = ""
    return {name: pl.DataFrame(columns | {name: cells}) for name, cells in targets.items()}


@pytest.fixture(scope="session")
def sources(texts, tmp_path_factory):
    """Return the sources of the tables, written as CSV files."""
    folder = tmp_path_factory.mktemp("tables")
    for name, text in texts.items():
        text.write_csv(folder / f"{name}.csv")
    return {name: source_of(folder / f"{name}.csv", name) for name in texts}


@pytest.fixture
def many(monkeypatch):
    """Divide tables as if their rows were many: one part of them judges."""
    monkeypatch.setattr(folds, "FEW", 0)


@pytest.fixture(scope="session")
def datas(sources):
    """Return the tables, made ready as if their rows were many: one part of them judges."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folds, "FEW", 0)
        return {name: load(source, seed=3) for name, source in sources.items()}


@pytest.fixture(scope="session")
def few(sources):
    """Return the tables, made ready as they are: of so few rows that all judge in turn."""
    return {name: load(source, seed=3) for name, source in sources.items()}
