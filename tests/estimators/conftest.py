"""A table with everything in it, and the engine compiled."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tunesmith.engine.train import warm_up
from tunesmith.rng import stream

ROWS = 403


@pytest.fixture(autouse=True, scope="session")
def _compiled():
    warm_up()


@pytest.fixture(scope="session")
def frame():
    """Numbers and categories, some missing; dates; truth values; a column that never varies."""
    chance = stream(23, "frame")
    weight = chance.normal(140, 35, ROWS)
    colour = chance.choice(["red", "yellow", "größer, green"], ROWS).tolist()
    return pl.DataFrame(
        {
            "weight": [None if row in (5, 90) else w for row, w in enumerate(weight)],
            "colour": [None if row == 7 else c for row, c in enumerate(colour)],
            "picked": [datetime(2021, 3, 4) + timedelta(days=row) for row in range(ROWS)],
            "ripe": (chance.random(ROWS) < 0.4).tolist(),
            "shop": ["corner"] * ROWS,
        }
    )


@pytest.fixture(scope="session")
def fruit(frame):
    """Classes that follow from weight and colour."""
    heavy = frame["weight"].fill_null(0).to_numpy() > 150
    sweet = 1 * heavy + (frame["colour"] == "red").fill_null(False).to_numpy()
    return np.array(["pear", "apple", "kiwi"])[sweet]


@pytest.fixture(scope="session")
def price(frame):
    """Numbers that follow from weight and colour."""
    red = (frame["colour"] == "red").fill_null(False).to_numpy()
    return 3000 + 20 * frame["weight"].fill_null(140).to_numpy() + 700 * red


@pytest.fixture(scope="session")
def array():
    """Numbers [83, 5], some missing, and classes that follow from them."""
    x = stream(29, "array").normal(3, 2, (83, 5))
    y = 7 * (x[:, 1] > 3) + 11 * (x[:, 3] > 4)
    x[[3, 60], 0] = np.nan
    return x, y
