"""Models with columns of every kind, untrained: what is exported is arithmetic."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tunesmith.engine.network import Activation, Network, Place
from tunesmith.model.member import Member
from tunesmith.model.model import Model
from tunesmith.rng import stream
from tunesmith.table.bins import Bins
from tunesmith.table.columns import type_columns
from tunesmith.table.encode import fit_encoder
from tunesmith.table.target import TaskKind
from tunesmith.table.target_scale import AS_THEY_ARE, TargetScale

ROWS = 83
TRAINED = 50
"""Rows that the encoder is fitted on; the others hold what it has never met."""

CLASSES = ("no", "größer", "it's 3\n")


@pytest.fixture(scope="session")
def frame():
    """Return numbers near 0 and far from it, text, codes and moments, each with gaps."""
    chance = stream(31, "export")
    colours = ("red", "größer", 'b"lu\\e', "plum")
    hours = chance.uniform(-90_000, 700_000, ROWS).tolist()
    columns = {
        "seconds": chance.normal(1.6e9, 5.0, ROWS).tolist(),
        "it's\nwide": [*chance.normal(-3, 40, ROWS - 2).tolist(), 1e300, -1e300],
        "still": [7.25] * TRAINED + [8.0] * (ROWS - TRAINED),
        "colour": [colours[k % (3 if k < TRAINED else 4)] for k in range(ROWS)],
        "label": [f"0{k % 5}" for k in range(ROWS)],
        "when": [datetime(1970, 1, 1) + timedelta(hours=hour) for hour in hours],
    }
    for start, name in ((3, "it's\nwide"), (8, "colour"), (5, "when"), (TRAINED, "label")):
        columns[name] = [
            None if k >= start and (k - start) % 11 == 0 else cell
            for k, cell in enumerate(columns[name])
        ]
    columns["when"][1:3] = [datetime(2000, 2, 29, 23, 59, 59), datetime(1900, 3, 1)]
    return pl.DataFrame(columns)


@pytest.fixture(scope="session")
def table(frame):
    return type_columns(frame)


@pytest.fixture(scope="session")
def made(table):
    """Return a function that makes a model of some of the columns."""

    def make(
        activation=Activation.TANH,
        task=TaskKind.CLASSIFICATION,
        normalize="standard",
        names=tuple(table.frame.columns),
        scale=AS_THEY_ARE,
        bins=0,
        others=(),
        **layers,
    ):
        encoder = fit_encoder(table, names, np.arange(TRAINED), normalize=normalize)
        classes = CLASSES if task is TaskKind.CLASSIFICATION else ()
        numbers = encoder.transform(table)[:TRAINED, : encoder.numbers]

        def member(number, activation, bins, **layers):
            spread = Bins.of(numbers, bins)
            network = Network(
                inputs=encoder.numbers + spread.width,
                categories=encoder.categories,
                outputs=len(classes) or 1,
                activation=activation,
                **{"hidden": (7, 5)} | layers,
            )
            chance = stream(31, "weights", number)
            weights = network.initial_weights(chance)
            weights += chance.normal(0, 0.2, len(weights)).astype(np.float32)
            if normalize == "none":  # else a second since 1970 drowns all other columns
                weights *= 1e-3
            return Member(
                network=network,
                weights=weights,
                mean=chance.normal(size=network.statistics_count).astype(np.float32),
                variance=chance.uniform(0.5, 2, network.statistics_count).astype(np.float32),
                bins=spread,
            )

        first = {"activation": activation, "bins": bins, **layers}
        return Model(
            members=tuple(member(k, **shape) for k, shape in enumerate((first, *others))),
            encoder=encoder,
            target="y",
            task=task,
            classes=classes,
            scale=scale,
            about={"seed": 31, "digest": "größe", "score": {"value": 0.5}},
        )

    return make


SCALE = TargetScale(offset=1e6, scale=250.0, low=999_900.0, high=1_000_100.0)

OTHERS = (
    {"activation": Activation.SELU, "bins": 9, "hidden": (4,)},
    {"activation": Activation.RELU, "bins": 0, "batch_norm": False},
    {"activation": Activation.GELU, "bins": 3, "hidden": ()},
)
"""Further networks of an ensemble."""

MODELS = {
    **{f"activation {a.value}": {"activation": a} for a in Activation},
    "robust": {"normalize": "robust"},
    "normalised after": {"bn_place": Place.AFTER},
    "no layers": {"hidden": ()},
    "categories alone": {"names": ("colour", "label")},
    "numbers alone": {"names": ("seconds", "it's\nwide", "still")},
    "one number": {"names": ("still",)},
    "dates alone": {"names": ("when",)},
    "none": {"normalize": "none", "names": ("colour", "when", "still")},
    "a number": {"task": TaskKind.REGRESSION, "scale": SCALE},
    "a number as it is": {"task": TaskKind.REGRESSION},
    "bins": {"bins": 7},
    "bins and robust": {"bins": 12, "normalize": "robust", "task": TaskKind.REGRESSION},
    "bins alone": {"bins": 5, "names": ("seconds", "it's\nwide", "still")},
    "bins of dates": {"bins": 4, "names": ("when",), "bn_place": Place.AFTER},
    "bins of numbers as they are": {
        "bins": 4,
        "normalize": "none",
        "names": ("it's\nwide", "when"),
    },
    "several": {"others": OTHERS},
    "several for a number": {"others": OTHERS, "task": TaskKind.REGRESSION, "scale": SCALE},
    "several of categories": {"others": OTHERS[1:2], "names": ("colour", "label")},
}
"""What the models of these tests are made of."""


@pytest.fixture(scope="session", params=MODELS.values(), ids=MODELS)
def model(made, request):
    """Return each model."""
    return made(**request.param)
