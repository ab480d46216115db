"""The networks of the best trials: which are stored, and that they are found again."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tunesmith.engine.network import Network
from tunesmith.fit.metrics import METRICS
from tunesmith.fit.search_networks import FOLDER, MAX_NETWORKS, SearchNetworks, about_trial
from tunesmith.model.member import Member
from tunesmith.model.model import Model
from tunesmith.table.columns import type_columns
from tunesmith.table.encode import fit_encoder
from tunesmith.table.raw import RawTable
from tunesmith.table.target import TaskKind
from tunesmith.trial import Config, Measurement, State, Trial

CONFIG = Config({"learning_rate": 0.1 + 0.2, "units": 3, "batch_norm": False})


@pytest.fixture(scope="module")
def encoder():
    """Return an encoder of one number."""
    frame = pl.DataFrame({"a": ["1.5", "2.5", "3.25"]})
    return fit_encoder(type_columns(RawTable(frame=frame)), ["a"], np.arange(3))


def model_of(encoder, number, epoch, *, weight=0.5, config=CONFIG):
    """Return the model of a trial."""
    network = Network(inputs=1, hidden=(2,), outputs=1, batch_norm=False)
    empty = np.zeros(0, np.float32)
    weights = np.full(network.weight_count, weight, np.float32)
    return Model(
        members=(Member(network=network, weights=weights, mean=empty, variance=empty),),
        encoder=encoder,
        target="y",
        task=TaskKind.REGRESSION,
        about=about_trial(number, epoch, dict(config)),
    )


def trial_of(number, epoch, config=CONFIG):
    """Return a trial that ended after an epoch."""
    measured = (Measurement(epoch, {"rmse": 1.0}),)
    return Trial(
        number=number, config=config, epochs=epoch, state=State.DONE, measurements=measured
    )


def weight_of(networks, number, epoch=3):
    """Return the first weight of a trial's network, None where it is not stored."""
    model = networks.model(trial_of(number, epoch))
    return None if model is None else float(model.members[0].weights[0])


def filled(encoder, folder=None):
    """Return networks that are full: trial n has the metric 10 + n, so that smaller is better."""
    networks = SearchNetworks(METRICS["rmse"], folder)
    for number in range(MAX_NETWORKS):
        assert networks.wants(number, 3, 10.0 + number)
        networks.add(number, 3, 10.0 + number, model_of(encoder, number, 3, weight=number))
        networks.write(number)
    return networks


def test_the_best_few_are_stored(encoder, tmp_path):
    """A better one takes the place of the worst, in memory and in the folder."""
    networks, worst = filled(encoder, tmp_path), MAX_NETWORKS - 1
    assert not networks.wants(99, 3, 10.0 + worst + 0.5)
    assert networks.wants(99, 3, 10.5)
    networks.add(99, 3, 10.5, model_of(encoder, 99, 3, weight=0.25))
    networks.write(99)
    assert weight_of(networks, 99) == 0.25
    assert weight_of(networks, worst) is None
    assert weight_of(networks, 0) == 0.0
    files = {path.name for path in (tmp_path / FOLDER).iterdir()}
    assert files == {f"{n}.model" for n in (*range(worst), 99)}


def test_more_epochs_are_better_than_fewer(encoder):
    """However good a short training looks: the best of a study is among the long ones."""
    networks = filled(encoder)
    assert not networks.wants(50, 2, 0.001)
    assert networks.wants(51, 4, 1000.0)


def test_a_trial_has_one_place(encoder):
    """Its later network takes that of its earlier one, which then belongs to no trial."""
    networks = SearchNetworks(METRICS["rmse"])
    networks.add(7, 1, 4.0, model_of(encoder, 7, 1, weight=1.0))
    networks.add(7, 3, 5.0, model_of(encoder, 7, 3, weight=3.0))
    assert weight_of(networks, 7, epoch=3) == 3.0
    assert weight_of(networks, 7, epoch=1) is None


def test_another_run_finds_them(encoder, tmp_path):
    """From their files; one of another config or damaged is none."""
    filled(encoder, tmp_path)
    again = SearchNetworks(METRICS["rmse"], tmp_path)
    assert weight_of(again, 5) == 5.0
    assert again.model(trial_of(5, 3, Config({**CONFIG, "units": 4}))) is None
    assert again.model(trial_of(5, 2)) is None
    (tmp_path / FOLDER / "6.model").write_bytes(b"half")
    assert weight_of(again, 6) is None
    again.clear()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_takes_no_file_ends_nothing(encoder, tmp_path):
    """The network is in memory."""
    (tmp_path / FOLDER).touch()
    networks = filled(encoder, tmp_path)
    assert weight_of(networks, 2) == 2.0
    assert replace(networks.model(trial_of(2, 3)), about={}).about == {}
