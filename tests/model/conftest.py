"""Small trained models, and a table of text they were trained on."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tunesmith.engine.network import Activation, Loss, Network
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.train import Training
from tunesmith.model.member import Member
from tunesmith.model.model import Model
from tunesmith.rng import stream
from tunesmith.table.bins import Bins
from tunesmith.table.columns import type_columns
from tunesmith.table.encode import fit_encoder
from tunesmith.table.target import TaskKind
from tunesmith.table.target_scale import AS_THEY_ARE, TargetScale

ROWS = 61


@pytest.fixture(scope="session")
def text():
    """Return a table as it is read: every cell a string."""
    chance = stream(5, "text")
    height = [f"{value:.2f}" for value in chance.normal(170, 11, ROWS)]
    height[7] = height[23] = ""
    colour = chance.choice(["red", "green", "größer blue", ""], ROWS).tolist()
    floor = chance.integers(-3, 17, ROWS).astype(str).tolist()
    return pl.DataFrame({"height": height, "colour": colour, "floor": floor})


@pytest.fixture(scope="session")
def trained(text):
    """Return a function that trains a network for 3 epochs: the training and its model."""
    table = type_columns(text)
    encoder = fit_encoder(table, text.columns, np.arange(ROWS - 13), normalize="robust")
    x = encoder.transform(table)

    def make(activation=Activation.RELU, batch_norm=True, task=TaskKind.CLASSIFICATION):
        classes = ("low", "mid, or so", "high") if task is TaskKind.CLASSIFICATION else ()
        outputs = len(classes) or 1
        network = Network(
            inputs=encoder.numbers,
            categories=encoder.categories,
            hidden=(7, 5),
            outputs=outputs,
            activation=activation,
            batch_norm=batch_norm,
        )
        chance = stream(5, "goal")
        labels = chance.integers(outputs, size=ROWS)
        targets = chance.normal(size=(ROWS, 1)).astype(np.float32)
        goal = labels if classes else targets
        loss = Loss.CROSS_ENTROPY if classes else Loss.SQUARED_ERROR
        training = Training(network, Recipe(loss=loss, batch_size=9), x, goal, seed=3)
        for _ in range(3):
            training.train_epoch()
        mean, variance = training.statistics()
        model = Model(
            members=(
                Member(
                    network=network,
                    weights=training.weights.copy(),
                    mean=mean,
                    variance=variance,
                ),
            ),
            encoder=encoder,
            target="size",
            task=task,
            classes=classes,
            scale=AS_THEY_ARE if classes else TargetScale(offset=171.25, scale=0.1, high=171.5),
            about={"seed": 3, "config": {"units": 7, "learning_rate": 0.1 + 0.2}},
        )
        return training, model, x

    return make


@pytest.fixture(scope="session")
def joined(text):
    """Return a function that adds two untrained networks to a model, which spread numbers."""

    def join(model):
        x = model.encoder.transform(type_columns(text))[:, : model.encoder.numbers]
        first = model.members[0].network
        shapes = ((5, (3,), Activation.SELU, True), (9, (), Activation.RELU, False))
        more = []
        for count, hidden, activation, batch_norm in shapes:
            bins = Bins.of(x, count)
            network = replace(
                first,
                inputs=first.inputs + bins.width,
                hidden=hidden,
                activation=activation,
                batch_norm=batch_norm,
            )
            chance = stream(5, "joined", count)
            member = Member(
                network=network,
                weights=chance.normal(size=network.weight_count).astype(np.float32),
                mean=chance.normal(size=network.statistics_count).astype(np.float32),
                variance=chance.uniform(0.5, 2, network.statistics_count).astype(np.float32),
                bins=bins,
            )
            more.append(member)
        return replace(model, members=(*model.members, *more))

    return join
